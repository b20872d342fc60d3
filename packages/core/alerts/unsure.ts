const neverConnected = ['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH']

/** Whether an error of the way there proves that nothing arrived; else nobody knows. */
export const neverLeft = (error: unknown): boolean => {
  const {
    code,
    cause,
    message = '',
  } = error as Error & { code?: string; cause?: { code?: string } }
  // nodemailer has a code of its own and leaves the system's in the words.
  return neverConnected.some((one) => code === one || cause?.code === one || message.includes(one))
}
