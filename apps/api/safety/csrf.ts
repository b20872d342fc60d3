import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'

const BYTES = 32

/** Derived from the session's secret, so it needs no table and dies with the session. */
const secretOf = (session: string): Buffer =>
  createHash('sha256').update(`csrf:${session}`).digest()

/**
 * What the forms of a session carry: the same secret under another mask each time, so that it
 * cannot be guessed from the lengths of compressed pages (BREACH).
 */
export const csrfToken = (session: string): string => {
  const mask = randomBytes(BYTES)
  return Buffer.concat([mask, xor(secretOf(session), mask)]).toString('base64url')
}

export const isCsrfToken = (given: unknown, session: string): boolean => {
  if (typeof given !== 'string' || given.length > 4 * BYTES) return false
  const bytes = Buffer.from(given, 'base64url')
  if (bytes.length !== 2 * BYTES) return false
  return timingSafeEqual(xor(bytes.subarray(BYTES), bytes.subarray(0, BYTES)), secretOf(session))
}

const xor = (a: Buffer, b: Buffer): Buffer => Buffer.from(a.map((byte, at) => byte ^ (b[at] ?? 0)))
