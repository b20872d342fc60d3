import { type Clock, isoTime } from '@mc/core/clock.ts'
import type { Run } from '@mc/core/runs/run.ts'
import type { Runs } from '@mc/core/runs/runs.ts'
import { dueOf } from '@mc/core/tasks/calendar.ts'
import { type Pause, type Task, type TaskRow, toTask } from '@mc/core/tasks/task.ts'
import { notPaused } from '@mc/core/tasks/tasks.ts'
import type { Database } from '@mc/db/database.ts'
import { attempt } from './attempt.ts'
import { type DueFires, dueFires, type Plan, planFires } from './due.ts'
import type { Outcomes } from './outcomes.ts'
import { decideOverlap } from './overlap.ts'
import { moveOn } from './statements.ts'

export type Firing = {
  tx: Database
  clock: Clock
  runs: Runs
  outcomes: Outcomes
  allPaused: Pause | null
}

/** What a fire leaves to be done once it is committed. */
export type Fired = {
  queued: { run: Run; task: Task }[]
  /** No longer waiting. */
  dropped: { id: string; taskId: string }[]
  /** Tasks whose runs are to be ended, for the new one. */
  replaced: string[]
}

/** While a program is not to be started, its turn comes again so often. */
const AGAIN_MS = 2_000

/**
 * Fires one task: moves its due time on and accounts for every slot that was due, in the caller's
 * transaction. After a crash either both are there or neither is.
 */
export const fireTask = async (firing: Firing, row: TaskRow): Promise<Fired> => {
  const { tx, clock, outcomes } = firing
  const now = clock.now()
  const task = toTask(row)
  const pauseOver = row.paused_until !== null && row.paused_until <= isoTime(now)
  if (pauseOver) {
    await tx.kysely.updateTable('tasks').set(notPaused).where('id', '=', task.id).execute()
    Object.assign(row, notPaused)
  }
  const paused = pauseCause(row, firing.allPaused)
  const dueAt = new Date(row.next_run_at as string)
  if (task.kind === 'background' && task.cron === '') return start(firing, task, row, dueAt, paused)
  let fires: DueFires
  let plan: Plan
  try {
    fires = dueFires(task, dueAt, now)
    plan = planFires(task, fires, now)
  } catch (error) {
    return giveUp(firing, task, row, dueAt, error as Error)
  }
  await move(firing, row, fires.last, fires.next && dueOf(task, fires.next))
  if (paused !== null) {
    await outcomes.passedOver(task, fires, paused)
    return nothing()
  }
  if (plan.missed) await outcomes.missed(task, plan.missed)
  const fired = nothing()
  for (const { slot, trigger } of plan.run) await fireSlot(firing, task, slot, trigger, fired)
  return fired
}

/** Why its fires are passed over; null when they are not. */
export const pauseCause = (
  row: Pick<TaskRow, 'paused_at' | 'paused_by' | 'paused_reason'>,
  allPaused: Pause | null,
): string | null => {
  if (allPaused) return pausedBy(allPaused.by, 'all tasks', allPaused.reason)
  return row.paused_at ? pausedBy(row.paused_by, 'it', row.paused_reason) : null
}

/** In the words of a run that somebody stopped; `by` as the audit names them. */
const pausedBy = (by: string | null, what: string, reason: string | null): string =>
  `${by === 'person' ? 'A person' : (by ?? 'Somebody')} paused ${what}${reason ? `: ${reason}` : ''}`

const nothing = (): Fired => ({ queued: [], dropped: [], replaced: [] })

const fireSlot = async (
  { runs, outcomes }: Firing,
  task: Task,
  slot: Date,
  trigger: Run['trigger'],
  fired: Fired,
): Promise<void> => {
  const open = await runs.open({ task: task.id })
  const [first] = open
  if (task.kind === 'background' && first)
    return outcomes.passedOver(
      task,
      { count: 1, first: slot, last: slot },
      first.startedAt ? `It runs already, since ${first.startedAt}` : 'It is about to start',
    )
  const decision = decideOverlap(task, open, { trigger, slot })
  for (const { id, status, cause } of decision.supersedes) {
    await outcomes.pass(id, task, status, cause)
    fired.dropped.push({ id, taskId: task.id })
  }
  if (decision.act === 'skip') {
    await outcomes.skipped(task, slot, decision.cause ?? '')
    return
  }
  const run = await runs.begin({ taskId: task.id, slot, trigger })
  if (run) fired.queued.push({ run, task })
  if (decision.replaces) fired.replaced.push(task.id)
}

/** A program that is to run all the time: there are no slots, only the wish that it runs. */
const start = async (
  firing: Firing,
  task: Task,
  row: TaskRow,
  dueAt: Date,
  paused: string | null,
): Promise<Fired> => {
  const { clock, runs } = firing
  const again = new Date(clock.now().getTime() + AGAIN_MS)
  if (paused !== null) {
    await move(firing, row, null, again)
    return nothing()
  }
  const runsAlready = (await runs.open({ task: task.id })).length > 0
  await move(firing, row, runsAlready ? null : dueAt, null)
  if (runsAlready) return nothing()
  const run = await runs.begin({ taskId: task.id, slot: dueAt, trigger: 'schedule' })
  return { ...nothing(), queued: run ? [{ run, task }] : [] }
}

/** A calendar that cannot be read any more: said so, and not asked again until the file changes. */
const giveUp = async (
  firing: Firing,
  task: Task,
  row: TaskRow,
  slot: Date,
  error: Error,
): Promise<Fired> => {
  await move(firing, row, slot, null)
  const run = await firing.runs.begin({ taskId: task.id, slot, trigger: 'schedule' })
  const cause = `Its calendar could not be read: ${error.message}`
  if (run)
    await firing.outcomes.end(run, task, {
      ...attempt({ status: 'could_not_start', cause, line: cause }),
      tries: 0,
      durationMs: 0,
    })
  return nothing()
}

/** `slot` null leaves the last slot as it is. */
const move = (
  { tx }: Firing,
  row: Pick<TaskRow, 'id' | 'last_slot'>,
  slot: Date | null,
  dueAt: Date | null,
): Promise<number> =>
  tx.statement('tasks.move_on', moveOn).run({
    id: row.id,
    next_run_at: dueAt && isoTime(dueAt),
    last_slot: slot ? isoTime(slot) : row.last_slot,
  })
