import type { Database } from '@mc/db/database.ts'
import { lockName } from '@mc/db/lock.ts'

import { createAlerts } from '../alerts/alerts.ts'
import { tellRecovered } from '../alerts/recovery.ts'
import { spanOf } from '../alerts/span.ts'
import type { Clock } from '../clock.ts'
import { createInbox } from '../inbox/inbox.ts'
import type { Log } from '../log.ts'
import { createSettings } from '../settings/settings.ts'
import { readSwitch, type Switches } from '../settings/switches.ts'
import {
  BEAT_MS,
  createWorkers,
  STALE_AFTER_MS,
  type Worker,
  type WorkerHealth,
  type WorkerName,
} from './workers.ts'

export type DeadManDeps = {
  db: Database
  clock: Clock
  log: Log
  /** The process that watches: it never reports itself. */
  self: WorkerName
  repeatIntervalMs: number
  /** Whether pickup drains at all; by default it does. */
  switches?: Switches
}

const LOOK_MS = BEAT_MS

/** Watches the other processes' beats until the signal aborts. Run one in each process. */
export const runDeadMan = async (deps: DeadManDeps, signal: AbortSignal): Promise<void> => {
  const deadMan = createDeadMan(deps)
  while (!signal.aborted) {
    await deps.clock.sleep(LOOK_MS, signal)
    if (signal.aborted) return
    try {
      await deadMan.look()
    } catch (error) {
      // A database that is away for a moment must not end the watch.
      deps.log.error({ err: error }, 'The look at the other workers failed')
    }
  }
}

/** The step of the watch; tests call it. */
export const createDeadMan = ({
  db,
  clock,
  log,
  self,
  repeatIntervalMs,
  switches,
}: DeadManDeps) => {
  const startedMs = clock.now().getTime()
  let lookedMs = startedMs
  return {
    /**
     * A worker that ought to beat and does not is told once per silence, however many watch: an
     * item for the inbox, and an alert at once when nobody would read the item: pickup itself is
     * silent, or switched off. One that beats again resolves its alert. Returns those newly told.
     */
    async look(): Promise<Worker[]> {
      const now = clock.now().getTime()
      const slept = now - lookedMs > STALE_AFTER_MS
      lookedMs = now
      // After our own start and after the machine slept, the others need a moment to beat again.
      if (slept || now - startedMs < STALE_AFTER_MS) return []
      const told: Worker[] = []
      const health = await createWorkers(db, clock).health()
      const isRead = await drains(health)
      for (const { name, state, worker } of health) {
        if (name === self || !worker) continue
        if (state === 'stale' && (await tellStale(worker, isRead))) {
          told.push(worker)
          log.warn({ worker: worker.id, beatAt: worker.beatAt }, 'A worker stopped beating')
        }
        if (state === 'alive') await tellAlive(name)
      }
      return told
    },
  }

  /** Somebody reads what is posted. */
  async function drains(health: readonly WorkerHealth[]): Promise<boolean> {
    if (health.find(({ name }) => name === 'pickup')?.state !== 'alive') return false
    if (!switches) return true
    return (await readSwitch(createSettings(db, clock), switches, 'pickup')) !== 'off'
  }

  async function tellStale(worker: Worker, isRead: boolean): Promise<boolean> {
    const fingerprint = `worker:${worker.id}:${worker.beatAt}`
    return db.transaction(async (tx) => {
      await lockName(tx, fingerprint)
      const earlier = await tx.kysely
        .selectFrom('orchestrator_inbox')
        .select('id')
        .where('fingerprint', '=', fingerprint)
        .limit(1)
        .executeTakeFirst()
      if (earlier) return false
      const text = `${worker.name} (pid ${worker.pid} on ${worker.host}) has not been heard of for ${spanOf(worker.beatAt, clock.now())}`
      const { id } = await createInbox(tx, clock).post({
        source: 'self_heal',
        sourceId: worker.name,
        message: text,
        kind: 'self_heal',
        priority: 'critical',
        fingerprint,
        detail: { worker: worker.name, state: 'stale', pid: worker.pid, beatAt: worker.beatAt },
      })
      if (isRead) return true
      const { alert } = await createAlerts(tx, clock, { repeatIntervalMs }).raise({
        fingerprint: staleAlertFingerprint(worker.name),
        severity: 'critical',
        kind: 'self_heal',
        title:
          worker.name === 'pickup'
            ? 'pickup has stopped: nobody reads the inbox'
            : `${worker.name} has stopped`,
        text: `${text}. Start it again with "npx -y pnpm@12 start:${worker.name}"; nothing in the inbox is lost meanwhile.`,
        itemId: id,
      })
      await tx.kysely
        .insertInto('effects')
        .values({ item_id: id, effect: 'alert', ref: String(alert.id), at: alert.createdAt })
        .execute()
      return true
    })
  }

  async function tellAlive(name: WorkerName): Promise<void> {
    await tellRecovered(db, clock, {
      fingerprints: [staleAlertFingerprint(name)],
      title: `${name} is back`,
      text: `${name} beats again.`,
      repeatIntervalMs,
    })
  }
}

/** One open alert per kind of process, whichever pid it had. */
export const staleAlertFingerprint = (name: string): string => `worker:${name}`
