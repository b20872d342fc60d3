import { type Clock, isoTime } from '@mc/core/clock.ts'
import { type Task, toTask } from '@mc/core/tasks/task.ts'
import { isRescheduled } from '@mc/core/tasks/tasks.ts'
import type { Database } from '@mc/db/database.ts'
import { dueFires } from './due.ts'
import type { Outcomes } from './outcomes.ts'

/**
 * Fires that were due, but whose task the tasks file now plans otherwise, or no more: they are told
 * as missed before it does. Call it in the transaction that brings the file in.
 */
export const settleLate = async (
  tx: Database,
  clock: Clock,
  outcomes: Outcomes,
  tasks: readonly Task[],
): Promise<void> => {
  const now = clock.now()
  const late = await tx.kysely
    .selectFrom('tasks')
    .select(['id', 'definition', 'next_run_at'])
    .where('present', '=', 1)
    .where('next_run_at', '<=', isoTime(now))
    .orderBy('id')
    .execute()
  if (late.length === 0) return
  const planned = new Map(tasks.map((task) => [task.id, task]))
  for (const row of late) {
    const before = toTask(row)
    const after = planned.get(row.id)
    // Without a calendar there is nothing that could be missed.
    if (before.cron === '' || (after && !isRescheduled(before, after))) continue
    const fires = dueFires(before, new Date(row.next_run_at as string), now)
    await outcomes.missed(before, fires, 'The tasks file changed before anybody could fire it')
  }
}
