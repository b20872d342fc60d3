import { setTimeout as delay } from 'node:timers/promises'

/** Time as an argument, so that a test can own it. */
export type Clock = {
  now(): Date
  /** Resolves after `ms`, or at once when the signal aborts; it never rejects. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>
}

export const systemClock: Clock = {
  now: () => new Date(),
  sleep: async (ms, signal) => {
    try {
      await delay(ms, undefined, signal ? { signal } : {})
    } catch (error) {
      if ((error as Error).name !== 'AbortError') throw error
    }
  },
}

/** ISO-8601 in UTC with milliseconds: every time outside orchestrator_inbox. */
export const isoTime = (date: Date): string => date.toISOString()

/** `YYYY-MM-DD HH:MM:SS.mmm` in UTC: SQLite's own format, as orchestrator_inbox has it. */
export const inboxTime = (date: Date): string =>
  date.toISOString().replace('T', ' ').replace('Z', '')

/**
 * Reads either format as UTC. JavaScript alone would take SQLite's for local time.
 * Null when the text (perhaps another program's) is no time.
 */
export const parseTime = (text: string | null): Date | null => {
  if (!text) return null
  const match = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d(?::\d\d(?:\.\d+)?)?)(?:Z|\+00(?::?00)?)?$/.exec(
    text,
  )
  if (!match) return null
  const date = new Date(`${match[1]}T${match[2]}Z`)
  return Number.isNaN(date.getTime()) ? null : date
}
