import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Database } from '@mc/db/database.ts'
import { isoTime } from '../clock.ts'
import { type Item, type ItemKind, toItem, type VerdictAction } from '../inbox/item.ts'
import { historyOf } from './history.ts'
import { headlineOf } from './outcome.ts'
import type { Rule } from './rules.ts'
import { withCounts } from './streak.ts'
import { listWith, type Triage, triage } from './triage.ts'
import { nameOf } from './trouble.ts'

export type ReplayOptions = {
  /** What people wrote; without, only our own rules decide. */
  written: readonly Rule[]
  since: Date
  now: Date
  /** Only items about this task, or whatever else the poster calls it. */
  task?: string
}

/** action: something else would become of it. rule: the same, by another rule. Null: nothing new. */
export type Difference = 'action' | 'rule' | null

export type Replayed = {
  item: number
  at: string
  about: string
  kind: ItemKind | null
  message: string
  /** `action` is null while nobody has decided. */
  did: { action: VerdictAction | null; by: string | null; reason: string | null }
  would: { action: VerdictAction | 'ask'; by: string; reason: string }
  difference: Difference
}

export type Replay = {
  items: number
  /** There were older ones that were not looked at. */
  more: boolean
  since: string
  changed: number
  otherRule: number
  undecided: number
  /** How many each rule would decide, most first. `ask` stands for Luci. */
  rules: { by: string; count: number; changed: number }[]
  /** Changed ones first, then those of another rule, each newest first. */
  list: Replayed[]
}

/** A week of sixty busy tasks; more is an hour's work for somebody who waits. */
const LOOKED_AT_MAX = 20_000
const LISTED_MAX = 200
const PAGE = 500

/**
 * What the rules would make of past items, beside what became of them. Each is judged by what was
 * known when it was decided, as far as the tables tell. Acts on nothing.
 */
export const replay = async (db: Database, options: ReplayOptions): Promise<Replay> => {
  const list = listWith(options.written)
  const found: Record<'action' | 'rule' | 'same', Replayed[]> = { action: [], rule: [], same: [] }
  const counts = { items: 0, changed: 0, otherRule: 0, undecided: 0 }
  const rules = new Map<string, { count: number; changed: number }>()
  let looked = 0
  let more = false
  for await (const item of past(db, options.since)) {
    looked += 1
    if (looked > LOOKED_AT_MAX) {
      more = true
      break
    }
    if (options.task !== undefined && nameOf(item) !== options.task) continue
    const replayed = await judge(db, item, list, options.now)
    const { difference } = replayed
    counts.items += 1
    if (difference === 'action') counts.changed += 1
    if (difference === 'rule') counts.otherRule += 1
    if (replayed.did.action === null) counts.undecided += 1
    const rule = rules.get(replayed.would.by) ?? { count: 0, changed: 0 }
    rule.count += 1
    if (difference === 'action') rule.changed += 1
    rules.set(replayed.would.by, rule)
    const kept = found[difference ?? 'same']
    if (kept.length < LISTED_MAX) kept.push(replayed)
  }
  return {
    ...counts,
    more,
    since: isoTime(options.since),
    rules: [...rules]
      .map(([by, rule]) => ({ by, ...rule }))
      .sort((a, b) => b.count - a.count || (a.by < b.by ? -1 : 1)),
    list: [...found.action, ...found.rule, ...found.same].slice(0, LISTED_MAX),
  }
}

/** Newest first, a page at a time, so that others get their turn in between. */
async function* past(db: Database, since: Date): AsyncGenerator<Item> {
  let before = Number.MAX_SAFE_INTEGER
  for (;;) {
    const rows = await db.kysely
      .selectFrom('orchestrator_inbox')
      .selectAll()
      .where('id', '<', before)
      .orderBy('id', 'desc')
      .limit(PAGE)
      .execute()
    for (const row of rows) {
      const item = toItem(row)
      if (item.createdAt < since) return
      yield item
    }
    if (rows.length < PAGE) return
    before = rows.at(-1)?.id ?? 0
    await nextTurn()
  }
}

const judge = async (
  db: Database,
  found: Item,
  list: readonly Rule[],
  now: Date,
): Promise<Replayed> => {
  const item = await withCounts(db, found)
  const verdict = triage(item, await historyOf(db, item, item.processedAt ?? now), list)
  const by = byOf(verdict)
  const { action, reason } = verdict
  return {
    item: item.id,
    at: isoTime(item.createdAt),
    about: nameOf(item),
    kind: item.kind,
    message: headlineOf(item),
    did: { action: item.verdict, by: item.decidedBy, reason: item.reason },
    would: { action, by, reason },
    difference: differenceOf(item, verdict, by),
  }
}

const byOf = (verdict: Triage): string => {
  if (verdict.rule !== undefined) return `rule:${verdict.rule}`
  return 'ask'
}

const differenceOf = (item: Item, verdict: Triage, by: string): Difference => {
  if (item.verdict === null || item.decidedBy === null) return null
  const wasRule = item.decidedBy.startsWith('rule:')
  // Whoever was asked then would be asked now.
  if (verdict.action === 'ask') return wasRule ? 'action' : null
  if (verdict.action !== item.verdict) return 'action'
  return item.decidedBy === by ? null : 'rule'
}
