import type { Run, RunStatus } from '@mc/core/runs/run.ts'
import { isBeingStopped } from '@mc/core/runs/stop.ts'
import type { Resolution, TicketEvent } from '@mc/core/tickets/ticket.ts'
import { outcomeWords, type Words } from '../frame/outcome-words.ts'

const actors: Record<string, string> = {
  person: 'You',
  luci: 'Luci',
  pickup: 'Pickup',
  scheduler: 'The scheduler',
  cli: 'You, by mc',
}

export const actorName = (actor: string): string => actors[actor] ?? actor

export type EventView = {
  id: number
  at: string
  who: string
  what: string
  body: string | null
  /** A long text as it stood before it was changed: nothing is lost by an edit. */
  was: string | null
}

/** Why a person closes a ticket. */
export const resolutionChoices: { id: Resolution; label: string }[] = [
  { id: 'fixed', label: 'Fixed' },
  { id: 'wont_fix', label: 'Won’t fix' },
  { id: 'duplicate', label: 'Duplicate' },
  { id: 'recovered', label: 'Went away by itself' },
]

/** Changes short enough to be told in the sentence. */
const TOLD_CHARS = 120

const edited = (event: TicketEvent): string => {
  const field = event.body ?? 'ticket'
  const { before, after } = event
  if (field === 'body') return 'changed the description'
  if ((before ?? '').length > TOLD_CHARS || (after ?? '').length > TOLD_CHARS)
    return `changed the ${field}`
  const name = { due: 'due day', parent: 'parent' }[field] ?? field
  if (!after) return `took the ${name} ${before} off`
  return before
    ? `changed the ${name} from “${before}” to “${after}”`
    : `set the ${name} to “${after}”`
}

/** An event as a sentence; a comment keeps its text. */
export const presentEvent = (event: TicketEvent): EventView => {
  const { id, at, kind, before, after } = event
  const what =
    {
      created: `filed it in ${after ?? 'todo'}`,
      commented: 'commented',
      moved: `moved it from ${before} to ${after}${event.body ? ` (${event.body.replace('_', ' ')})` : ''}`,
      edited: edited(event),
      linked: `made it wait for ${after}`,
      unlinked: `let it no longer wait for ${before}`,
      counted: 'counted it again',
      reopened: 'opened it again',
      run: 'ran it',
    }[kind] ?? kind
  const was = kind === 'edited' && event.body === 'body' && before ? before : null
  const keepsBody = kind === 'commented' || kind === 'counted'
  return { id, at, who: actorName(event.actor), what, body: keepsBody ? event.body : null, was }
}

export const runWords: Record<RunStatus, Words> = {
  ...outcomeWords,
  queued: { label: 'Waiting to start', icon: 'clock', tone: 'quiet' },
  running: { label: 'Running', icon: 'dots', tone: 'busy' },
  cancelled: { label: 'Cancelled', icon: 'stop', tone: 'quiet' },
}

const triggers: Record<string, string> = {
  schedule: 'on schedule',
  catch_up: 'caught up',
  manual: 'by hand',
  delegate: 'delegated',
}

/** Also of an open run that somebody said is to stop. */
export const runState = (run: Pick<Run, 'status' | 'endedAt' | 'cancelAskedAt'>): Words => ({
  ...runWords[run.status],
  ...(isBeingStopped(run) ? { label: 'Being stopped' } : {}),
})

export const presentRun = (run: Run) => ({
  ...run,
  ...runState(run),
  /** A person may still say that it is to stop. */
  mayStop: run.endedAt === null && run.cancelAskedAt === null,
  how: triggers[run.trigger] ?? run.trigger,
  at: run.startedAt ?? run.endedAt ?? run.queuedAt,
})
export type RunView = ReturnType<typeof presentRun>
