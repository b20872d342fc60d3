import { createHash, timingSafeEqual } from 'node:crypto'

/** Derived from the session's secret, so it needs no table and dies with the session. */
export const csrfToken = (session: string): string =>
  createHash('sha256').update(`csrf:${session}`).digest('base64url')

export const isCsrfToken = (given: unknown, session: string): boolean => {
  if (typeof given !== 'string') return false
  const expected = Buffer.from(csrfToken(session))
  const actual = Buffer.from(given)
  return expected.length === actual.length && timingSafeEqual(expected, actual)
}
