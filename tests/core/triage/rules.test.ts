import type { Item } from '@mc/core/inbox/item.ts'
import { fallback } from '@mc/core/triage/fallback.ts'
import { floorFor, triage } from '@mc/core/triage/triage.ts'
import { both, covers } from '@mc/core/triage/verdict.ts'
import t from 'tap'
import { anItem } from '../../support/items.ts'

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
    'a delegated ticket that is done is silent',
    { source: 'pickup', kind: 'ok', detail: { ticket: 'MC-1' } },
    'silent',
    'delegated',
  ],
  [
    'a delegated ticket that failed alerts and opens no other ticket',
    { source: 'pickup', detail: { ticket: 'MC-1', consecutiveFailures: 3 } },
    'alert',
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
