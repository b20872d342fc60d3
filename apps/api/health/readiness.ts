import type { Clock } from '@mc/core/clock.ts'
import type { Config } from '@mc/core/config.ts'
import type { Luci } from '@mc/core/luci/luci.ts'
import { type Check, checks, type Unclear, unclear } from '@mc/core/workers/clear.ts'
import { lookAtDesk } from '@mc/core/workers/look.ts'
import type { Database } from '@mc/db/database.ts'

export type Readiness = {
  /** Nothing is broken. What a person switched off leaves it ready. */
  ready: boolean
  /** All that is not clear: with none of it the pages may say so. */
  unclear: Unclear[]
  checks: Record<Check, { ok: boolean; problem?: string }>
}

/** Whoever asks more often than this, signed in or not, gets the same answer. */
const FRESH_MS = 2_000

/** How the desk is, for `/readyz`, `mc status` and the pages. */
export const createReadiness = (deps: {
  db: Database
  clock: Clock
  config: Config
  luci: Luci
}) => {
  let last: { atMs: number; answer: Promise<Readiness> } | null = null

  const look = async (): Promise<Readiness> => {
    const found = unclear(await lookAtDesk({ ...deps, luci: () => deps.luci.status() }))
    const faults = found.filter(({ kind }) => kind === 'fault')
    return {
      ready: faults.length === 0,
      unclear: found,
      checks: Object.fromEntries(
        checks.map((check) => {
          const fault = faults.find((one) => one.check === check)
          return [check, fault ? { ok: false, problem: fault.words } : { ok: true }]
        }),
      ) as Readiness['checks'],
    }
  }

  return {
    now: look,

    /** At most two seconds old: for whoever may ask without a credential. */
    recent(): Promise<Readiness> {
      const atMs = deps.clock.now().getTime()
      if (last === null || Math.abs(atMs - last.atMs) >= FRESH_MS) last = { atMs, answer: look() }
      return last.answer
    },
  }
}

export type ReadinessLook = ReturnType<typeof createReadiness>
