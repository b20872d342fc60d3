import type { Database } from '@mc/db/database.ts'
import { lockName } from '@mc/db/lock.ts'
import { sql } from 'kysely'
import { type Clock, inboxTime, parseTime } from '../clock.ts'

/** A transaction that began before and commits after: so long ago all have ended. */
const GRACE_MS = 30_000
const AT_ONCE = 2_000
/** Of a day no more sources are told apart; the others are counted together. */
const SOURCES_MAX = 200
/** Nor more posters: the name is theirs to choose, and is kept for good. */
const POSTERS_MAX = 50
/** What the other posters of a day are counted as. */
const OTHER_POSTERS = 'others'
/** Older days are counted without their sources: a year costs a few thousand rows. */
const SOURCES_KEPT_DAYS = 92
/** A count in a page looks at no more rows than this. */
const UNCOUNTED_MAX = 2_000

export type DayCount = {
  /** `YYYY-MM-DD` on this machine's clock. */
  day: string
  source: string
  /** Empty where there was none, as in the next three. */
  sourceId: string
  kind: string
  verdict: string
  decidedBy: string
  items: number
}

const ends = ['processed', 'ignored'] as const

/**
 * How many items were settled each day, by source and decision, so that a report reads a few
 * hundred rows whatever was settled, and its numbers outlive the items. Items are counted after the
 * fact, each once, in the order in which they were settled; settling pays next to nothing for it.
 * What a correction changed later stays counted as it was first decided.
 */
export const createTally = (db: Database, clock: Clock) => ({
  /** Counts on from where the last count ended. False when there is more to count. */
  async countOn(): Promise<boolean> {
    const upTo = inboxTime(new Date(clock.now().getTime() - GRACE_MS))
    let whole = true
    for (const status of ends) whole = (await countSome(db, status, upTo)) && whole
    return whole
  },

  /** The days from `from` to `to`, both included, with what is settled and not counted yet. */
  async days(from: string, to: string): Promise<{ counts: DayCount[]; isWhole: boolean }> {
    const rows = await db.kysely
      .selectFrom('item_days')
      .selectAll()
      .where('day', '>=', from)
      .where('day', '<=', to)
      .execute()
    const late = await Promise.all(ends.map((status) => uncounted(db, status)))
    const rest = late
      .flatMap(({ counts }) => counts)
      .filter((one) => one.day >= from && one.day <= to)
    return {
      counts: [...rows.map(toDayCount), ...rest],
      isWhole: late.every((one) => one.isWhole),
    }
  },

  /** All that was ever decided, by decision. */
  async decisions(): Promise<{ decidedBy: string; verdict: string; items: number }[]> {
    const rows = await db.kysely
      .selectFrom('item_days')
      .select(['decided_by', 'verdict'])
      .select((eb) => eb.fn.sum<number>('items').as('items'))
      .groupBy(['decided_by', 'verdict'])
      .execute()
    const late = (await Promise.all(ends.map((status) => uncounted(db, status)))).flatMap(
      ({ counts }) => counts,
    )
    const sums = new Map<string, { decidedBy: string; verdict: string; items: number }>()
    for (const one of [
      ...rows.map((row) => ({
        decidedBy: row.decided_by,
        verdict: row.verdict,
        items: Number(row.items),
      })),
      ...late,
    ]) {
      const key = `${one.decidedBy}\n${one.verdict}`
      const sum = sums.get(key) ?? { decidedBy: one.decidedBy, verdict: one.verdict, items: 0 }
      sums.set(key, { ...sum, items: sum.items + one.items })
    }
    return [...sums.values()]
  },

  /** Days that are long ago keep their numbers and lose their sources. */
  condense: (): Promise<void> =>
    db.transaction(async (tx) => {
      const before = dayOf(new Date(clock.now().getTime() - SOURCES_KEPT_DAYS * 86_400_000))
      // Added is what was really taken away: another process may do the same.
      const old = await tx.kysely
        .deleteFrom('item_days')
        .where('day', '<', before)
        .where('source_id', '<>', '')
        .returningAll()
        .execute()
      if (old.length === 0) return
      await add(
        tx,
        old.map((row) => ({ ...toDayCount(row), sourceId: '' })),
      )
    }),
})

export type Tally = ReturnType<typeof createTally>

/** `YYYY-MM-DD` on this machine's clock. */
export const dayOf = (at: Date): string => {
  const two = (number: number) => String(number).padStart(2, '0')
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`
}

type Settled = {
  id: number
  processed_at: string | null
  source_type: string
  source_id: string | null
  kind: string | null
  verdict: string | null
  decided_by: string | null
}

const settledColumns = (db: Database) =>
  db.kysely
    .selectFrom('orchestrator_inbox')
    .select(
      (['id', 'processed_at', 'source_type', 'source_id', 'kind'] as const).map(
        (column) => `orchestrator_inbox.${column}` as const,
      ),
    )
    .select([firstSaid('verdict').as('verdict'), firstSaid('decided_by').as('decided_by')])

/** As it was before a person called it wrong: that is what the correction is held against. */
const firstSaid = (column: 'verdict' | 'decided_by') => {
  const own = sql.ref<string | null>(`orchestrator_inbox.${column}`)
  return sql<string | null>`case when orchestrator_inbox.decided_by = 'person' then coalesce((
    select first.${sql.ref(column)} from corrections first
    where first.item_id = orchestrator_inbox.id order by first.id limit 1), ${own}) else ${own} end`
}

const settledAfter = async (
  db: Database,
  status: (typeof ends)[number],
  mark: { processed_at: string; item_id: number } | undefined,
  limit: number,
  upTo?: string,
): Promise<Settled[]> => {
  let query = settledColumns(db)
    .where('status', '=', status)
    .where('processed_at', 'is not', null)
    .orderBy('processed_at')
    .orderBy('id')
    .limit(limit)
  if (mark)
    query = query.where(sql<boolean>`(processed_at, id) > (${mark.processed_at}, ${mark.item_id})`)
  if (upTo) query = query.where('processed_at', '<=', upTo)
  return query.execute()
}

const markOf = (db: Database, status: string) =>
  db.kysely.selectFrom('items_counted').selectAll().where('status', '=', status).executeTakeFirst()

/**
 * True when all of this end are counted now. Items are read before the transaction, so that nobody
 * waits for a long look; whoever counted them meanwhile has moved the mark, and then nothing is added.
 */
const countSome = async (
  db: Database,
  status: (typeof ends)[number],
  upTo: string,
): Promise<boolean> => {
  const mark = await markOf(db, status)
  const rows = await settledAfter(db, status, mark, AT_ONCE, upTo)
  const last = rows.at(-1)
  if (!last?.processed_at) return true
  const next = { processed_at: last.processed_at, item_id: last.id }
  const counts = countsOf(rows)
  await db.transaction(async (tx) => {
    await lockName(tx, 'audit.tally')
    const now = await markOf(tx, status)
    if (now?.item_id !== mark?.item_id || now?.processed_at !== mark?.processed_at) return
    await add(tx, await withinSources(tx, counts))
    await tx.kysely
      .insertInto('items_counted')
      .values({ status, ...next })
      .onConflict((conflict) => conflict.column('status').doUpdateSet(next))
      .execute()
  })
  return rows.length < AT_ONCE
}

/**
 * Takes a settled item out of the counts again, in the caller's transaction, when it is in them:
 * about to end anew, it would be counted twice. Its old count may stand among the others of its day.
 */
export const uncount = async (tx: Database, itemId: number): Promise<void> => {
  await lockName(tx, 'audit.tally')
  const row = await settledColumns(tx)
    .innerJoin('items_counted', 'items_counted.status', 'orchestrator_inbox.status')
    .where('orchestrator_inbox.id', '=', itemId)
    .where(
      sql<boolean>`(orchestrator_inbox.processed_at, orchestrator_inbox.id)
        <= (items_counted.processed_at, items_counted.item_id)`,
    )
    .executeTakeFirst()
  const [one] = row ? countsOf([row]) : []
  if (!one) return
  for (const sourceId of new Set([one.sourceId, '']))
    for (const source of [one.source, OTHER_POSTERS]) {
      const found = await tx.kysely
        .updateTable('item_days')
        .set({ items: sql`items - 1` })
        .where('day', '=', one.day)
        .where('source_type', '=', source)
        .where('source_id', '=', sourceId)
        .where('kind', '=', one.kind)
        .where('verdict', '=', one.verdict)
        .where('decided_by', '=', one.decidedBy)
        .executeTakeFirst()
      if (found.numUpdatedRows === 0n) continue
      await tx.kysely
        .deleteFrom('item_days')
        .where('day', '=', one.day)
        .where('items', '<=', 0)
        .execute()
      return
    }
}

const uncounted = async (db: Database, status: (typeof ends)[number]) => {
  const rows = await settledAfter(db, status, await markOf(db, status), UNCOUNTED_MAX + 1)
  return {
    counts: countsOf(rows.slice(0, UNCOUNTED_MAX)),
    isWhole: rows.length <= UNCOUNTED_MAX,
  }
}

const countsOf = (rows: readonly Settled[]): DayCount[] => {
  const sums = new Map<string, DayCount>()
  for (const row of rows) {
    const one = {
      day: dayOf(parseTime(row.processed_at) ?? new Date(0)),
      source: row.source_type,
      sourceId: (row.source_id ?? '').slice(0, 200),
      kind: row.kind ?? '',
      verdict: row.verdict ?? '',
      decidedBy: row.decided_by ?? '',
    }
    const key = JSON.stringify(one)
    const sum = sums.get(key)
    if (sum) sum.items += 1
    else sums.set(key, { ...one, items: 1 })
  }
  return [...sums.values()]
}

/** A program that names each post anew, or itself, must not make a row of each. */
const withinSources = async (tx: Database, counts: DayCount[]): Promise<DayCount[]> => {
  const known = new Map<string, { posters: Set<string>; sources: Set<string> }>()
  for (const day of new Set(counts.map((one) => one.day))) {
    const rows = await tx.kysely
      .selectFrom('item_days')
      .select(['source_type', 'source_id'])
      .distinct()
      .where('day', '=', day)
      .execute()
    known.set(day, {
      // Ours have their place, however many others come first.
      posters: new Set([...ownPosters, ...rows.map((row) => row.source_type)]),
      sources: new Set(rows.map((row) => row.source_id)),
    })
  }
  const within = (names: Set<string>, name: string, max: number, other: string): string => {
    if (!names.has(name) && names.size >= max) return other
    names.add(name)
    return name
  }
  return counts.map((one) => {
    const { posters = new Set<string>(), sources = new Set<string>() } = known.get(one.day) ?? {}
    return {
      ...one,
      source: within(posters, one.source, POSTERS_MAX, OTHER_POSTERS),
      sourceId: within(sources, one.sourceId, SOURCES_MAX, ''),
    }
  })
}

const ownPosters = ['scheduler', 'pickup', 'webhook', 'self_heal', 'telegram', 'luci', 'composer']

const add = async (tx: Database, counts: readonly DayCount[]): Promise<void> => {
  for (const one of counts)
    await tx.kysely
      .insertInto('item_days')
      .values({
        day: one.day,
        source_type: one.source,
        source_id: one.sourceId,
        kind: one.kind,
        verdict: one.verdict,
        decided_by: one.decidedBy,
        items: one.items,
      })
      .onConflict((conflict) =>
        conflict
          .columns(['day', 'source_type', 'source_id', 'kind', 'verdict', 'decided_by'])
          .doUpdateSet({ items: sql`item_days.items + excluded.items` }),
      )
      .execute()
}

const toDayCount = (row: {
  day: string
  source_type: string
  source_id: string
  kind: string
  verdict: string
  decided_by: string
  items: number
}): DayCount => ({
  day: row.day,
  source: row.source_type,
  sourceId: row.source_id,
  kind: row.kind,
  verdict: row.verdict,
  decidedBy: row.decided_by,
  items: Number(row.items),
})
