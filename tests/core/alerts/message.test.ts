import type { Alert } from '@mc/core/alerts/alert.ts'
import { MESSAGE_CHARS_MAX, type Telling, alertMessage as write } from '@mc/core/alerts/message.ts'
import t from 'tap'
import fc from '../../support/fast-check.ts'
import { isTelegramHtml } from '../../support/telegram-html.ts'

const alert = (over: Partial<Alert> = {}): Alert => ({
  id: 12,
  fingerprint: 'f',
  severity: 'normal',
  kind: 'failed',
  title: 'backup failed',
  text: 'exit code 1',
  itemId: null,
  ticketId: null,
  state: 'sending',
  occurrences: 1,
  createdAt: '2026-03-02T10:00:00.000Z',
  dueAt: '2026-03-02T10:00:00.000Z',
  tries: 1,
  lastError: null,
  sentAt: null,
  channelRef: null,
  acknowledgedAt: null,
  acknowledgedBy: null,
  snoozedUntil: null,
  resolvedAt: null,
  held: null,
  lastAt: '2026-03-02T10:00:00.000Z',
  repeats: 0,
  ...over,
})

const alertMessage = (alerts: Alert[], publicUrl: string | null, how: Partial<Telling> = {}) =>
  write({ alerts, ...how }, publicUrl).html

t.test('an alert carries its id, and a link only when people can follow it', async (t) => {
  t.equal(alertMessage([alert()], null), '<b>backup failed</b>\nexit code 1\n#12')
  t.match(alertMessage([alert()], 'https://desk.example'), 'href="https://desk.example/alerts')
})

t.test('text from outside is no markup, and control characters do not get through', async (t) => {
  const text = alertMessage(
    [alert({ title: '<b>x</b> & "y"', text: '</b>\u001b[31m<a>\u0007' })],
    null,
  )
  t.equal(text, '<b>&lt;b&gt;x&lt;/b&gt; &amp; &quot;y&quot;</b>\n&lt;/b&gt;[31m&lt;a&gt;\n#12')
})

t.test(
  'a message stays within the limit after escaping, and no entity is cut in two',
  async (t) => {
    const text = alertMessage(
      [alert({ title: '&'.repeat(900), text: '<😀&'.repeat(4_000) })],
      'https://d.example',
    )
    t.ok(text.length <= MESSAGE_CHARS_MAX, `${text.length} characters`)
    t.ok(text.length > MESSAGE_CHARS_MAX - 20)
    t.notMatch(text.replaceAll(/&(?:lt|gt|amp|quot);/g, ''), '&')
    t.match(text, '#12')
  },
)

t.test('many alerts are one list, and what has no room is counted', async (t) => {
  const many = Array.from({ length: 50 }, (_, n) => alert({ id: n + 1, title: '<'.repeat(160) }))
  const text = alertMessage(many, null)
  t.ok(text.length <= MESSAGE_CHARS_MAX)
  t.match(text, '50 alerts')
  const shown = [...text.matchAll(/^#\d+ /gm)].length
  t.match(text, `+${50 - shown} more`)
})

t.test('whatever the texts, both forms stay within the limit and the markup is whole', async () => {
  const text = fc.string({
    unit: fc.constantFrom('&', '<b>', '"', '😀', '\ud83d', 'e\u0301', '\n', '\u0007', 'word '),
    maxLength: 3_000,
  })
  const some = fc.array(fc.record({ title: text, text, occurrences: fc.nat(9) }), {
    minLength: 1,
    maxLength: 40,
  })
  fc.assert(
    fc.property(some, fc.boolean(), (parts, again) => {
      const alerts = parts.map((part, index) => alert({ ...part, id: index + 1 }))
      const repeated = new Set(again ? [1] : [])
      const message = write({ alerts, repeated, form: 'summary' }, 'https://desk.example/a?b&c')
      return (
        message.html.length <= MESSAGE_CHARS_MAX &&
        message.text.length <= MESSAGE_CHARS_MAX &&
        isTelegramHtml(message.html) &&
        message.html.isWellFormed() &&
        message.text.includes('#1') &&
        (!again || message.text.includes('sent again'))
      )
    }),
    { numRuns: 60 },
  )
})

t.test('an alert that may have arrived says so, and a reminder says which it is', async (t) => {
  const { text, html, title, urgent } = write(
    { alerts: [alert({ repeats: 2, kind: 'auth' })], repeated: new Set([12]) },
    'https://d.example',
  )
  t.equal(
    text,
    'backup failed\nexit code 1\n#12 · reminder 2 · sent again: it may have arrived before · https://d.example/alerts/12',
  )
  t.match(html, '<a href="https://d.example/alerts/12">open</a>')
  t.match({ title, urgent }, { title: 'backup failed', urgent: true })
})
