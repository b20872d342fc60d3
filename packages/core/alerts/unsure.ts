const neverConnected = ['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH']

/** Whether an error of the way there proves that nothing arrived; else nobody knows. */
export const neverLeft = (error: unknown): boolean => {
  const { code, cause } = error as { code?: string; cause?: { code?: string } }
  return neverConnected.includes(code ?? cause?.code ?? '')
}
