import type { Database } from '@mc/db/database.ts'
import type { OrchestratorInboxTable } from '@mc/db/schema.ts'
import { type RawBuilder, type Selectable, type SqlBool, sql } from 'kysely'
import { openStates } from '../alerts/alert.ts'
import { type Clock, inboxTime } from '../clock.ts'
import { type ItemTraits, traitsWhere } from './filter.ts'
import { type Item, type ItemKind, type ItemStatus, toItem } from './item.ts'
import * as statements from './statements.ts'

export type ItemFilter = {
  status?: ItemStatus
  source?: string
  kind?: ItemKind
  /** Only items with a smaller id: the next page, newest first. */
  before?: number
  limit?: number
}

export type ItemCounts = {
  pending: number
  claimed: number
  handledToday: number
  silencedToday: number
}

export type OpenAlert = { id: number; itemId: number }

/** A part of a list; `next` is where to go on, null at its end. */
export type ItemPage = {
  items: Item[]
  next: string | null
  /** Set when the look ended before it found enough: how far back it went. */
  searchedTo: Date | null
}

export type PageQuery = ItemTraits & { cursor?: string; limit?: number }

/** A look for rare items goes through no more rows at a time: a few milliseconds. */
const LOOKED_AT_MAX = 4_000
/** Alike ones lie far apart: each is a page of its own on the disk. */
const ALIKE_LOOKED_AT_MAX = 1_500

/** The inbox as people read it; `createInbox` is for those who drain it. */
export const createItemListing = (db: Database, clock: Clock) => {
  const items = () => db.kysely.selectFrom('orchestrator_inbox').selectAll()
  const waiting = db.statement<Selectable<OrchestratorInboxTable>>(
    'listing.waiting',
    statements.waiting(db.dialect),
  )
  return {
    /** Newest first. */
    async list({ status, source, kind, before, limit = 50 }: ItemFilter = {}): Promise<Item[]> {
      let query = items().orderBy('id', 'desc').limit(limit)
      if (status) query = query.where('status', '=', status)
      if (source !== undefined) query = query.where('source_type', '=', source)
      if (kind) query = query.where('kind', '=', kind)
      // Said in as many words, these let SQLite take the partial indexes.
      if (source !== undefined && source !== 'scheduler')
        query = query.where(sql<boolean>`source_type <> 'scheduler'`)
      if (kind && kind !== 'ok') query = query.where(sql<boolean>`kind <> 'ok'`)
      if (before) query = query.where('id', '<', before)
      return (await query.execute()).map(toItem)
    },

    /** What waits, in the order it will be drained; what is being looked at comes first. */
    async waiting(limit = 50): Promise<Item[]> {
      const claimed = await items().where(sql<boolean>`status = 'claimed'`).limit(limit).execute()
      const pending = await waiting.all({ limit })
      return [...claimed, ...pending].slice(0, limit).map(toItem)
    },

    /** What was settled, latest first. `before` is the id of the last one of the page before. */
    async settled({
      status,
      before,
      limit = 50,
    }: {
      status: 'processed' | 'ignored'
      before?: number
      limit?: number
    }): Promise<Item[]> {
      const page = await this.settledPage(status, {
        limit,
        ...(before ? { cursor: String(before) } : {}),
      })
      return page.items
    },

    /** Items whose alert nobody has reacted to yet, newest first. */
    async needingYou(limit = 50): Promise<Item[]> {
      return (await this.needingPage({ limit })).items
    },

    async needingPage({ cursor, limit = 50, ...traits }: PageQuery): Promise<ItemPage> {
      const before = numberOf(cursor)
      let query = items()
        .where('id', 'in', (eb) =>
          eb
            .selectFrom('alerts')
            .select('item_id')
            .where('state', 'in', openStates)
            .where('item_id', 'is not', null)
            .$castTo<{ item_id: number }>(),
        )
        .where(traitsWhere(traits, db.dialect))
        .orderBy('id', 'desc')
        .limit(limit + 1)
      if (before) query = query.where('id', '<', before)
      return pageOf((await query.execute()).map(toItem), limit, (item) => String(item.id))
    },

    /**
     * What is being looked at, then what waits in the order of draining. Each has its own range of
     * cursors: `c.<id>`, and `<rank>.<id>`.
     */
    async waitingPage({ cursor, limit = 50, ...traits }: PageQuery): Promise<ItemPage> {
      const where = traitsWhere(traits, db.dialect)
      const isAmongClaimed = cursor === undefined || cursor.startsWith('c.')
      const found: Item[] = []
      if (isAmongClaimed) {
        const claimed = await items()
          .where(sql<boolean>`status = 'claimed'`)
          .where('id', '>', Number(cursor?.slice(2) ?? 0))
          .where(where)
          .orderBy('id')
          .limit(limit + 1)
          .execute()
        found.push(...claimed.map(toItem))
      }
      const [rankText, idText] = (isAmongClaimed ? '0.0' : cursor).split('.')
      // Rank by rank, so that each look is a range of the index the drain reads.
      for (let rank = Number(rankText); rank <= 2 && found.length <= limit; rank++) {
        const after = rank === Number(rankText) ? Number(idText) : 0
        const { rows } = await statements
          .waitingAt(db.dialect, { rank, after, where, limit: limit + 1 - found.length })
          .execute(db.kysely)
        found.push(...rows.map(toItem))
      }
      return pageOf(found, limit, ({ status, priority, id }) =>
        status === 'claimed' ? `c.${id}` : `${ranks[priority]}.${id}`,
      )
    },

    /**
     * What was settled, latest first. A look for rare traits ends after some thousand rows and says
     * how far it went; `next` goes on from there.
     */
    async settledPage(
      status: 'processed' | 'ignored',
      { cursor, limit = 50, from, to, ...traits }: PageQuery & { from?: Date; to?: Date },
    ): Promise<ItemPage> {
      const before = numberOf(cursor)
      // Alike ones are found by their own index, wherever they stand in time.
      const { fingerprint, ...others } = traits
      const by = fingerprint === undefined ? byEnd(status) : byLikeness(db.dialect, fingerprint)
      const range = sql.join(
        [
          by.where,
          ...(from ? [sql`processed_at >= ${inboxTime(from)}`] : []),
          ...(to ? [sql`processed_at < ${inboxTime(to)}`] : []),
          ...(before ? [by.before(before)] : []),
        ],
        sql` and `,
      )
      if (Object.keys(traits).length === 0) {
        const { rows } = await sql<Row>`
          select * from ${by.table} where ${range} order by ${by.order} limit ${limit + 1}`.execute(
          db.kysely,
        )
        return pageOf(rows.map(toItem), limit, (item) => String(item.id))
      }
      const where = sql<SqlBool>`status = ${sql.lit(status)} and ${traitsWhere(others, db.dialect)}`
      const { rows } = await sql<Row>`
        select * from (
          select * from ${by.table} where ${range}
          order by ${by.order} limit ${sql.lit(by.atMost)}) looked_at
        where ${where} order by ${by.order} limit ${limit + 1}`.execute(db.kysely)
      const page = pageOf(rows.map(toItem), limit, (item) => String(item.id))
      if (page.next) return page
      const { rows: edge } = await sql<Row>`
        select * from orchestrator_inbox where id = (
          select id from ${by.table} where ${range}
          order by ${by.order} limit 1 offset ${sql.lit(by.atMost - 1)})`.execute(db.kysely)
      const last = edge[0] ? toItem(edge[0]) : null
      return last ? { ...page, next: String(last.id), searchedTo: last.processedAt } : page
    },

    /**
     * Today is the day of this machine's clock and time zone. None is counted further than
     * `atMost`: a count costs its length, and nobody reads the end of a long one.
     */
    async counts(atMost: number): Promise<ItemCounts> {
      const midnight = new Date(clock.now())
      midnight.setHours(0, 0, 0, 0)
      const today = inboxTime(midnight)
      const count = (where: RawBuilder<unknown>) =>
        sql`(select count(*) from (select 1 as one from orchestrator_inbox where ${where} limit ${sql.lit(atMost)}) counted)`
      const settled = (status: string) =>
        count(
          sql`status = ${sql.lit(status)} and processed_at is not null and processed_at >= ${today}`,
        )
      const { rows } = await sql<Record<'a' | 'b' | 'c' | 'd', number | string>>`
        select ${count(sql`status = 'pending'`)} a, ${count(sql`status = 'claimed'`)} b,
          ${settled('processed')} c, ${settled('ignored')} d`.execute(db.kysely)
      return {
        pending: Number(rows[0]?.a),
        claimed: Number(rows[0]?.b),
        handledToday: Number(rows[0]?.c),
        silencedToday: Number(rows[0]?.d),
      }
    },

    /** What a run told the inbox when it ended; null before. */
    async ofRun(runId: string): Promise<Item | null> {
      const row = await items().where('run_id', '=', runId).executeTakeFirst()
      return row ? toItem(row) : null
    },

    /** The alerts of these items that nobody has reacted to yet, newest first. */
    async openAlertsOf(ids: readonly number[]): Promise<OpenAlert[]> {
      if (ids.length === 0) return []
      return db.kysely
        .selectFrom('alerts')
        .select(['id', 'item_id as itemId'])
        .where('item_id', 'in', [...ids])
        .where('state', 'in', openStates)
        .orderBy('id', 'desc')
        .$castTo<OpenAlert>()
        .execute()
    },

    /** How many items wait for a person to react, counted to `atMost`. */
    async needingCount(atMost: number): Promise<number> {
      const { rows } = await sql<{ count: number | string }>`
        select count(*) count from (
          select distinct item_id from alerts where state in (${sql.join([...openStates])})
            and item_id is not null limit ${sql.lit(atMost)}) counted`.execute(db.kysely)
      return Number(rows[0]?.count)
    },
  }
}

export type ItemListing = ReturnType<typeof createItemListing>

type Row = Selectable<OrchestratorInboxTable>

/** An order in which to look, and the index that has it. */
type Look = {
  table: RawBuilder<unknown>
  where: RawBuilder<unknown>
  order: RawBuilder<unknown>
  before(id: number): RawBuilder<unknown>
  atMost: number
}

const byEnd = (status: 'processed' | 'ignored'): Look => ({
  table: sql`orchestrator_inbox`,
  where: sql`status = ${sql.lit(status)} and processed_at is not null`,
  order: sql`processed_at desc, id desc`,
  // As other programs wrote it, with milliseconds or without: never by way of a Date.
  before: (id) =>
    sql`(processed_at, id) < (select processed_at, id from orchestrator_inbox where id = ${id})`,
  atMost: LOOKED_AT_MAX,
})

const byLikeness = (dialect: Database['dialect'], fingerprint: string): Look => ({
  // SQLite would rather walk all that ended so.
  table:
    dialect === 'sqlite'
      ? sql`orchestrator_inbox indexed by orchestrator_inbox_fingerprint`
      : sql`orchestrator_inbox`,
  where: sql`fingerprint is not null and fingerprint = ${fingerprint}`,
  order: sql`id desc`,
  before: (id) => sql`id < ${id}`,
  atMost: ALIKE_LOOKED_AT_MAX,
})

const ranks = { critical: 0, normal: 1, low: 2 }

const numberOf = (cursor: string | undefined): number | undefined =>
  cursor === undefined ? undefined : Number(cursor)

const pageOf = (found: Item[], limit: number, cursorOf: (item: Item) => string): ItemPage => {
  const page = found.slice(0, limit)
  const last = page.at(-1)
  return {
    items: page,
    next: found.length > limit && last ? cursorOf(last) : null,
    searchedTo: null,
  }
}
