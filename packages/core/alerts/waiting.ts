import type { Database } from '@mc/db/database.ts'
import { sql } from 'kysely'
import { type Alert, toAlert } from './alert.ts'

/** So many at most stand behind one message. */
const BATCH_MAX = 500

/** As `isUrgent` has it. */
export const urgent = sql<boolean>`(severity = 'critical' or kind = 'auth')`

/** False: nothing waits, is on its way or snoozed, and a sender has nothing to do. */
export const anyWaiting = async (db: Database): Promise<boolean> =>
  (await db.kysely
    .selectFrom('alerts')
    .select('id')
    .where('state', 'in', ['queued', 'sending', 'snoozed'])
    .limit(1)
    .executeTakeFirst()) !== undefined

/** What is due, with what a sender that died left behind; the urgent first. */
export const dueNow = async (tx: Database, now: string): Promise<Alert[]> => {
  let query = tx.kysely
    .selectFrom('alerts')
    .selectAll()
    .where(sql<boolean>`state in ('queued', 'sending')`)
    .where((eb) =>
      eb.or([
        eb.and([eb('state', '=', 'queued'), eb('due_at', '<=', now)]),
        eb.and([eb('state', '=', 'sending'), eb('sending_until', '<=', now)]),
      ]),
    )
    .orderBy(sql`case when ${urgent} then 0 else 1 end`)
    .orderBy('id')
    .limit(BATCH_MAX)
  // What is being resolved or acknowledged just now is not to be written over; it is looked at again.
  if (tx.dialect === 'postgres') query = query.forUpdate().skipLocked()
  return (await query.execute()).map(toAlert)
}

/** Moments (ms) to come at which a queued alert, a lapsed lease or a snoozed one comes due. */
export const nextDue = async (db: Database, now: string): Promise<number[]> => {
  const row = await db.kysely
    .selectFrom('alerts')
    .select([
      sql<string | null>`min(case when state = 'queued' then due_at end)`.as('queued'),
      sql<string | null>`min(case when state = 'sending' then sending_until end)`.as('sending'),
      sql<string | null>`min(case when state = 'snoozed' then snoozed_until end)`.as('snoozed'),
    ])
    .where(sql<boolean>`state in ('queued', 'sending', 'snoozed')`)
    .where(sql<boolean>`(state <> 'queued' or due_at > ${now})`)
    .executeTakeFirst()
  return [row?.queued, row?.sending, row?.snoozed]
    .filter((time): time is string => typeof time === 'string')
    .map((time) => Date.parse(time))
}

/** How many expired since then (ISO, null: the channel was not down) and are not over. */
export const unheardSince = async (tx: Database, since: string | null): Promise<number> => {
  if (since === null) return 0
  const row = await tx.kysely
    .selectFrom('alerts')
    .select((eb) => eb.fn.countAll().as('count'))
    .where('state', '=', 'expired')
    .where((eb) =>
      eb.exists(
        eb
          .selectFrom('alert_events')
          .select('alert_events.id')
          .whereRef('alert_id', '=', 'alerts.id')
          .where('kind', '=', 'expired')
          .where('at', '>=', since),
      ),
    )
    .executeTakeFirst()
  return Number(row?.count ?? 0)
}
