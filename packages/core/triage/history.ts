import type { Database } from '@mc/db/database.ts'
import { inboxTime, isoTime, parseTime } from '../clock.ts'
import type { Item, ItemKind } from '../inbox/item.ts'
import { isFailure, type RunStatus, runStatuses } from '../runs/run.ts'
import { mutedUntil } from '../tickets/filing.ts'
import { ticketKey } from '../tickets/ticket.ts'
import { OUTCOMES_MAX } from './flapping.ts'
import * as statements from './history-statements.ts'
import { fingerprintFor, isFailureKind, outcomeOf } from './outcome.ts'
import { streakOf } from './streak.ts'
import {
  downtimeTrouble,
  flappingTrouble,
  floodKey,
  floodTrouble,
  subjectOf,
  taskTrouble,
} from './trouble.ts'

/** What the desk knew when it decided about an item: all that rules go by beside the item itself. */
export type History = {
  /** The moment of the decision. */
  now: Date
  /** How the same thing went, oldest first, this time last; true: it failed. */
  outcomes: readonly boolean[]
  /** Like rows of the same poster within ten minutes, this one included; 0 when nobody counted. */
  alike: number
  /** Tasks that missed fires within ten minutes, this one included. */
  missedTogether: number
  /** The last ticket of each trouble that it may be a part of, by fingerprint. */
  tickets: ReadonlyMap<string, PastTicket>
  /** A person acknowledged its alert a day ago, and it is not over. */
  acknowledgedAt: string | null
}

export type PastTicket = {
  key: string
  open: boolean
  updatedAt: string
  /** A person does not want to hear of it until then; null when nobody said so. */
  mutedUntil: string | null
}

/** For what is decided by itself alone. */
export const noHistory = (now: Date): History => ({
  now,
  outcomes: [],
  alike: 0,
  missedTogether: 0,
  tickets: new Map(),
  acknowledgedAt: null,
})

/** An acknowledgement leaves a person alone for so long. */
export const ACKNOWLEDGED_FOR_MS = 24 * 3_600_000
const NEAR_MS = 10 * 60_000
const NEAR_MAX = 40

/**
 * Gathers an item's history: in a few reads on indexes, and none at all for what is routine.
 * `now` may lie in the past: then it is what was known then, as far as the tables tell.
 */
export const historyOf = async (db: Database, item: Item, now: Date): Promise<History> => {
  const history = noHistory(now)
  const isFailing = isFailureKind(item.kind)
  if (item.kind === 'ok' || item.kind === 'skipped' || item.kind === 'auth')
    return outcomeOf(item).recoveredFrom === null
      ? history
      : { ...history, outcomes: await outcomesOf(db, item) }
  return {
    ...history,
    outcomes: isFailing ? await outcomesOf(db, item) : [],
    alike: item.source === 'scheduler' ? 0 : await alikeOf(db, item, now),
    missedTogether: item.kind === 'missed' ? await missedWith(db, item, now) : 0,
    tickets: await ticketsOf(db, item, now),
    acknowledgedAt: isFailing ? await acknowledgedOf(db, item, now) : null,
  }
}

const ranWell: readonly RunStatus[] = ['ok']
const ended = runStatuses.filter((status) => isFailure(status) || ranWell.includes(status))

/** How the thing went that an item is about, up to this time. */
export const outcomesOf = async (db: Database, item: Item): Promise<boolean[]> => {
  const isCounted = item.source === 'scheduler' || item.fingerprint !== null
  return isCounted ? lastOutcomes(db, subjectOf(item), item) : []
}

/**
 * How a subject went, oldest first; true: it failed. Of a task, its runs; of what other programs
 * post, the items under their fingerprint. `upTo`: that item is the last one looked at.
 */
export const lastOutcomes = async (
  db: Database,
  subject: string,
  upTo?: Pick<Item, 'id' | 'runId'>,
): Promise<boolean[]> => {
  if (subject.startsWith('task:')) {
    const rows = await db
      .statement<{ status: string }>('triage.runs', statements.lastRuns(ended, OUTCOMES_MAX))
      .all({ task: subject.slice('task:'.length), run_id: upTo?.runId ?? '' })
    return rows.map(({ status }) => isFailure(status as RunStatus)).reverse()
  }
  const rows = await db
    .statement<{ kind: string }>('triage.items', statements.lastOutcomes(OUTCOMES_MAX))
    .all({ fingerprint: subject, id: upTo?.id ?? Number.MAX_SAFE_INTEGER })
  return rows.map(({ kind }) => isFailureKind(kind as ItemKind)).reverse()
}

type Row = {
  source_id: string | null
  kind: string | null
  fingerprint: string | null
  message: string
  created_at: string | null
}

const isNear = (item: Item) => (row: Pick<Row, 'created_at'>) => {
  const at = parseTime(row.created_at)
  return at !== null && Math.abs(at.getTime() - item.createdAt.getTime()) <= NEAR_MS
}

const alikeOf = async (db: Database, item: Item, now: Date): Promise<number> => {
  const params = { source: item.source, id: item.id }
  const before = await db.statement<Row>('triage.before', statements.before(NEAR_MAX)).all(params)
  const after = await db
    .statement<Row>('triage.after', statements.after(NEAR_MAX))
    .all({ ...params, now: inboxTime(now) })
  const own = floodKey(item)
  const isLike = (row: Row) =>
    item.fingerprint
      ? row.fingerprint === item.fingerprint
      : row.fingerprint === null &&
        floodKey({
          source: item.source,
          sourceId: row.source_id,
          kind: row.kind as ItemKind | null,
          message: row.message,
        }) === own
  return 1 + [...before, ...after].filter(isNear(item)).filter(isLike).length
}

const missedWith = async (db: Database, item: Item, now: Date): Promise<number> => {
  const rows = await db
    .statement<Row>('triage.missed', statements.missedAround(NEAR_MAX))
    .all({ id: item.id, now: inboxTime(now) })
  return new Set([item.sourceId, ...rows.filter(isNear(item)).map((row) => row.source_id)]).size
}

type TicketRow = {
  id: number
  fingerprint: string
  status: string
  resolution: string | null
  updated_at: string
  closed_at: string | null
}

const ticketsOf = async (
  db: Database,
  item: Item,
  now: Date,
): Promise<ReadonlyMap<string, PastTicket>> => {
  const own = fingerprintFor(item)
  const rows = await db.statement<TicketRow>('triage.tickets', statements.lastTickets).all({
    own,
    task: taskTrouble(item) ?? own,
    flapping: flappingTrouble(item).fingerprint,
    group: (item.kind === 'missed' ? downtimeTrouble : floodTrouble(item)).fingerprint,
    now: isoTime(now),
  })
  // Oldest first, so that the last one stays.
  return new Map(
    rows
      .sort((a, b) => a.id - b.id)
      .map((row) => {
        const closedAt =
          row.closed_at !== null && row.closed_at <= isoTime(now) ? row.closed_at : null
        const { status, resolution } = row
        return [
          row.fingerprint,
          {
            key: ticketKey(row.id),
            open: closedAt === null,
            updatedAt: row.updated_at,
            mutedUntil: mutedUntil({ status, resolution, closedAt }, now),
          },
        ]
      }),
  )
}

const acknowledgedOf = async (db: Database, item: Item, now: Date): Promise<string | null> => {
  const last = await db.kysely
    .selectFrom('alerts')
    .select(['acknowledged_at', 'resolved_at'])
    .where('fingerprint', 'in', await streakOf(db, item, fingerprintFor(item)))
    .where('created_at', '<=', isoTime(now))
    .orderBy('id', 'desc')
    .limit(1)
    .executeTakeFirst()
  const dayAgo = isoTime(new Date(now.getTime() - ACKNOWLEDGED_FOR_MS))
  if (!last?.acknowledged_at || last.acknowledged_at > dayAgo) return null
  const isOver = last.resolved_at !== null && last.resolved_at <= isoTime(now)
  return isOver ? null : last.acknowledged_at
}
