import type { Database } from '@mc/db/database.ts'
import { sql } from 'kysely'
import { parseTime } from '../clock.ts'
import { plainText } from './plain-text.ts'
import type { Noun } from './word-tables.ts'

/** What is searched of a row. */
export type Document = {
  noun: Noun
  id: number
  title: string
  body: string
  at: Date
  /** Its key or name in an address. */
  ref: string
  /** todo, answered, failed, … */
  state: string
  /** Neither done nor over. */
  isOpen: boolean
}

/** A text longer than this is searched no further. */
export const TEXT_CHARS_MAX = 20_000

/** What has changed since the cursor: ids, and where to go on. Null when nothing has. */
export type News = { ids: number[]; cursor: string } | null

type Source = {
  /** `cursor` is empty at the beginning. */
  news(db: Database, cursor: string, limit: number): Promise<News>
  /** In no order; what is gone is left out. */
  documents(db: Database, ids: readonly number[]): Promise<Document[]>
}

/**
 * Postgres may commit an older number after a newer one, and a clock that was set back ends a turn
 * before the one that ended before it; so many of the newest are looked at again, whether they have
 * their words.
 */
const LATE = 500

/** A change leaves an event, so the events say which tickets have changed. */
const ticket: Source = {
  async news(db, cursor, limit) {
    const from = Number(cursor)
    const late =
      db.dialect === 'postgres'
        ? sql`or (id > ${from - LATE} and exists (select 1 from tickets t where t.id = e.ticket_id)
            and not exists (select 1 from ticket_words w where w.id = e.ticket_id))`
        : sql``
    const { rows } = await sql<{ id: number | string; ticket_id: number | string }>`
      select id, ticket_id from ticket_events e where id > ${from} ${late}
      order by id limit ${limit}`.execute(db.kysely)
    const last = rows.at(-1)
    if (!last) return null
    return {
      ids: [...new Set(rows.map((row) => Number(row.ticket_id)))],
      cursor: String(Math.max(Number(last.id), from)),
    }
  },

  async documents(db, ids) {
    const comments = db.kysely
      .selectFrom('ticket_events')
      .select(['ticket_id', 'body'])
      .where('ticket_id', 'in', [...ids])
      .where('kind', 'in', ['commented', 'counted'])
      .orderBy('id')
      .execute()
    const rows = await db.kysely
      .selectFrom('tickets')
      .select(['id', 'title', 'body', 'labels', 'status', 'updated_at', 'closed_at'])
      .where('id', 'in', [...ids])
      .execute()
    const said = Map.groupBy(await comments, (one) => one.ticket_id)
    return rows.map((row) => ({
      noun: 'ticket',
      id: row.id,
      title: row.title,
      body: plainText(
        [
          row.body,
          (JSON.parse(row.labels) as string[]).join(' '),
          ...(said.get(row.id) ?? []).map(({ body }) => body ?? ''),
        ],
        TEXT_CHARS_MAX,
      ),
      at: new Date(row.updated_at),
      ref: `MC-${row.id}`,
      state: row.status,
      isOpen: row.closed_at === null,
    }))
  },
}

/** A turn changes until it has ended. */
const turn: Source = {
  async news(db, cursor, limit) {
    const [at = '', seq = '0'] = cursor.split(' ')
    const { rows } = await sql<{ seq: number; ended_at: string }>`
      select seq, ended_at from turns
      where ended_at >= ${at} and (ended_at > ${at} or seq > ${Number(seq)})
      order by ended_at, seq limit ${limit}`.execute(db.kysely)
    const last = rows.at(-1)
    if (last)
      return { ids: rows.map((row) => Number(row.seq)), cursor: `${last.ended_at} ${last.seq}` }
    const key = sql.ref(db.dialect === 'sqlite' ? 'w.rowid' : 'w.id')
    const { rows: late } = await sql<{ seq: number | string }>`
      select seq from turns
      where seq > (select max(seq) from turns) - ${LATE} and ended_at is not null
        and not exists (select 1 from turn_words w where ${key} = turns.seq)
      order by seq limit ${limit}`.execute(db.kysely)
    return late.length === 0 ? null : { ids: late.map((row) => Number(row.seq)), cursor }
  },

  async documents(db, ids) {
    const cut = (column: string) => sql<string>`substr(${sql.ref(column)}, 1, ${TEXT_CHARS_MAX})`
    const rows = await db.kysely
      .selectFrom('turns')
      .select([
        'seq',
        'id',
        'state',
        'created_at',
        cut('text').as('said'),
        cut('reply').as('reply'),
      ])
      .where('seq', 'in', [...ids])
      .execute()
    return rows.map((row) => ({
      noun: 'turn',
      id: row.seq,
      title: row.said,
      body: plainText([row.reply], TEXT_CHARS_MAX),
      at: new Date(row.created_at),
      ref: row.id,
      state: row.state,
      isOpen: false,
    }))
  },
}

/** What an item says never changes. */
const item: Source = {
  async news(db, cursor, limit) {
    const from = Number(cursor)
    const late =
      db.dialect === 'postgres'
        ? sql`or (id > ${from - LATE} and not exists (select 1 from item_words w where w.id = i.id))`
        : sql``
    const { rows } = await sql<{ id: number | string }>`
      select id from orchestrator_inbox i where id > ${from} ${late}
      order by id limit ${limit}`.execute(db.kysely)
    const ids = rows.map((row) => Number(row.id))
    const last = ids.at(-1)
    return last === undefined ? null : { ids, cursor: String(Math.max(last, from)) }
  },

  async documents(db, ids) {
    const rows = await db.kysely
      .selectFrom('orchestrator_inbox')
      .select([
        'id',
        'source_type',
        'source_id',
        'message',
        'detail',
        'status',
        'kind',
        'created_at',
      ])
      .where('id', 'in', [...ids])
      .execute()
    return rows.map((row) => ({
      noun: 'item',
      id: Number(row.id),
      title: row.message.slice(0, TEXT_CHARS_MAX),
      body: plainText([row.source_id, excerptOf(row.detail), row.source_type], TEXT_CHARS_MAX),
      at: parseTime(row.created_at) ?? new Date(0),
      ref: String(row.id),
      state: row.kind ?? row.status ?? 'pending',
      isOpen: row.status === 'pending' || row.status === 'claimed' || row.status === null,
    }))
  },
}

const excerptOf = (detail: string | null): string => {
  if (detail === null) return ''
  try {
    const { excerpt } = JSON.parse(detail) as { excerpt?: unknown }
    return typeof excerpt === 'string' ? excerpt : ''
  } catch {
    // Another program wrote it, and not as JSON: then it is all text.
    return detail
  }
}

export const sources: Record<Noun, Source> = { ticket, turn, item }
