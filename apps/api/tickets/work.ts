import { usageText } from '@mc/core/costs/words.ts'
import { overlap } from '@mc/core/delegation/folders.ts'
import type { Run } from '@mc/core/runs/run.ts'
import { type Ticket, ticketKey } from '@mc/core/tickets/ticket.ts'
import type { Held } from '@mc/core/trust/held.ts'
import type { WorkerSettings } from '@mc/core/worker-programs/settings.ts'
import { plural, stopwatch } from '../frame/format.ts'
import { presentRun } from './present.ts'

/** What keeps work from beginning. */
export type Around = {
  workers: WorkerSettings
  /** What the ticket waits for, done or not. */
  blockers: readonly Ticket[]
  /** Runs of other tickets that are under way. */
  others: readonly Run[]
  held: Held | null
  /** Whether a pickup is there that would begin it. */
  hasPickup: boolean
}

/** Why delegated work cannot be done here, with the setting that would change it; null when it can. */
const missingWorker = ({ command, countMax }: WorkerSettings): string | null => {
  if (command === null)
    return 'No worker is configured. Set MC_WORKER_COMMAND to claude, codex, opencode, gemini or another headless program and start again.'
  if (countMax === 0) return 'MC_WORKERS is 0: nothing handed to a worker is begun.'
  return null
}

/** Why a run has not begun: the first thing that must change. */
export const whyItWaits = (
  { cwd }: Pick<Run, 'cwd'>,
  { workers, blockers, others, held, hasPickup }: Around,
): string => {
  const missing = missingWorker(workers)
  if (missing) return missing
  const open = blockers.filter(({ status }) => status !== 'done')
  const gone = open.find(({ status }) => status === 'cancelled')
  if (gone)
    return `${gone.key} was cancelled: open it again, let this no longer wait for it, or cancel this.`
  if (open.length > 0)
    return `It begins by itself when ${open.map(({ key }) => key).join(', ')} ${open.length === 1 ? 'is' : 'are'} done.`
  if (held) return `Nothing is begun now: ${held.reason}.`
  if (!hasPickup) return 'No pickup is running that could begin it (npx -y pnpm@12 start).'
  const inTheWay = others.find((other) => cwd && other.cwd && overlap(cwd, other.cwd))
  if (inTheWay?.ticketId)
    return `The worker of ${ticketKey(inTheWay.ticketId)} is in its folder; it begins after it.`
  if (others.length >= workers.countMax)
    return `${plural(others.length, 'worker')} ${others.length === 1 ? 'is' : 'are'} at work, and MC_WORKERS is ${workers.countMax}: it begins when one is done.`
  return 'Pickup begins it as soon as a worker is free.'
}

/** A delegated run on its ticket or its own page: what it waits for, what it said and used. */
export const presentWork = (run: Run, around: Around, now: Date) => ({
  ...presentRun(run),
  isOpen: run.endedAt === null,
  /** Set while it goes on. */
  elapsed: run.status === 'running' && run.startedAt ? stopwatch(run.startedAt, now) : null,
  waitsFor: run.status === 'queued' ? whyItWaits(run, around) : null,
  isBeingStopped: run.status === 'running' && run.cancelAskedAt !== null,
  usage: usageText(run),
  /** What becomes of its ticket when all goes well. */
  afterwards: run.review === false ? 'its ticket is done with it' : 'its ticket waits in review',
})
export type WorkView = ReturnType<typeof presentWork>

/** Whether a worker is offered, and if not, why. */
export const presentDelegate = (
  runs: readonly Run[],
  ticket: Ticket,
  { workers, blockers }: Around,
) => ({
  missing: missingWorker(workers),
  isUnderWay: runs.some((run) => run.endedAt === null),
  folder: ticket.folder ?? '',
  usualFolder: workers.folder,
  review: ticket.review ?? ticket.risk !== 'low',
  waitsFor: blockers.filter(({ status }) => status !== 'done').map(({ key }) => key),
})
