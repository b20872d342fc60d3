import { createHmac, timingSafeEqual } from 'node:crypto'

/**
 * Whether `header` (`sha256=<hex>`, GitHub's X-Hub-Signature-256) signs these very bytes with this
 * secret. Takes the same time whatever the header says.
 */
export const isSignedBy = (secret: string, body: Buffer, header: string): boolean => {
  const expected = createHmac('sha256', secret).update(body).digest()
  const given = Buffer.from(/^sha256=([0-9a-f]{64})$/.exec(header)?.[1] ?? '', 'hex')
  return given.length === expected.length && timingSafeEqual(given, expected)
}
