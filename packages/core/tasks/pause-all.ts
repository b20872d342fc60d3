import { type Clock, isoTime } from '../clock.ts'
import type { Settings } from '../settings/settings.ts'
import type { Pause } from './task.ts'

const NAME = 'paused'

/** The pause of all tasks together; each task's own pause stands beside it and outlives it. */
export const createPauseAll = (settings: Settings, clock: Clock) => ({
  /** Null when they are not paused, or no longer. */
  async get(): Promise<Pause | null> {
    const stored = await settings.get<Partial<Pause> | boolean | null>(NAME)
    if (!stored?.value) return null
    const known = typeof stored.value === 'object' ? stored.value : {}
    const pause = { at: stored.setAt, until: null, reason: '', by: stored.setBy, ...known }
    return pause.until !== null && pause.until <= isoTime(clock.now()) ? null : pause
  },

  /** Their fires are passed over until `resume`, or until the time given. */
  async pause({ reason, until, by }: { reason: string; until?: Date; by: string }): Promise<Pause> {
    const at = isoTime(clock.now())
    const pause: Pause = { at, until: until ? isoTime(until) : null, reason, by }
    await settings.set(NAME, pause, by)
    return pause
  },

  /** By the name of who did it, so that the change is seen; what was paused by itself stays so. */
  resume: (by: string): Promise<void> => settings.set(NAME, null, by),
})

export type PauseAll = ReturnType<typeof createPauseAll>
