import type { Run } from '@mc/core/runs/run.ts'
import type { Task } from '@mc/core/tasks/task.ts'
import { CATCH_UP_MAX } from './due.ts'

/** With what comes while fires are made up for, no more of one task wait. */
const BACKLOG_MAX = 2 * CATCH_UP_MAX

type Open = Pick<Run, 'id' | 'status' | 'trigger' | 'queuedAt' | 'startedAt'>

export type Decision = {
  /** `run`: it joins the queue. `skip`: an outcome says so. */
  act: 'run' | 'skip'
  /** Why it is passed over, in words; null when it is not. */
  cause: string | null
  /** Waiting runs that it takes the place of, and how each ends. */
  supersedes: { id: string; status: 'missed' | 'skipped'; cause: string }[]
  /** Ends what runs. */
  replaces: boolean
}

/** What becomes of a fire of a task that has open runs: its own decision, made once. */
export const decideOverlap = (
  task: Pick<Task, 'overlap' | 'overlapMax' | 'catchUp'>,
  open: readonly Open[],
  { trigger, slot }: { trigger: Run['trigger']; slot: Date },
): Decision => {
  const run = (more: Partial<Decision> = {}): Decision => ({
    act: 'run',
    cause: null,
    supersedes: [],
    replaces: false,
    ...more,
  })
  // Several fires made up for wait for each other.
  if (trigger === 'catch_up' && task.catchUp === 'all') return run()
  const isMadeUp = (one: Open) => one.status === 'queued' && one.trigger === 'catch_up'
  // Only the latest is made up for, and this one is later.
  const supersedes =
    task.catchUp === 'all'
      ? []
      : open.filter(isMadeUp).map(({ id }) => ({
          id,
          status: 'missed' as const,
          cause: 'The next fire came before there was room to make up for it',
        }))
  const before = open.filter((one) => !isMadeUp(one))
  const [oldest] = before
  if (!oldest) return run({ supersedes })
  const waiting = before.filter((one) => one.status === 'queued')
  // What has not begun because others are made up for first is no reason to pass this one over.
  if (task.overlap !== 'replace' && task.catchUp === 'all' && isBacklog(open))
    return run({ supersedes: crowdedOut(open) })
  switch (task.overlap) {
    case 'queue':
      if (waiting.length === 0) return run({ supersedes })
      break
    case 'allow':
      if (before.length < task.overlapMax) return run({ supersedes })
      break
    case 'replace': {
      const cause = `Replaced by the fire of ${slot.toISOString()}`
      return run({
        supersedes: [
          ...supersedes,
          ...waiting.map(({ id }) => ({ id, status: 'skipped' as const, cause })),
        ],
        replaces: before.length > waiting.length,
      })
    }
    default:
  }
  return { act: 'skip', cause: stillOpen(oldest), supersedes, replaces: false }
}

/** Nothing runs, and what waits begins with fires to be made up for. */
const isBacklog = (open: readonly Open[]): boolean =>
  open.every(({ status }) => status === 'queued') &&
  open.some(({ trigger }) => trigger === 'catch_up')

/** The oldest, when more wait than should. A person's wish is kept. */
const crowdedOut = (open: readonly Open[]): Decision['supersedes'] => {
  const oldest = open.find(({ trigger }) => trigger !== 'manual')
  return open.length < BACKLOG_MAX || !oldest
    ? []
    : [{ id: oldest.id, status: 'missed', cause: 'Later fires came before there was room for it' }]
}

const stillOpen = ({ status, startedAt, queuedAt }: Open): string =>
  status === 'running'
    ? `The run of ${startedAt ?? queuedAt} is still going`
    : `The run of ${queuedAt} still waits for its turn`
