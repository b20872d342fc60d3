import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Item } from '@mc/core/inbox/item.ts'
import { fallback } from '@mc/core/triage/fallback.ts'
import { type History, noHistory } from '@mc/core/triage/history.ts'
import { floorFor, listWith, triage } from '@mc/core/triage/triage.ts'
import { floodTrouble } from '@mc/core/triage/trouble.ts'
import { both, covers } from '@mc/core/triage/verdict.ts'
import t from 'tap'
import { anItem } from '../../support/items.ts'
import { projectFolder } from '../../support/tasks.ts'

/** What is posted, what becomes of it, by which rule. */
const table: [sentence: string, item: Partial<Item>, action: string, rule: string | null][] = [
  ['a refused credential alerts at once', { kind: 'auth' }, 'alert', 'auth'],
  ['a routine success is silent', { kind: 'ok' }, 'silent', 'routine_success'],
  [
    'a recovery is silent here; who was told hears of it',
    { kind: 'ok', detail: { recoveredFrom: { fingerprints: ['v1:a'], failures: 4 } } },
    'silent',
    'recovered',
  ],
  ['a first failure is for Luci', { detail: { consecutiveFailures: 1 } }, 'ask', null],
  ['a second failure is for Luci', { detail: { consecutiveFailures: 2 } }, 'ask', null],
  [
    'a third in a row is a ticket',
    { detail: { consecutiveFailures: 3 } },
    'ticket',
    'repeated_failure',
  ],
  [
    'a third of one kind is a ticket',
    { detail: { sameFingerprint: 3 } },
    'ticket',
    'repeated_failure',
  ],
  [
    'a third timeout is a ticket',
    { kind: 'timeout', detail: { consecutiveFailures: 3 } },
    'ticket',
    'repeated_failure',
  ],
  [
    'a third refused credential is still an alert',
    { kind: 'auth', detail: { consecutiveFailures: 3 } },
    'alert',
    'auth',
  ],
  ['a skip is silent', { kind: 'skipped', priority: 'low' }, 'silent', 'skipped'],
  ['a critical skip is for Luci', { kind: 'skipped', priority: 'critical' }, 'ask', null],
  ['a stuck task is a ticket', { kind: 'stuck' }, 'ticket', 'stuck'],
  ['missed fires are for Luci', { kind: 'missed' }, 'ask', null],
  [
    'a missed fire that its task lets go is silent',
    { kind: 'missed', detail: { catchUp: 'skip', fires: { count: 1 } } },
    'silent',
    'missed_on_purpose',
  ],
  [
    'a critical one that its task lets go alerts',
    { kind: 'missed', priority: 'critical', detail: { catchUp: 'skip', fires: { count: 1 } } },
    'alert',
    'missed_on_purpose',
  ],
  [
    'many that its task lets go are a ticket',
    { kind: 'missed', detail: { catchUp: 'skip', fires: { count: 3 } } },
    'ticket',
    'missed',
  ],
  ['an interruption is for Luci', { kind: 'interrupted' }, 'ask', null],
  ['what healed itself is silent', { kind: 'self_heal' }, 'silent', 'self_heal'],
  [
    'what heals itself again and again is a ticket',
    { kind: 'self_heal', detail: { sameFingerprint: 3 } },
    'ticket',
    'self_heal',
  ],
  [
    'a worker that stopped beating alerts',
    { kind: 'self_heal', detail: { worker: 'api', state: 'stale' } },
    'alert',
    'silent_worker',
  ],
  [
    'a rules file with mistakes alerts',
    { source: 'pickup', sourceId: 'triage-file', kind: 'failed', detail: {} },
    'alert',
    'file_mistakes',
  ],
  [
    'a delegated ticket that is done is silent',
    { source: 'pickup', kind: 'ok', detail: { ticket: 'MC-1' } },
    'silent',
    'delegated',
  ],
  [
    'a delegated ticket that failed alerts, and its own ticket is told',
    { source: 'pickup', detail: { ticket: 'MC-1', consecutiveFailures: 3 } },
    'alert+ticket',
    'delegated',
  ],
  [
    'a delegated ticket whose worker was cancelled is silent',
    { source: 'pickup', kind: 'note', detail: { ticket: 'MC-1' } },
    'silent',
    'delegated',
  ],
  [
    'what the scheduler told directly is not told again',
    { detail: { told: ['alert'], consecutiveFailures: 1 } },
    'alert',
    'already_told',
  ],
  [
    'a plain row of another program is for Luci',
    { source: 'cron', sourceId: null, kind: null, message: 'hello' },
    'ask',
    null,
  ],
  ['a note is for Luci', { kind: 'note' }, 'ask', null],
  [
    'an item tried too often is set aside with an alert',
    { kind: 'ok', tries: 5 },
    'alert',
    'set_aside',
  ],
]

for (const [sentence, item, action, rule] of table)
  t.test(sentence, async (t) => {
    const verdict = triage(anItem(item))
    t.equal(verdict.action, action)
    t.equal('rule' in verdict ? verdict.rule : null, rule)
    t.match(verdict.reason, /\w{2}/)
  })

const now = new Date('2026-03-02T12:00:00Z')
const alternating = Array.from({ length: 21 }, (_, n) => n % 2 === 0)
const mute = (fingerprint: string) => ({
  tickets: new Map([
    [
      fingerprint,
      { key: 'MC-7', open: false, updatedAt: '', mutedUntil: '2026-03-05T12:00:00.000Z' },
    ],
  ]),
})
const openTicket = (updatedAt: string) => (fingerprint: string) => ({
  tickets: new Map([[fingerprint, { key: 'MC-8', open: true, updatedAt, mutedUntil: null }]]),
})
const plainRow = { source: 'nas', sourceId: null, kind: null, message: 'item 17' }
const flood = floodTrouble(anItem(plainRow)).fingerprint

/** The same with what was known beside the item. */
const withHistory: [
  sentence: string,
  item: Partial<Item>,
  history: Partial<History>,
  action: string,
  rule: string | null,
][] = [
  [
    'what flaps is a ticket',
    { detail: { task: 'a' } },
    { outcomes: [false, false, false, true, false, false, true, false, false, false, true] },
    'ticket',
    'flapping',
  ],
  [
    'what flaps and fails half the time alerts too',
    { detail: { task: 'a' } },
    { outcomes: alternating },
    'alert+ticket',
    'flapping',
  ],
  [
    'seven outcomes are too few to flap',
    { detail: { consecutiveFailures: 1 } },
    { outcomes: alternating.slice(0, 7).map((failed) => !failed) },
    'ask',
    null,
  ],
  [
    'a recovery of what flaps is no news',
    { kind: 'ok', detail: { recoveredFrom: { failures: 1 } } },
    { outcomes: alternating },
    'silent',
    'flapping',
  ],
  [
    'five failures of ten alert before they flap',
    { detail: { consecutiveFailures: 2 } },
    { outcomes: [true, true, false, true, false, true, true] },
    'alert',
    'often_failing',
  ],
  [
    'four of ten do not',
    { detail: { consecutiveFailures: 1 } },
    { outcomes: [true, true, false, true, false, false, true] },
    'ask',
    null,
  ],
  [
    'three in a row are a ticket, however often it failed before',
    { detail: { consecutiveFailures: 3 } },
    { outcomes: [true, true, true, true, true, true] },
    'ticket',
    'repeated_failure',
  ],
  [
    'a refused credential alerts even if it flaps',
    { kind: 'auth' },
    { outcomes: alternating },
    'alert',
    'auth',
  ],
  [
    'what a person closed as won’t fix is silent',
    { fingerprint: 'v1:a', detail: { consecutiveFailures: 5 } },
    mute('v1:a'),
    'silent',
    'wont_fix',
  ],
  [
    'also under the name of its task',
    { fingerprint: 'v1:b', detail: { task: 't', consecutiveFailures: 5 } },
    mute('task:t'),
    'silent',
    'wont_fix',
  ],
  [
    'unless it is critical',
    { fingerprint: 'v1:a', priority: 'critical', detail: { consecutiveFailures: 5 } },
    mute('v1:a'),
    'alert+ticket',
    'repeated_failure',
  ],
  [
    'or a refused credential',
    { kind: 'auth', fingerprint: 'auth:x' },
    mute('auth:x'),
    'alert',
    'auth',
  ],
  [
    'another trouble is not muted',
    { fingerprint: 'v1:b', detail: { consecutiveFailures: 5 } },
    mute('v1:a'),
    'ticket',
    'repeated_failure',
  ],
  [
    'what was acknowledged a day ago and still fails is told again',
    { detail: { consecutiveFailures: 40 } },
    { acknowledgedAt: '2026-03-01T11:00:00.000Z' },
    'alert+ticket',
    'still_failing',
  ],
  [
    'a second failure after that too',
    { detail: { consecutiveFailures: 2 } },
    { acknowledgedAt: '2026-03-01T11:00:00.000Z' },
    'alert',
    'still_failing',
  ],
  ['ten like rows are a flood', plainRow, { alike: 10 }, 'ticket', 'flood'],
  ['nine are for Luci', plainRow, { alike: 9 }, 'ask', null],
  [
    'a flood of successes is routine',
    { ...plainRow, kind: 'ok' },
    { alike: 40 },
    'silent',
    'routine_success',
  ],
  [
    'a flood that goes on is counted where it began',
    plainRow,
    { alike: 1, ...openTicket('2026-03-02T11:30:00.000Z')(flood) },
    'ticket',
    'flood',
  ],
  [
    'one that ended an hour ago is over',
    plainRow,
    { alike: 1, ...openTicket('2026-03-02T10:30:00.000Z')(flood) },
    'ask',
    null,
  ],
  [
    'a flood that a person does not want is silent',
    plainRow,
    { alike: 10, ...mute(flood) },
    'silent',
    'flood',
  ],
  [
    'a critical flood alerts too',
    { ...plainRow, priority: 'critical' },
    { alike: 10 },
    'alert+ticket',
    'flood',
  ],
  [
    'fires that three tasks missed are one ticket',
    { kind: 'missed' },
    { missedTogether: 3 },
    'ticket',
    'missed_together',
  ],
  [
    'fires that two tasks missed are for Luci',
    { kind: 'missed' },
    { missedTogether: 2 },
    'ask',
    null,
  ],
  [
    'three fires of one task are a ticket',
    { kind: 'missed', detail: { fires: { count: 3 } } },
    {},
    'ticket',
    'missed',
  ],
  [
    'a monitor’s word that something is down alerts',
    { source: 'webhook', sourceId: 'uptime-kuma' },
    {},
    'alert',
    'webhook',
  ],
  [
    'what it says of many at once alerts too',
    { source: 'webhook', fingerprint: null },
    { alike: 12 },
    'alert+ticket',
    'flood',
  ],
  [
    'many of low priority do not',
    { source: 'webhook', fingerprint: null, priority: 'low' },
    { alike: 12 },
    'ticket',
    'flood',
  ],
  [
    'its third in a row is a ticket',
    { source: 'webhook', detail: { sameFingerprint: 3 } },
    {},
    'ticket',
    'repeated_failure',
  ],
  [
    'a failure of low priority is for Luci',
    { source: 'webhook', priority: 'low' },
    {},
    'ask',
    null,
  ],
  ['a monitor’s note is for Luci', { source: 'webhook', kind: 'note' }, {}, 'ask', null],
  [
    'a note of low priority is silent',
    { source: 'webhook', kind: 'note', priority: 'low' },
    {},
    'silent',
    'webhook',
  ],
  [
    'what a monitor says works again is a recovery',
    { source: 'webhook', kind: 'ok', detail: { recoveredFrom: { fingerprint: 'f' } } },
    {},
    'silent',
    'recovered',
  ],
  [
    'a critical success interrupts nobody',
    { kind: 'ok', priority: 'critical' },
    {},
    'silent',
    'routine_success',
  ],
  [
    'what critical did by healing itself is told',
    { kind: 'self_heal', priority: 'critical' },
    {},
    'alert',
    'self_heal',
  ],
]

for (const [sentence, item, history, action, rule] of withHistory)
  t.test(sentence, async (t) => {
    const verdict = triage(anItem(item), { ...noHistory(now), ...history })
    t.equal(verdict.action, action)
    t.equal('rule' in verdict ? verdict.rule : null, rule)
    t.match(verdict.reason, /\w{2}/)
  })

t.test('every rule has a name of its own and a sentence', async (t) => {
  const all = listWith([])
  t.equal(new Set(all.map(({ name }) => name)).size, all.length)
  for (const { name, sentence } of all) t.match(sentence, /^[A-Z].{20,}\.$/, name)
})

t.test('the docs list every rule in its order, in its own words', async (t) => {
  const docs = readFileSync(join(projectFolder, 'docs', 'triage.md'), 'utf8')
  const rows = listWith([]).map(({ name, sentence }) => `| \`${name}\` | ${sentence} |`)
  t.same(
    docs.split('\n').filter((line) => /^\| `\w+` \| [A-Z].*\. \|$/.test(line)),
    rows,
  )
})

t.test('detail of the wrong shape decides nothing and breaks nothing', async (t) => {
  for (const detail of [
    { consecutiveFailures: '3' },
    { consecutiveFailures: -3 },
    { consecutiveFailures: Number.NaN },
    { told: 'alert' },
    { told: ['shell'] },
    { recoveredFrom: 'yes' },
  ])
    t.equal(triage(anItem({ detail })).action, 'ask')
})

t.test('nobody decides less than an alert for what is critical', async (t) => {
  t.equal(floorFor(anItem({ priority: 'critical' })), 'alert')
  t.equal(floorFor(anItem({ priority: 'normal' })), 'silent')
  t.match(triage(anItem({ kind: null, priority: 'critical' })), { action: 'ask', floor: 'alert' })
})

t.test(
  'without Luci a first failure alerts, a third is a ticket, the unknown is a ticket',
  async (t) => {
    const of = (item: Partial<Item>, told = false) => fallback(anItem(item), 'silent', told).action
    t.equal(of({ detail: { consecutiveFailures: 1 } }), 'alert')
    t.equal(of({ detail: {} }), 'alert')
    t.equal(of({ detail: { consecutiveFailures: 2 } }, true), 'silent')
    t.equal(of({ detail: { consecutiveFailures: 2 } }), 'alert', 'nobody heard of the first')
    t.equal(of({ detail: { consecutiveFailures: 3 } }), 'ticket')
    t.equal(of({ kind: null }), 'ticket')
    t.equal(of({ kind: 'missed' }), 'ticket')
    t.equal(fallback(anItem({ kind: null }), 'alert', false).action, 'alert+ticket')
  },
)

t.test('a ticket does not cover an alert, nor an alert a ticket', async (t) => {
  t.notOk(covers('ticket', 'alert'))
  t.notOk(covers('alert', 'ticket'))
  t.ok(covers('alert+ticket', 'alert'))
  t.ok(covers('ticket', 'silent'))
  t.equal(both('ticket', 'alert'), 'alert+ticket')
  t.equal(both('silent', 'ticket'), 'ticket')
  t.equal(both('alert+ticket', 'alert'), 'alert+ticket')
})
