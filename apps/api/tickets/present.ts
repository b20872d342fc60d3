import type { Config } from '@mc/core/config.ts'
import type { Run, RunStatus } from '@mc/core/runs/run.ts'
import type { TicketEvent } from '@mc/core/tickets/ticket.ts'
import { stopwatch } from '../frame/format.ts'
import { outcomeWords, type Words } from '../frame/outcome-words.ts'

const actors: Record<string, string> = {
  person: 'You',
  luci: 'Luci',
  pickup: 'Pickup',
  scheduler: 'The scheduler',
  cli: 'You, by mc',
}

export const actorName = (actor: string): string => actors[actor] ?? actor

export type EventView = { id: number; at: string; who: string; what: string; body: string | null }

/** An event as a sentence; a comment keeps its text. */
export const presentEvent = (event: TicketEvent): EventView => {
  const { id, at, kind, before, after } = event
  const what =
    {
      created: `filed it in ${after ?? 'todo'}`,
      commented: 'commented',
      moved: `moved it from ${before} to ${after}`,
      edited: `changed the ${event.body ?? 'ticket'}`,
      linked: `made it wait for ${after}`,
      counted: 'counted it again',
      reopened: 'opened it again',
      run: 'ran it',
    }[kind] ?? kind
  const keepsBody = kind === 'commented' || kind === 'counted'
  return { id, at, who: actorName(event.actor), what, body: keepsBody ? event.body : null }
}

export const runWords: Record<RunStatus, Words> = {
  ...outcomeWords,
  queued: { label: 'Waiting to start', icon: 'clock', tone: 'quiet' },
  running: { label: 'Running', icon: 'dots', tone: 'busy' },
}

const triggers: Record<string, string> = {
  schedule: 'on schedule',
  catch_up: 'caught up',
  manual: 'by hand',
  delegate: 'delegated',
}

export const presentRun = (run: Run) => ({
  ...run,
  ...runWords[run.status],
  how: triggers[run.trigger] ?? run.trigger,
  at: run.startedAt ?? run.endedAt ?? run.queuedAt,
})
export type RunView = ReturnType<typeof presentRun>

/** Why delegated work cannot be done here, with the setting that would change it; null when it can. */
const missingWorker = ({ command, countMax }: Config['workers']): string | null => {
  if (command === null)
    return 'No worker is configured. Set MC_WORKER_COMMAND to a headless program (for example “claude -p”) and start again.'
  if (countMax === 0) return 'MC_WORKERS is 0: nothing handed to a worker is begun.'
  return null
}

/** A delegated run on its ticket: how long it goes on, and what it waits for. */
export const presentTicketRun = (run: Run, workers: Config['workers'], now: Date) => ({
  ...presentRun(run),
  /** Set while it goes on. */
  elapsed: run.status === 'running' && run.startedAt ? stopwatch(run.startedAt, now) : null,
  waitsFor:
    run.status === 'queued'
      ? (missingWorker(workers) ?? 'Pickup begins it as soon as a worker is free.')
      : null,
})

/** Whether "Luci do it now" is offered, and if not, why. */
export const presentDelegate = (runs: readonly Run[], workers: Config['workers']) => {
  const open = runs.find((run) => run.endedAt === null)
  return { missing: missingWorker(workers), isUnderWay: open !== undefined }
}
