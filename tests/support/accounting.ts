import type { Task } from '@mc/core/tasks/task.ts'
import type { Database } from '@mc/db/database.ts'
import { readPattern, stepsOf, walk } from './debian-cron.ts'

export type Account = {
  slots: number
  /** Slots by how they ended. */
  by: Record<string, number>
  /** Outcomes that stand for several slots. */
  ranges: number
  wrong: string[]
}

/**
 * Each slot of each task from `from` (not included) to `to` against the runs: exactly one outcome
 * must account for it, and no outcome for anything else. The slots come from the walk of Debian's
 * cron, not from the calendar that made them.
 */
export const account = async (
  db: Database,
  tasks: readonly Task[],
  from: Date,
  to: Date,
  stepMs = 60_000,
): Promise<Account> => {
  const found: Account = { slots: 0, by: {}, ranges: 0, wrong: [] }
  const rows = await db.kysely.selectFrom('runs').selectAll().orderBy('slot').execute()
  const items = await db.kysely.selectFrom('orchestrator_inbox').select('run_id').execute()
  const posted = new Set(items.map(({ run_id: id }) => id))
  const clocks = new Map<string, ReturnType<typeof stepsOf>>()
  for (const task of tasks) {
    const { timezone, cron, id } = task
    const steps = clocks.get(timezone) ?? stepsOf(timezone, from.getTime(), to.getTime(), stepMs)
    clocks.set(timezone, steps)
    const slots = walk(steps, readPattern(cron))
    const accounts = new Map<number, string[]>(slots.map((at) => [at, []]))
    found.slots += slots.length
    for (const run of rows) {
      if (run.task_id !== id || run.slot === null) continue
      const last = Date.parse(run.slot)
      const first = run.first_slot ? Date.parse(run.first_slot) : last
      if (last > to.getTime()) continue
      const covered = slots.filter((at) => at >= first && at <= last)
      const name = `${id} ${run.status} ${run.first_slot ?? ''}..${run.slot}`
      if (covered.length !== run.slots)
        found.wrong.push(`${name} says ${run.slots} slots, there are ${covered.length}`)
      if (run.slots > 1) found.ranges++
      if (run.ended_at === null) found.wrong.push(`${name} has not ended`)
      const isTold = run.status !== 'skipped' || !/ paused (?:it|all tasks)\b/.test(run.cause ?? '')
      if (isTold !== posted.has(run.id)) found.wrong.push(`${name}: in the inbox: ${!isTold}`)
      for (const at of covered) {
        accounts.get(at)?.push(run.status)
        found.by[run.status] = (found.by[run.status] ?? 0) + 1
      }
    }
    for (const [at, statuses] of accounts)
      if (statuses.length !== 1)
        found.wrong.push(`${id} ${new Date(at).toISOString()}: ${statuses.join(', ') || 'nothing'}`)
  }
  return found
}
