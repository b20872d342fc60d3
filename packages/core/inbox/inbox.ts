import type { Database } from '@mc/db/database.ts'
import { type Clock, inboxTime } from '../clock.ts'
import { type Item, type ItemRow, type NewItem, toItem, type VerdictAction } from './item.ts'
import {
  claimAgedLow,
  claimByRank,
  expired,
  oldestLow,
  post,
  reclaim,
  release,
  renew,
  settle,
  stray,
  takeInStray,
} from './statements.ts'

export type Posted = { id: number }

/** How an item ended: who decided what, and why. */
export type Settlement = {
  action: VerdictAction
  decidedBy: string
  reason: string
}

export type ClaimOptions = { countMax: number; by: string; leaseMs?: number }

/** Long enough for rules and effects, short enough that a dead pickup is soon forgotten. */
export const LEASE_MS = 120_000
/** No low item waits behind others for longer. */
const LOW_AGES_AFTER_MS = 3_600_000

const LOW_SHARE = 4

/** Items wait here until a pickup claims them. Give it a transaction to join one. */
export const createInbox = (db: Database, clock: Clock) => {
  const hot = {
    post: db.grouped<{ id: number }>('inbox.post', post).all,
    stray: db.statement<{ id: number }>('inbox.stray', stray(db.dialect)),
    takeInStray: db.statement('inbox.take_in_stray', takeInStray(db.dialect)),
    expired: db.statement<{ id: number }>('inbox.expired', expired(db.dialect)),
    reclaim: db.statement('inbox.reclaim', reclaim(db.dialect)),
    oldestLow: db.statement<{ created_at: string | null }>(
      'inbox.oldest_low',
      oldestLow(db.dialect),
    ),
    claimAgedLow: (n: number) =>
      db.statement<ItemRow>(`inbox.claim_aged_low.${n}`, claimAgedLow(db.dialect, n)),
    claimByRank: (n: number) =>
      db.statement<ItemRow>(`inbox.claim_by_rank.${n}`, claimByRank(db.dialect, n)),
    renew: db.statement('inbox.renew', renew),
    release: db.statement('inbox.release', release),
    settle: db.grouped('inbox.settle', settle).run,
  }
  return {
    /** Durable when it resolves. Posts of one event-loop turn share a commit. */
    async post(item: NewItem): Promise<Posted> {
      const [row] = await hot.post({
        source_type: item.source,
        source_id: item.sourceId ?? null,
        message: item.message,
        priority: item.priority ?? 'normal',
        created_at: inboxTime(clock.now()),
        kind: item.kind ?? null,
        fingerprint: item.fingerprint ?? null,
        detail: item.detail ? JSON.stringify(item.detail) : null,
        run_id: item.runId ?? null,
      })
      if (!row) throw new Error('The post returned no row')
      return { id: row.id }
    },

    /**
     * Takes up to `countMax` items for `leaseMs`: critical, then normal, then low, oldest first
     * inside each; a quarter of the places goes to low items that have waited an hour. Each claim
     * is one statement, so two pickups never share an item. Strays of other programs and expired
     * leases are taken back first.
     */
    async claim({ countMax, by, leaseMs = LEASE_MS }: ClaimOptions): Promise<Item[]> {
      await this.takeBack()
      const now = clock.now()
      const common = {
        claim_expires_at: inboxTime(new Date(now.getTime() + leaseMs)),
        claimed_by: by,
        claimed_at: inboxTime(now),
      }
      const aged = await hot.oldestLow.all({})
      const agedBefore = inboxTime(new Date(now.getTime() - LOW_AGES_AFTER_MS))
      const low =
        aged[0] && (aged[0].created_at ?? '') < agedBefore
          ? await hot.claimAgedLow(Math.ceil(countMax / LOW_SHARE)).all(common)
          : []
      const rest = await hot.claimByRank(countMax - low.length).all(common)
      return [...low, ...rest].map(toItem).sort(byRank)
    },

    /** Expired leases are pending again, each counted as a try; unknown statuses become pending. */
    async takeBack(): Promise<number> {
      const now = inboxTime(clock.now())
      if ((await hot.stray.all({})).length > 0) await hot.takeInStray.run({})
      if ((await hot.expired.all({ now })).length === 0) return 0
      return hot.reclaim.run({ now })
    },

    /** A longer lease for an item still held; null when the lease was lost. */
    async renew(item: Item, leaseMs: number = LEASE_MS): Promise<Item | null> {
      const until = inboxTime(new Date(clock.now().getTime() + leaseMs))
      const changed = await hot.renew.run({ id: item.id, lease: item.lease, until })
      return changed === 1 ? { ...item, lease: until } : null
    },

    /** Gives an item back untouched: not a try. False when the lease was lost. */
    async release(item: Item): Promise<boolean> {
      return (await hot.release.run({ id: item.id, lease: item.lease })) === 1
    },

    /**
     * Ends an item, fenced by the lease its claim returned: false means that the lease was lost
     * and nothing was changed, so a transaction around it must roll back. Outside a transaction the
     * settlements of one event-loop turn share a commit.
     */
    async settle(item: Item, settlement: Settlement): Promise<boolean> {
      const changed = await hot.settle({
        id: item.id,
        lease: item.lease,
        status: settlement.action === 'silent' ? 'ignored' : 'processed',
        processed_at: inboxTime(clock.now()),
        verdict: settlement.action,
        decided_by: settlement.decidedBy,
        reason: settlement.reason,
      })
      return changed === 1
    },

    /** Null when there is no such item. */
    async find(id: number): Promise<Item | null> {
      const row = await db.kysely
        .selectFrom('orchestrator_inbox')
        .selectAll()
        .where('id', '=', id)
        .executeTakeFirst()
      return row ? toItem(row) : null
    },
  }
}

export type Inbox = ReturnType<typeof createInbox>

const ranks = { critical: 0, normal: 1, low: 2 }

const byRank = (a: Item, b: Item) => ranks[a.priority] - ranks[b.priority] || a.id - b.id
