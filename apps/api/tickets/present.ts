import type { Run, RunStatus } from '@mc/core/runs/run.ts'
import type { TicketEvent } from '@mc/core/tickets/ticket.ts'
import type { IconName } from '../frame/icons.ts'
import type { Tone } from '../frame/pill.ts'

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

export const runWords: Record<RunStatus, { label: string; icon: IconName; tone: Tone }> = {
  queued: { label: 'Waiting to start', icon: 'clock', tone: 'quiet' },
  running: { label: 'Running', icon: 'dots', tone: 'busy' },
  ok: { label: 'Went well', icon: 'check', tone: 'good' },
  failed: { label: 'Failed', icon: 'cross', tone: 'bad' },
  auth: { label: 'Credential refused', icon: 'hand', tone: 'bad' },
  timeout: { label: 'Took too long', icon: 'clock', tone: 'bad' },
  missed: { label: 'Missed', icon: 'question', tone: 'warn' },
  skipped: { label: 'Skipped', icon: 'pause', tone: 'quiet' },
  interrupted: { label: 'Interrupted', icon: 'stop', tone: 'warn' },
  could_not_start: { label: 'Could not start', icon: 'cross', tone: 'bad' },
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
