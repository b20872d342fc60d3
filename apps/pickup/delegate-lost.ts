import { hostname } from 'node:os'
import { isAlive, processStarted, signalGroup } from '@mc/core/runs/process.ts'
import type { Run } from '@mc/core/runs/run.ts'
import { type DelegateDeps, delegationOf, endWhatIsLeft, forgetInput } from './delegate-run.ts'

/**
 * Runs of a pickup that is gone are interrupted, once what is left of their programs is ended: a
 * crash between the two finds them again. `inHand`: of this pickup's own, those that it is at.
 */
export const interruptLost = async (
  deps: DelegateDeps,
  inHand?: ReadonlySet<string>,
): Promise<Run[]> => {
  const { log, workerId, dataDir } = deps
  const gone = await goneWorkers(deps)
  const lost = await delegationOf(deps).interruptStale(workerId, {
    gone,
    ...(inHand ? { inHand } : {}),
    kill: (run) => killLeft(run, dataDir),
  })
  for (const run of lost)
    log.warn({ runId: run.id, workerId: run.workerId }, 'Delegated run interrupted')
  return lost
}

/** By pid only when the kernel says that it is still the same process. */
const killLeft = async (run: Run, dataDir: string): Promise<void> => {
  if (run.pid !== null && run.processStarted !== null)
    if ((await processStarted(run.pid)) === run.processStarted) signalGroup(run.pid, 'SIGKILL')
  await endWhatIsLeft(run.id)
  forgetInput(dataDir, run.id)
}

/** Workers of this machine whose process is no more: no need to wait for their beat to grow old. */
const goneWorkers = async ({ db, workerId }: DelegateDeps): Promise<string[]> => {
  const rows = await db.kysely
    .selectFrom('runs')
    .innerJoin('workers', 'workers.id', 'runs.worker_id')
    .select(['workers.id', 'workers.pid', 'workers.host'])
    .where('runs.status', '=', 'running')
    .where('runs.trigger', '=', 'delegate')
    .where('workers.id', '<>', workerId)
    .execute()
  return rows.filter((row) => row.host === hostname() && !isAlive(row.pid)).map((row) => row.id)
}
