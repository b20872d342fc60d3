import type { Database } from '@mc/db/database.ts'
import { lockName } from '@mc/db/lock.ts'
import { sql } from 'kysely'
import type { Clock } from '../clock.ts'
import { record } from '../tickets/events.ts'
import { ticketKey } from '../tickets/ticket.ts'

type Stalled = { ticket_id: number; blocker_id: number; blocker_status: string }

/**
 * Tickets that wait to be done by a worker or by Luci, and what of that they wait for will not
 * come by itself: it was cancelled, or its last worker did not do it and no other is at it. Each
 * is told once: the comment names the blocker in `after`, and in `before` what became of it.
 */
const stalled = sql<Stalled>`
  select l.ticket_id, l.blocked_by_id as blocker_id, b.status as blocker_status
  from (
    select ticket_id, queued_at as since from runs
      where status = 'queued' and trigger = 'delegate'
    union all
    select id, created_at from tickets
      where does = 'luci' and handed_at is null and closed_at is null and status <> 'parked'
  ) w
  join ticket_links l on l.ticket_id = w.ticket_id
  join tickets b on b.id = l.blocked_by_id
  where (
    b.status = 'cancelled'
    or b.status in ('todo', 'parked', 'blocked') and exists (
      select 1 from runs r where r.ticket_id = b.id
        and r.status not in ('ok', 'queued', 'running')
        and not exists (
          select 1 from runs newer where newer.ticket_id = b.id and newer.seq > r.seq)))
    and not exists (
      select 1 from ticket_events e where e.ticket_id = l.ticket_id and e.kind = 'commented'
        and e.after = 'MC-' || b.id and e.at >= w.since
        and (b.status <> 'cancelled' or e.before = 'cancelled'))
  order by l.ticket_id, b.id`

/** Tells on waiting tickets what holds them up for good, each once. Returns how many it told. */
export const tellStalled = async (db: Database, clock: Clock): Promise<number> => {
  if ((await stalled.execute(db.kysely)).rows.length === 0) return 0
  return db.transaction(async (tx) => {
    // Another pickup may have been first.
    await lockName(tx, 'delegate')
    const { rows } = await stalled.execute(tx.kysely)
    for (const { ticket_id, blocker_id, blocker_status } of rows) {
      const key = ticketKey(blocker_id)
      await record(
        tx,
        clock,
        ticket_id,
        { actor: 'pickup' },
        {
          kind: 'commented',
          body: wordsFor(key, blocker_status),
          before: blocker_status,
          after: key,
        },
      )
    }
    return rows.length
  })
}

const wordsFor = (key: string, status: string): string =>
  status === 'cancelled'
    ? `This waits for ${key}, which was cancelled. It begins by itself only when ${key} is done after all: open ${key} again, let this no longer wait for it, or cancel this.`
    : `This waits for ${key}, whose worker did not do it. It begins by itself once ${key} is done after all: have it tried again there, let this no longer wait for it, or cancel this.`
