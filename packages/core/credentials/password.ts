import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto'

/** OWASP's minimum for scrypt: 2^17 × 8 × 128 bytes = 128 MiB, about 0.3 s. */
const COST = { N: 2 ** 17, r: 8, p: 1 }
const KEY_BYTES = 32

/** `scrypt:<N>:<r>:<p>:<salt>:<key>`, the last two base64url: safe in a `.env` file unquoted. */
export const hashPassword = async (password: string): Promise<string> => {
  const salt = randomBytes(16)
  const key = await derive(password, salt, COST)
  return [
    'scrypt',
    COST.N,
    COST.r,
    COST.p,
    salt.toString('base64url'),
    key.toString('base64url'),
  ].join(':')
}

const SHAPE = /^scrypt:(\d{1,8}):(\d{1,3}):(\d{1,3}):([\w-]+):([\w-]+)$/

/** Whether a password can be verified by it at all. */
export const isPasswordHash = (text: string): boolean => SHAPE.test(text)

/** False for a wrong password and for a hash that is none of ours. */
export const verifyPassword = async (password: string, hash: string): Promise<boolean> => {
  const match = SHAPE.exec(hash)
  if (!match) return false
  const [, N, r, p, salt = '', key = ''] = match
  const wanted = Buffer.from(key, 'base64url')
  const cost = { N: Number(N), r: Number(r), p: Number(p) }
  const got = await derive(password, Buffer.from(salt, 'base64url'), cost)
  return got.length === wanted.length && timingSafeEqual(got, wanted)
}

const derive = (password: string, salt: Buffer, cost: typeof COST): Promise<Buffer> =>
  new Promise((resolve, reject) =>
    scrypt(
      password.normalize('NFKC'),
      salt,
      KEY_BYTES,
      { ...cost, maxmem: 256 * cost.N * cost.r },
      (error, key) => (error ? reject(error) : resolve(key)),
    ),
  )
