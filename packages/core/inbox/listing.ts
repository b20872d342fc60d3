import type { Database } from '@mc/db/database.ts'
import type { OrchestratorInboxTable } from '@mc/db/schema.ts'
import { type RawBuilder, type Selectable, sql } from 'kysely'
import { type Clock, inboxTime } from '../clock.ts'
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

/** States of an alert that a person has not yet reacted to. */
const unanswered = ['queued', 'sending', 'sent', 'undelivered', 'expired'] as const

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
      let query = items()
        .where('status', '=', status)
        .where('processed_at', 'is not', null)
        .orderBy('processed_at', 'desc')
        .orderBy('id', 'desc')
        .limit(limit)
      if (before)
        query = query.where(
          // As other programs wrote it, with milliseconds or without: never by way of a Date.
          sql<boolean>`(processed_at, id) < (select processed_at, id from orchestrator_inbox where id = ${before})`,
        )
      const rows = await query.execute()
      return rows.map(toItem)
    },

    /** Items whose alert nobody has reacted to yet, newest first. */
    async needingYou(limit = 50): Promise<Item[]> {
      const rows = await items()
        .where('id', 'in', (eb) =>
          eb
            .selectFrom('alerts')
            .select('item_id')
            .where('state', 'in', unanswered)
            .where('item_id', 'is not', null)
            .$castTo<{ item_id: number }>(),
        )
        .orderBy('id', 'desc')
        .limit(limit)
        .execute()
      return rows.map(toItem)
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
  }
}

export type ItemListing = ReturnType<typeof createItemListing>
