import type { Database } from '@mc/db/database.ts'
import type { BuildStatement } from '@mc/db/statement.ts'
import { sql } from 'kysely'

/** Looked at after every change of anything: prepared once, and by the index on the status. */

type Queued = {
  id: string
  cwd: string | null
  ticket_status: string
  /** How many of those that its ticket waits for are not done. */
  blocked: number
}

const queuedRuns: BuildStatement = (db) =>
  db
    .selectFrom('runs')
    .innerJoin('tickets', 'tickets.id', 'runs.ticket_id')
    .select(['runs.id', 'runs.cwd', 'tickets.status as ticket_status'])
    .select((eb) =>
      eb
        .selectFrom('ticket_links')
        .innerJoin('tickets as blocker', 'blocker.id', 'ticket_links.blocked_by_id')
        .select((of) => of.fn.countAll<number>().as('count'))
        .whereRef('ticket_links.ticket_id', '=', 'runs.ticket_id')
        .where('blocker.status', '<>', sql.lit('done'))
        .as('blocked'),
    )
    .where('runs.status', '=', sql.lit('queued'))
    .where('runs.trigger', '=', sql.lit('delegate'))
    .orderBy('runs.seq')

/** Delegated runs that wait, oldest first. */
export const queued = (db: Database): Promise<Queued[]> =>
  db.statement<Queued>('delegation.queued', queuedRuns).all({})

type Running = { id: string; cwd: string | null; worker_id: string | null }

const runningRuns: BuildStatement = (db) =>
  db
    .selectFrom('runs')
    .select(['id', 'cwd', 'worker_id'])
    .where('status', '=', sql.lit('running'))
    .where('trigger', '=', sql.lit('delegate'))

/** Those under way, of every pickup. */
export const running = (db: Database): Promise<Running[]> =>
  db.statement<Running>('delegation.running', runningRuns).all({})
