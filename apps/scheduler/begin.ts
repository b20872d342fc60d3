import type { Clock } from '@mc/core/clock.ts'
import type { Run } from '@mc/core/runs/run.ts'
import type { Runs } from '@mc/core/runs/runs.ts'
import type { Limits } from '@mc/core/tasks/limits.ts'
import { type Pause, type Task, type TaskRow, toTask } from '@mc/core/tasks/task.ts'
import type { Database } from '@mc/db/database.ts'
import { lockName } from '@mc/db/lock.ts'
import { isTooLate } from './due.ts'
import { pauseCause } from './fire.ts'
import type { Outcomes } from './outcomes.ts'
import { createRoom } from './room.ts'
import { lockTask, runningOnes } from './statements.ts'
import type { Waiting, WaitingRun } from './waiting.ts'

export type Begun = { run: Run; task: Task }

export type Beginning = {
  tx: Database
  clock: Clock
  runs: Runs
  outcomes: Outcomes
  allPaused: Pause | null
  limits: { total: number; tags: Limits['tags'] }
  workerId: string
  /** False while fires that were missed must wait a little: after a boot, and after each other. */
  mayCatchUp: boolean
  /** Rows that this transaction has locked already, by task. */
  known: Map<string, TaskRow>
}

/**
 * Lets begin as many of those that wait as there is room for, task by task in turn. What should not
 * run any more ends here, with an outcome that says why.
 */
export const beginWaiting = async (
  beginning: Beginning,
  waiting: Waiting,
): Promise<{ begun: Begun[]; caughtUp: boolean }> => {
  const { tx, runs, workerId } = beginning
  const begun: Begun[] = []
  let { mayCatchUp } = beginning
  if (waiting.count() === 0) return { begun, caughtUp: false }
  // Several schedulers share the room.
  await lockName(tx, 'scheduler.room')
  const running = await tx
    .statement<{ trigger: Run['trigger']; definition: string }>('runs.running', runningOnes)
    .all({})
  const room = createRoom(
    beginning.limits,
    running.map((row) => ({ task: toTask(row), trigger: row.trigger })),
  )
  for (let before = -1; before < begun.length; ) {
    before = begun.length
    for (const head of waiting.heads()) {
      const { task, trigger } = head
      if ((trigger === 'catch_up' && !mayCatchUp) || !room.fits(head)) continue
      const row = beginning.known.get(task.id) ?? (await rowOf(tx, task.id))
      const drop = row ? dropCause(beginning, head, row) : null
      if (!row || drop) {
        if (drop) await beginning.outcomes.pass(head.id, task, drop.status, drop.cause)
        waiting.remove(task.id, head.id)
        continue
      }
      const run = await runs.start(head.id, workerId)
      waiting.remove(task.id, head.id, { served: true })
      if (!run) continue
      if (trigger === 'catch_up') mayCatchUp = false
      room.take(head)
      begun.push({ run, task: toTask(row) })
    }
  }
  return { begun, caughtUp: beginning.mayCatchUp && !mayCatchUp }
}

const rowOf = async (tx: Database, id: string): Promise<TaskRow | undefined> =>
  (await tx.statement<TaskRow>('tasks.lock', lockTask(tx.dialect)).all({ id }))[0]

/** Why it should not begin after all; null when it should. A person's wish counts also in a pause. */
const dropCause = (
  { clock, allPaused }: Beginning,
  { trigger, slot, task }: WaitingRun,
  row: TaskRow,
): { status: 'missed' | 'skipped'; cause: string } | null => {
  if (row.present !== 1) return { status: 'skipped', cause: 'The task left the tasks file' }
  if (trigger === 'manual') return null
  if (!toTask(row).enabled)
    return { status: 'skipped', cause: 'The task is disabled in the tasks file' }
  const paused = pauseCause(row, allPaused)
  if (paused !== null) return { status: 'skipped', cause: paused }
  if (trigger === 'catch_up' && slot !== null && isTooLate(task, new Date(slot), clock.now()))
    return { status: 'missed', cause: 'There was no room to make up for it in time' }
  return null
}
