/** Whether the last line of an output or answer says so itself: `{"cause":"auth"}`. */
export const saysAuth = (text: string): boolean => {
  const last = text.trimEnd().split('\n').at(-1)?.trim() ?? ''
  if (!last.startsWith('{')) return false
  try {
    return (JSON.parse(last) as { cause?: unknown }).cause === 'auth'
  } catch (error) {
    // A last line that only looks like JSON says nothing.
    if (error instanceof SyntaxError) return false
    throw error
  }
}
