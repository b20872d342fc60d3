import { type Item, itemKinds, priorities, verdictActions } from '@mc/core/inbox/item.ts'
import { type History, noHistory } from '@mc/core/triage/history.ts'
import { floorFor, listWith, triage } from '@mc/core/triage/triage.ts'
import { covers } from '@mc/core/triage/verdict.ts'
import {
  protectedThings,
  ruleOf,
  type WrittenRule,
  writtenActions,
} from '@mc/core/triage/written-rule.ts'
import t from 'tap'
import fc from '../../support/fast-check.ts'
import { anItem } from '../../support/items.ts'

const runs = { numRuns: 400 }
const now = new Date('2026-03-02T12:00:00Z')
const word = fc.constantFrom('a', 'b', 'scheduler', 'webhook', 'pickup', 'v1:a')
const count = fc.oneof(fc.integer({ min: -2, max: 12 }), fc.constantFrom('3', null, Number.NaN))

/** As anybody may write them: every field may be anything. */
const detail = fc.record(
  {
    task: fc.oneof(word, fc.constant(7)),
    consecutiveFailures: count,
    sameFingerprint: count,
    told: fc.oneof(fc.constant(['alert']), fc.constant(['ticket', 'x']), fc.constant('alert')),
    recoveredFrom: fc.oneof(fc.constant({ fingerprint: 'v1:a', failures: 2 }), fc.string()),
    ticket: fc.constantFrom('MC-1', ''),
    state: fc.constantFrom('stale', 'fresh'),
    fires: fc.oneof(fc.record({ count }), fc.constant('many')),
    tags: fc.oneof(fc.constant(['a']), fc.constant('a')),
  },
  { requiredKeys: [] },
)

const item: fc.Arbitrary<Item> = fc
  .record({
    source: word,
    sourceId: fc.option(word),
    message: fc.string({ maxLength: 60 }),
    kind: fc.option(fc.constantFrom(...itemKinds)),
    priority: fc.constantFrom(...priorities),
    fingerprint: fc.option(word),
    tries: fc.integer({ min: 0, max: 6 }),
    detail,
  })
  .map((fields) => anItem(fields as Partial<Item>))

const past = fc.record({
  key: fc.constant('MC-7'),
  open: fc.boolean(),
  updatedAt: fc.constantFrom('2026-03-02T11:50:00.000Z', '2026-01-01T00:00:00.000Z'),
  mutedUntil: fc.option(fc.constant('2026-03-05T00:00:00.000Z')),
})

const history: fc.Arbitrary<History> = fc
  .record({
    outcomes: fc.array(fc.boolean(), { maxLength: 63 }),
    alike: fc.integer({ min: 0, max: 40 }),
    missedTogether: fc.integer({ min: 0, max: 5 }),
    tickets: fc.array(fc.tuple(word, past)).map((entries) => new Map(entries)),
    acknowledgedAt: fc.option(fc.constant('2026-03-01T00:00:00.000Z')),
  })
  .map((fields) => ({ ...noHistory(now), ...fields }))

const some = <T extends string>(...values: T[]) => fc.subarray(values)

const written: fc.Arbitrary<WrittenRule> = fc.record({
  name: fc.constantFrom('one', 'two'),
  match: fc.record({
    source: some('scheduler', '*'),
    task: some('a', '*b*'),
    tag: some('a'),
    kind: some(...itemKinds),
    priority: some(...priorities),
    text: some('e', 'a*b'),
  }),
  action: fc.constantFrom(...writtenActions),
  until: fc.option(fc.constantFrom('2026-01-01T00:00:00.000Z', '2027-01-01T00:00:00.000Z')),
  even: some(...protectedThings),
  reason: fc.option(fc.string()),
})

const list = fc.array(written, { maxLength: 4 }).map((rules) => listWith(rules.map(ruleOf)))

t.test('whatever is posted, the rules say something known, and the same again', async () => {
  fc.assert(
    fc.property(item, history, list, (item, history, list) => {
      const verdict = triage(item, history, list)
      const known = verdict.action === 'ask' || verdictActions.includes(verdict.action)
      const again = JSON.stringify(triage(item, history, list))
      return known && verdict.reason.length > 1 && again === JSON.stringify(verdict)
    }),
    runs,
  )
})

t.test('the first rule with an opinion decides', async () => {
  fc.assert(
    fc.property(item, history, list, (item, history, list) => {
      const first = list.find(({ decide }) => decide(item, history) !== null)
      return triage(item, history, list).rule === first?.name
    }),
    runs,
  )
})

t.test(
  'our own rules are never below the floor, and always tell of a refused credential',
  async () => {
    fc.assert(
      fc.property(item, history, (item, history) => {
        const { action } = triage(item, history)
        if (action === 'ask') return item.kind !== 'auth'
        return covers(action, floorFor(item)) && (item.kind !== 'auth' || covers(action, 'alert'))
      }),
      runs,
    )
  },
)

t.test('nothing that people write goes below it without an "even"', async () => {
  const without = fc
    .array(written, { maxLength: 4 })
    .map((rules) => listWith(rules.map((rule) => ruleOf({ ...rule, even: [] }))))
  fc.assert(
    fc.property(item, history, without, (item, history, list) => {
      const verdict = triage(item, history, list)
      if (verdict.action === 'ask') return item.kind !== 'auth'
      return (
        covers(verdict.action, floorFor(item)) &&
        (item.kind !== 'auth' || covers(verdict.action, 'alert'))
      )
    }),
    runs,
  )
})
