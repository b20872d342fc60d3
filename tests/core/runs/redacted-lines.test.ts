import { plainText } from '@mc/core/redaction/plain.ts'
import { createRedactor, REDACTED } from '@mc/core/redaction/redact.ts'
import { createRedactedLines } from '@mc/core/runs/redacted-lines.ts'
import t from 'tap'
import fc from '../../support/fast-check.ts'

const secret = 's3cr3t-of-the-house'
const key = `-----BEGIN PRIVATE KEY-----\n${'QUJD'.repeat(8)}\n${'REVG'.repeat(8)}\n-----END PRIVATE KEY-----`

const inPieces = (text: string, cuts: number[], secrets: string[], spareChars = 0) => {
  const lines = createRedactedLines(createRedactor(secrets), spareChars)
  const places = [...cuts.map((cut) => cut % (text.length + 1)), text.length].sort((a, b) => a - b)
  let from = 0
  let given = ''
  for (const to of places) {
    given += lines.add(text.slice(from, to))
    from = to
  }
  return given + lines.end()
}

t.test('a line is given when it has ended, not before', async (t) => {
  const lines = createRedactedLines(createRedactor([secret]))
  t.equal(lines.add('one\ntw'), 'one\n')
  t.equal(lines.add('o\n'), 'two\n')
  t.equal(lines.add(`it is ${secret.slice(0, 8)}`), '')
  t.equal(lines.add(`${secret.slice(8)} now\n`), `it is ${REDACTED} now\n`)
  t.equal(lines.add('no end'), '')
  t.equal(lines.end(), 'no end')
})

t.test('however a text is cut, what is given is what redacting the whole gives', async () => {
  const word = fc.constantFrom(
    'fine ',
    'ok\n',
    'Authorization:\n',
    'Bearer abcdefgh12345678\n',
    `${secret} `,
    encodeURIComponent(`${secret}/`),
    'token=abcdefghij ',
    `${key}\n`,
    'https://me:hunter2hunter2@example.com/ ',
    '€ 日本\n',
    '\u001b[31mred\u001b[0m\n',
    '\n',
  )
  const texts = fc.array(word, { maxLength: 40 }).map((words) => words.join(''))
  fc.assert(
    fc.property(texts, fc.array(fc.nat(), { maxLength: 20 }), (text, cuts) => {
      const whole = plainText(createRedactor([secret])(text))
      const given = inPieces(text, cuts, [secret])
      return given === whole && !given.includes(secret) && !given.includes('QUJD')
    }),
    { numRuns: 400 },
  )
})

t.test('a secret with a line break is hidden too', async (t) => {
  const two = 'first half of it\nsecond half of it'
  for (let cut = 0; cut < 60; cut++) {
    const given = inPieces(`a\nb ${two} c\nd\n`, [cut], [two], two.length)
    t.equal(given, `a\nb ${REDACTED} c\nd\n`, `cut at ${cut}`)
  }
})

t.test('a line without end is given in pieces, and no secret with them', async (t) => {
  const text = `${'x'.repeat(300)}${secret}`.repeat(600)
  const given = inPieces(text, [1_000, 40_000, 40_500, 90_000, 150_000], [secret])
  t.notMatch(given, /s3cr3t|-house/)
  t.equal(given.split(REDACTED).length, 601)
  const lines = createRedactedLines(createRedactor([secret]))
  t.ok(lines.add('y'.repeat(60_000)).length > 50_000, 'what is not a secret does not wait')
})

t.test('what cannot be cut safely is left out, not given raw', async (t) => {
  const given = inPieces(`token=${'z'.repeat(400_000)}\nend\n`, [300_000, 390_000], [])
  t.notOk(given.includes('zzzz'))
  t.match(given.slice(0, 200), /may hold a secret/)
  t.ok(given.endsWith('end\n'))
})
