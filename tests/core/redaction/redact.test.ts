import { createRedactor, REDACTED } from '@mc/core/redaction/redact.ts'
import t from 'tap'

t.test('a secret is hidden as it is, in base64 at any place, and URL-encoded', async (t) => {
  const secret = 'p@ss/word+&=42'
  const redact = createRedactor([secret])
  t.equal(redact(`user ${secret} end`), `user ${REDACTED} end`)
  t.equal(redact(encodeURIComponent(secret)), REDACTED)
  t.equal(redact(`{"a":${JSON.stringify(secret)}}`), `{"a":"${REDACTED}"}`)
  for (const before of ['', 'a', 'ab', 'abc', 'user:']) {
    const text = Buffer.from(`${before}${secret}`).toString('base64')
    const shown = redact(text)
    t.match(shown, REDACTED, text)
    t.notMatch(Buffer.from(shown.replaceAll(REDACTED, ''), 'base64').toString('latin1'), 'ss/word')
  }
})

t.test('a short value is left, because it would hide words of everyday output', async (t) => {
  t.equal(createRedactor(['4700', 'prod'])('prod listens on 4700'), 'prod listens on 4700')
})

t.test('a secret that holds another is hidden whole', async (t) => {
  t.equal(createRedactor(['abcdefgh', 'abcdefgh-ijkl'])('x abcdefgh-ijkl y'), `x ${REDACTED} y`)
})

t.test('credentials of well-known shapes are hidden whoever printed them', async (t) => {
  const redact = createRedactor()
  const letters = 'abcdefghijklmnopqrstuvwxyz0123456789'
  for (const secret of [
    `mc_cli_${letters}-_ABCDE`,
    `mc_sign_in_${letters}-_ABCDE`,
    `ghp_${letters}`,
    `github_pat_${letters}`,
    `glpat-${letters}`,
    `sk-ant-${letters}`,
    ['xoxb', '123456789012', letters].join('-'),
    `AKIA${'ABCDEFGH12345678'}`,
    `AIza${letters}`,
    `npm_${letters}`,
    `1234567890:AA${letters}`,
    `eyJ${letters}.eyJ${letters}.${letters}`,
  ])
    t.equal(redact(`it said ${secret} here`), `it said ${REDACTED} here`, secret)
  for (const [text, kept] of [
    ['Authorization: Bearer abc123def456', 'Authorization: Bearer '],
    ['curl -u x https://me:hunter2@example.com/a', 'example.com/a'],
    ['GET /a?access_token=abc123&page=2', '&page=2'],
    ['DB_PASSWORD=correcthorse', 'DB_PASSWORD='],
    ['{"api_key": "abcdef123456"}', '"api_key": "'],
  ] as const) {
    const shown = redact(text)
    t.match(shown, REDACTED, text)
    t.ok(shown.includes(kept), shown)
    t.notMatch(shown, /abc123|hunter2|correcthorse|abcdef123456/)
  }
})

t.test('ordinary output is left alone', async (t) => {
  const redact = createRedactor()
  for (const text of [
    'the token expired at 10:00',
    'max_tokens: 4096',
    'fetched https://example.com/a?page=2&sort=name',
    'password: ok',
    'commit 5c9d361aa0f7c1d2e3f4a5b6c7d8e9f0a1b2c3d4',
  ])
    t.equal(redact(text), text)
})
