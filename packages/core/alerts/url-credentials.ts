/** The name and password in an address, decoded; null when a `%` in them begins no escape. */
export const urlCredentials = (url: string): { username: string; password: string } | null => {
  const { username, password } = new URL(url)
  try {
    return { username: decodeURIComponent(username), password: decodeURIComponent(password) }
  } catch {
    // Only a malformed escape throws.
    return null
  }
}

/** What to do about it, for a person. */
export const BARE_PERCENT = 'a % of its name or password written as %25'
