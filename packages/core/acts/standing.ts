import type { Database } from '@mc/db/database.ts'
import type { RunStatus } from '../runs/run.ts'
import { parseTicketKey, type TicketStatus, ticketKey } from '../tickets/ticket.ts'
import type { Act } from './act.ts'

/** Marks what a ticket says of an undo: a person caused it, and did not write it. */
export const UNDOING = 'undone'

/** How that stands by now which came of an act; null or empty: there is none. */
export type Standing = {
  ticket: {
    key: string
    status: TicketStatus
    version: number
    does: string | null
    handedAt: string | null
  } | null
  /** Of its ticket, the run that waits or goes on. */
  openRun: { id: string; status: RunStatus } | null
  /** The run that came of the act itself, also when it is over. */
  ownRun: { status: RunStatus; cause: string | null } | null
  /** Of the ticket that holds a proposal's others: the keys of what is still to be done of it. */
  openParts: readonly string[]
  /** When a person last wrote on its ticket: changed its words, or commented (ISO time). */
  writtenAt: string | null
  alert: { id: number; state: string } | null
}

/** Of one ticket there is no more to say than this. */
const PARTS_NAMED_MAX = 10
/** Of all the tickets that hold others, together. */
const PARTS_READ_MAX = 500

/** How each act stands, in the order of the acts: a query a kind of fact, whatever their number. */
export const standingsOf = async (db: Database, acts: readonly Act[]): Promise<Standing[]> => {
  const ids = ticketIdsOf(acts)
  const filed = acts.filter(isFiling)
  const tickets = await readTickets(db, ids)
  const openRuns = await readOpenRuns(db, ids)
  const ownRuns = await readRuns(db, distinct(acts.flatMap(({ before }) => before?.run ?? [])))
  const parts = await readOpenParts(db, ticketIdsOf(filed.filter(holdsOthers)))
  const written = await readWritten(db, ticketIdsOf(filed))
  const alerts = await readAlerts(db, distinct(acts.flatMap((act) => alertIdOf(act) ?? [])))
  return acts.map((act) => {
    const id = ticketIdOf(act) ?? 0
    return {
      ticket: tickets.get(id) ?? null,
      openRun: openRuns.get(id) ?? null,
      ownRun: ownRuns.get(act.before?.run ?? '') ?? null,
      openParts: holdsOthers(act) ? (parts.get(id) ?? []) : [],
      writtenAt: written.get(id) ?? null,
      alert: alerts.get(alertIdOf(act) ?? 0) ?? null,
    }
  })
}

/** How one act stands. */
export const standingOf = async (db: Database, act: Act): Promise<Standing> => {
  const [standing] = await standingsOf(db, [act])
  if (!standing) throw new Error('One act has one standing')
  return standing
}

const isFiling = (act: Act): boolean => act.class === 'file_ticket'

/** Whether it filed the ticket that a proposal's others are parts of. */
const holdsOthers = (act: Act): boolean =>
  isFiling(act) && act.proposalId !== null && act.step === null

const ticketIdOf = ({ class: one, ref }: Act): number | null =>
  one === 'alert' || ref === null ? null : parseTicketKey(ref)

const ticketIdsOf = (acts: readonly Act[]): number[] =>
  distinct(acts.flatMap((act) => ticketIdOf(act) ?? []))

const alertIdOf = ({ class: one, ref }: Act): number | null =>
  one === 'alert' && ref !== null ? Number(ref) : null

const distinct = <T>(values: readonly T[]): T[] => [...new Set(values)]

const readTickets = async (
  db: Database,
  ids: readonly number[],
): Promise<Map<number, NonNullable<Standing['ticket']>>> => {
  if (ids.length === 0) return new Map()
  const rows = await db.kysely
    .selectFrom('tickets')
    .select(['id', 'status', 'version', 'does', 'handed_at'])
    .where('id', 'in', ids)
    .execute()
  return new Map(
    rows.map(({ id, status, version, does, handed_at }) => [
      Number(id),
      {
        key: ticketKey(Number(id)),
        status: status as TicketStatus,
        version,
        does,
        handedAt: handed_at,
      },
    ]),
  )
}

const readOpenRuns = async (
  db: Database,
  ids: readonly number[],
): Promise<Map<number, NonNullable<Standing['openRun']>>> => {
  if (ids.length === 0) return new Map()
  const rows = await db.kysely
    .selectFrom('runs')
    .select(['id', 'ticket_id', 'status'])
    .where('ticket_id', 'in', ids)
    .where('status', 'in', ['queued', 'running'])
    .execute()
  return new Map(
    rows.map(({ id, ticket_id, status }) => [
      Number(ticket_id),
      { id, status: status as RunStatus },
    ]),
  )
}

const readRuns = async (
  db: Database,
  ids: readonly string[],
): Promise<Map<string, NonNullable<Standing['ownRun']>>> => {
  if (ids.length === 0) return new Map()
  const rows = await db.kysely
    .selectFrom('runs')
    .select(['id', 'status', 'cause'])
    .where('id', 'in', ids)
    .execute()
  return new Map(rows.map(({ id, status, cause }) => [id, { status: status as RunStatus, cause }]))
}

const readOpenParts = async (
  db: Database,
  ids: readonly number[],
): Promise<Map<number, string[]>> => {
  const found = new Map<number, string[]>()
  if (ids.length === 0) return found
  const rows = await db.kysely
    .selectFrom('tickets')
    .select(['id', 'parent_id'])
    .where('parent_id', 'in', ids)
    .where('closed_at', 'is', null)
    .orderBy('id')
    .limit(PARTS_READ_MAX)
    .execute()
  for (const { id, parent_id } of rows) {
    const keys = found.get(Number(parent_id)) ?? []
    if (keys.length < PARTS_NAMED_MAX) keys.push(ticketKey(Number(id)))
    found.set(Number(parent_id), keys)
  }
  return found
}

const readWritten = async (db: Database, ids: readonly number[]): Promise<Map<number, string>> => {
  if (ids.length === 0) return new Map()
  const rows = await db.kysely
    .selectFrom('ticket_events')
    .select((eb) => ['ticket_id', eb.fn.max('at').as('at')])
    .where('ticket_id', 'in', ids)
    .where('actor', '=', 'person')
    .where((eb) =>
      eb.or([
        eb('kind', '=', 'edited'),
        eb.and([
          eb('kind', '=', 'commented'),
          eb.or([eb('before', 'is', null), eb('before', '<>', UNDOING)]),
        ]),
      ]),
    )
    .groupBy('ticket_id')
    .execute()
  return new Map(rows.map(({ ticket_id, at }) => [Number(ticket_id), at]))
}

const readAlerts = async (
  db: Database,
  ids: readonly number[],
): Promise<Map<number, NonNullable<Standing['alert']>>> => {
  if (ids.length === 0) return new Map()
  const rows = await db.kysely
    .selectFrom('alerts')
    .select(['id', 'state'])
    .where('id', 'in', ids)
    .execute()
  return new Map(rows.map(({ id, state }) => [Number(id), { id: Number(id), state }]))
}
