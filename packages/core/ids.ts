import { randomBytes } from 'node:crypto'

/** `bytes` random bytes as hex. */
export const randomHex = (bytes: number): string => randomBytes(bytes).toString('hex')
