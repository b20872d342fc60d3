import type { Database } from '@mc/db/database.ts'
import type { Clock } from '../clock.ts'
import { AppError } from '../errors.ts'
import { createWorkers } from '../workers/workers.ts'
import type { Run } from './run.ts'
import { createRuns } from './runs.ts'

/** Why a run ended, when somebody said so; in words, `by` as the audit names them. */
export const stopCause = (by: string | null, hadBegun: boolean): string =>
  `${by === 'person' ? 'A person' : (by ?? 'Somebody')} ${
    hadBegun ? 'stopped it' : 'cancelled it before it began'
  }`

/**
 * Says that a scheduled run is to stop, or not to begin; its scheduler, which owns the process,
 * hears it by the bell and ends it. Who said so first is kept. Throws `conflict` when it has ended.
 */
export const askToStop = async (
  db: Database,
  clock: Clock,
  runId: string,
  by: string,
): Promise<Run> => {
  const runs = createRuns(db, clock)
  const asked = await runs.askToCancel(runId, by)
  if (asked) return asked
  const { status } = await runs.get(runId)
  throw new AppError('conflict', `Run ${runId} has ended: ${status}`)
}

/** Whether somebody said that this run is to stop, and it has not yet. */
export const isBeingStopped = ({
  endedAt,
  cancelAskedAt,
}: Pick<Run, 'endedAt' | 'cancelAskedAt'>): boolean => endedAt === null && cancelAskedAt !== null

/** Why an open scheduled run cannot be stopped now: nobody is there who could. Null when they are. */
export const whyNotStopped = async (
  db: Database,
  clock: Clock,
  run: Pick<Run, 'status' | 'taskId'>,
): Promise<string | null> => {
  const isOpen = run.status === 'queued' || run.status === 'running'
  if (!isOpen || run.taskId === null) return null
  const health = await createWorkers(db, clock).health()
  if (health.find(({ name }) => name === 'scheduler')?.state === 'alive') return null
  return run.status === 'running'
    ? 'No scheduler is running: what this run left of its program is ended, and the run with it, when one is started again (npx -y pnpm@12 start).'
    : 'No scheduler is running: this run is cancelled when one is started again (npx -y pnpm@12 start).'
}
