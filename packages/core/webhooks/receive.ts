import type { Database } from '@mc/db/database.ts'
import { lockName } from '@mc/db/lock.ts'
import { type Clock, isoTime } from '../clock.ts'
import { createInbox } from '../inbox/inbox.ts'
import { fingerprintOf, type HookEvent, keyOf, toNewItem } from './event.ts'

export type Received = {
  /** The item that tells of it: a new one, or the one that it repeats. */
  item: number
  repeated: boolean
  /** How often this occurrence was told, now included. */
  times: number
}

/**
 * What still fires after a day is told anew, as an acknowledged alert is: within the day its
 * sender's reminders are only counted.
 */
const TOLD_ANEW_AFTER_MS = 86_400_000

/**
 * Posts the events of one payload, in one transaction: all of them or none. An occurrence that was
 * told before is counted on its item.
 */
export const receive = (
  db: Database,
  clock: Clock,
  from: { shape: string; name: string },
  events: readonly HookEvent[],
): Promise<Received[]> =>
  db.transaction(async (tx) => {
    // The same payload twice at once: the second one counts.
    await lockName(tx, `webhook:${from.name}`)
    const received: Received[] = []
    for (const event of events) received.push(await receiveOne(tx, clock, from, event))
    return received
  })

const receiveOne = async (
  tx: Database,
  clock: Clock,
  from: { shape: string; name: string },
  event: HookEvent,
): Promise<Received> => {
  const now = clock.now()
  const key = keyOf(event, from)
  const known = key
    ? await tx.kysely
        .selectFrom('webhook_events')
        .selectAll()
        .where('key', '=', key)
        .executeTakeFirst()
    : undefined
  const isOld =
    known !== undefined && now.getTime() - Date.parse(known.first_at) >= TOLD_ANEW_AFTER_MS
  if (key && known && !(isOld && event.state === 'bad')) {
    const times = known.times + 1
    await tx.kysely
      .updateTable('webhook_events')
      .set({ times, last_at: isoTime(now) })
      .where('key', '=', key)
      .execute()
    return { item: known.item_id, repeated: true, times }
  }
  const { id } = await createInbox(tx, clock).post(await itemOf(tx, event, from))
  if (key) {
    const at = isoTime(now)
    const row = { item_id: id, times: 1, first_at: at, last_at: at }
    await tx.kysely
      .insertInto('webhook_events')
      .values({ key, ...row })
      .onConflict((conflict) => conflict.column('key').doUpdateSet(row))
      .execute()
    await forgetOpposite(tx, event, from)
  }
  return { item: id, repeated: false, times: 1 }
}

/** With what it ends: by its own sender's word, only this very trouble. */
const itemOf = async (tx: Database, event: HookEvent, from: { shape: string; name: string }) => {
  const item = toNewItem(event, from)
  const fingerprint = fingerprintOf(event, from)
  if (event.state !== 'good' || !fingerprint) return item
  const before = await tx.kysely
    .selectFrom('orchestrator_inbox')
    .select(['kind', 'created_at'])
    .where('fingerprint', '=', fingerprint)
    .orderBy('id', 'desc')
    .limit(1)
    .executeTakeFirst()
  const endsTrouble = before ? before.kind !== 'ok' : event.isRoutine !== true
  if (!endsTrouble) return item
  const recoveredFrom = {
    fingerprint,
    failures: 0,
    since: event.since ?? before?.created_at ?? null,
  }
  return { ...item, detail: { ...item.detail, recoveredFrom } }
}

/** Where the sender names no occurrence, a change of state ends the one before. */
const forgetOpposite = async (
  tx: Database,
  event: HookEvent,
  from: { shape: string; name: string },
): Promise<void> => {
  if (event.occurrence !== null || event.state === 'note') return
  const opposite = keyOf(event, from, event.state === 'bad' ? 'good' : 'bad')
  if (opposite) await tx.kysely.deleteFrom('webhook_events').where('key', '=', opposite).execute()
}

/** What was last told before `before` can no longer repeat: its occurrence is forgotten. */
export const forgetEvents = async (db: Database, before: Date): Promise<number> => {
  const result = await db.kysely
    .deleteFrom('webhook_events')
    .where('last_at', '<', isoTime(before))
    .executeTakeFirst()
  return Number(result.numDeletedRows)
}
