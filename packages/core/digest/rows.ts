import type { Database } from '@mc/db/database.ts'
import type { DigestsTable } from '@mc/db/schema.ts'
import type { Selectable } from 'kysely'
import { type Clock, inboxTime } from '../clock.ts'
import { type Item, toItem } from '../inbox/item.ts'

/** open: gathering. sealed: its turn waits for verdicts. settled: every item has ended. */
export type DigestState = 'open' | 'sealed' | 'settled'

export type Digest = {
  id: string
  state: DigestState
  openedAt: string
  /** Sent at this moment even if nothing more comes. */
  dueAt: string
  sealedAt: string | null
  /** The last turn that carried it. */
  turnId: string | null
  verdictDeadline: string | null
  /** When Luci was reminded of items she had left out. */
  nudgedAt: string | null
  settledAt: string | null
  text: string | null
}

/** Null when there is no such digest. */
export const findDigest = async (db: Database, id: string): Promise<Digest | null> => {
  const row = await db.kysely
    .selectFrom('digests')
    .selectAll()
    .where('id', '=', id)
    .executeTakeFirst()
  return row ? toDigest(row) : null
}

/** Oldest first. */
export const digestsIn = async (db: Database, state: 'open' | 'sealed'): Promise<Digest[]> => {
  const rows = await db.kysely
    .selectFrom('digests')
    .selectAll()
    .where('state', '=', state)
    .orderBy('opened_at')
    .execute()
  return rows.map(toDigest)
}

/** Items of a digest that are still held for it. */
export const waitingFor = async (db: Database, id: string): Promise<Item[]> => {
  const rows = await db.kysely
    .selectFrom('orchestrator_inbox')
    .selectAll()
    .where('digest_id', '=', id)
    .where('status', '=', 'claimed')
    .orderBy('id')
    .execute()
  return rows.map(toItem)
}

/** What waits in a digest stays claimed for `forMs` from now. */
export const hold = (db: Database, clock: Clock, id: string, forMs: number) =>
  db.kysely
    .updateTable('orchestrator_inbox')
    .set({ claim_expires_at: inboxTime(new Date(clock.now().getTime() + forMs)) })
    .where('digest_id', '=', id)
    .where('status', '=', 'claimed')
    .execute()

export const changeDigest = async (
  db: Database,
  id: string,
  set: Partial<Selectable<DigestsTable>>,
): Promise<Digest> => {
  const row = await db.kysely
    .updateTable('digests')
    .set(set)
    .where('id', '=', id)
    .returningAll()
    .executeTakeFirstOrThrow()
  return toDigest(row)
}

export const toDigest = (row: Selectable<DigestsTable>): Digest => ({
  id: row.id,
  state: row.state as DigestState,
  openedAt: row.opened_at,
  dueAt: row.due_at,
  sealedAt: row.sealed_at,
  turnId: row.turn_id,
  verdictDeadline: row.verdict_deadline,
  nudgedAt: row.nudged_at,
  settledAt: row.settled_at,
  text: row.text,
})
