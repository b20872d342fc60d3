import { type TaskRow, toTask } from '@mc/core/tasks/task.ts'
import type { Fired, Firing } from './fire.ts'
import { takeRequested } from './statements.ts'

/** A person's request waits while the task runs; it is cleared in the transaction that queues it. */
export const takeRequests = async ({ tx, runs }: Firing): Promise<Fired['queued']> => {
  const queued: Fired['queued'] = []
  for (const row of await tx
    .statement<TaskRow>('tasks.requested', takeRequested(tx.dialect))
    .all({})) {
    const task = toTask(row)
    const open = row.present === 1 ? await runs.open({ task: task.id }) : []
    const atOnce = task.overlap === 'allow' ? task.overlapMax : 1
    // A program that is to run all the time does: there is nothing to ask for.
    if (open.length >= atOnce && task.kind !== 'background') continue
    if (open.length < atOnce && row.present === 1) {
      const run = await runs.begin({
        taskId: task.id,
        trigger: 'manual',
        ...(row.run_requested_by ? { requestedBy: row.run_requested_by } : {}),
      })
      if (run) queued.push({ run, task })
    }
    await tx.kysely
      .updateTable('tasks')
      .set({ run_requested_at: null, run_requested_by: null })
      .where('id', '=', task.id)
      .execute()
  }
  return queued
}
