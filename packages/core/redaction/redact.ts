/** What stands where a secret stood. */
export const REDACTED = '[redacted]'

/** Shorter values are words and numbers of everyday output; hiding them would hide the output. */
const SECRET_LENGTH_MIN = 8

/** A redactor has seen no secret longer than this; what captures output keeps that much to spare. */
export const SECRET_LENGTH_MAX = 4_096

export type Redactor = (text: string) => string

/**
 * Hides secrets before anything is stored: the exact values given (as they are, base64 and URL
 * encoded), then what looks like a credential whoever printed it.
 */
export const createRedactor = (secrets: Iterable<string> = []): Redactor => {
  const exact = [...new Set([...secrets].filter(longEnough).flatMap(spellings))]
    .filter(longEnough)
    // A secret that contains another goes first, or its rest would stay.
    .sort((a, b) => b.length - a.length)
  return (text) => {
    let redacted = text
    for (const secret of exact) redacted = redacted.replaceAll(secret, REDACTED)
    for (const [pattern, replacement] of patterns) redacted = redacted.replace(pattern, replacement)
    return redacted
  }
}

const longEnough = (text: string): boolean => text.length >= SECRET_LENGTH_MIN

/** Base64 of a longer text holds these bytes shifted by 0, 1 or 2: the part that is always the same. */
const spellings = (secret: string): string[] => {
  const bytes = Buffer.from(secret)
  const base64 = [0, 1, 2].map((shift) => {
    const text = Buffer.concat([Buffer.alloc(shift), bytes]).toString('base64')
    const known = (shift + bytes.length) * 8
    return text.slice(Math.ceil((shift * 8) / 6), Math.floor(known / 6))
  })
  return [
    secret,
    ...base64,
    ...base64.map((text) => text.replaceAll('+', '-').replaceAll('/', '_')),
    encodeURIComponent(secret.toWellFormed()),
    new URLSearchParams({ s: secret }).toString().slice(2),
    JSON.stringify(secret).slice(1, -1),
  ]
}

const hide = (shape: RegExp): [RegExp, string] => [shape, REDACTED]
/** Keeps what stands before it, so that a reader sees which kind of secret it was. */
const hideAfter = (shape: RegExp): [RegExp, string] => [shape, `$1${REDACTED}`]

const patterns: [RegExp, string][] = [
  hide(/-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/g),
  hideAfter(
    /\b((?:proxy-)?authorization["']?\s*[:=]\s*["']?(?:(?:bearer|basic|token|digest|negotiate)\s+)?)[^\s"',;]+/gi,
  ),
  hideAfter(/\b((?:set-)?cookie["']?\s*:\s*["']?)[^\n"']+/gi),
  hideAfter(/\b(bearer\s+)[A-Za-z0-9._~+/-]{8,}=*/gi),
  // user:password@ of a URL; the host stays. What stands before "://" is not looked at: four
  // fifths of the time of all patterns would go into it.
  hideAfter(/(:\/\/)[^\s/@:"']*:[^\s/@"']+(?=@)/g),
  hideAfter(
    /([?&;](?:[a-z0-9_-]{0,40}(?:token|secret|password|signature|api_?key|access_?key)|key|sig)=)[^\s&"'#]+/gi,
  ),
  hideAfter(
    /\b((?:[a-z0-9_-]{0,40}[_-])?(?:passwords?|passwd|secret|api[_-]?key|access[_-]?key|auth[_-]?token|access[_-]?token|refresh[_-]?token|client[_-]?secret|token)["']?\s*[:=]\s*["']?)(?!\[redacted\])[^\s"',;]{8,}/gi,
  ),
  // Our own (newToken in credentials/): a program that reads our files must not tell them.
  hide(/\bmc_[a-z_]{2,20}_[A-Za-z0-9_-]{43}/g),
  // Telegram, GitHub, GitLab, OpenAI and Anthropic, Slack, AWS, Google, Stripe, npm, JWT.
  hide(/\b\d{6,12}:[A-Za-z0-9_-]{30,}\b/g),
  hide(/\bgh[pousr]_[A-Za-z0-9]{20,}|\bgithub_pat_[A-Za-z0-9_]{20,}|\bglpat-[A-Za-z0-9_-]{16,}/g),
  hide(/\bsk-[A-Za-z0-9_-]{16,}|\b[sr]k_(?:live|test)_[A-Za-z0-9]{16,}/g),
  hide(/\bxox[abeprs]-[A-Za-z0-9-]{10,}|\bnpm_[A-Za-z0-9]{30,}|\bAIza[A-Za-z0-9_-]{30,}/g),
  hide(/\b(?:AKIA|ASIA)[A-Z0-9]{16}\b/g),
  hide(/\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*/g),
]
