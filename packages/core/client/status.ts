import type { Breaker } from '../digest/breaker.ts'
import type { LuciStatus } from '../luci/status.ts'
import type { Pause } from '../tasks/task.ts'
import type { InboundState } from '../telegram/inbound.ts'
import type { Held } from '../trust/held.ts'
import type { Unclear } from '../workers/clear.ts'
import type { WorkerHealth } from '../workers/workers.ts'

/** What `GET /api/v1/status` answers: the whole desk in one look. */
export type Status = {
  version: string
  luci: LuciStatus
  workers: WorkerHealth[]
  inbox: { pending: number; claimed: number; handledToday: number; silencedToday: number }
  tickets: { open: number; byStatus: Record<string, number> }
  alerts: { open: number; undelivered: number }
  tasks: {
    total: number
    failing: string[]
    paused: number
    next: { id: string; at: string } | null
    /** Set while all tasks are paused together. */
    allPaused: Pause | null
    /** Mistakes of the tasks file; empty when all is well. */
    problems: string[]
  }
  turns: { queued: number }
  /** Whether Luci is asked about what no rule knows. */
  digests: Breaker
  switches: Record<string, { value: string; from: 'environment' | 'person' }>
  telegram: {
    configured: boolean
    /** Why it takes nothing until a person mends it; null while it does. */
    problem: string | null
    /** Whether anything was ever given to it. */
    tried: boolean
    /** Tries in a row that did not get through. */
    failures: number
    /** How the other direction goes: what people write to the bot. */
    inbound: InboundState
  }
  /** Those that alerts go by, the first first; the others stand in for it. */
  channels: ChannelLook[]
  /** Why nothing is begun by itself now: a pause, or the cap on costs; null while it may be. */
  held: Held | null
  /** All that keeps the desk from being "all clear"; empty when nothing does. */
  unclear: Unclear[]
  database: 'sqlite' | 'postgres'
}

/** `label` as a person calls it; `problem`: why it takes nothing until a person mends it. */
export type ChannelLook = { label: string; problem: string | null; failures: number }

/** What `POST /api/v1/sign_in_links` answers. */
export type SignInLink = { url: string; expiresAt: string }
