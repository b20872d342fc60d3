import type { RunTrigger } from '@mc/core/runs/run.ts'
import type { Limits } from '@mc/core/tasks/limits.ts'
import type { Task } from '@mc/core/tasks/task.ts'

export const CATCH_UPS_AT_ONCE_MAX = 2

type Running = {
  task: Pick<Task, 'id' | 'kind' | 'tags' | 'overlap' | 'overlapMax'>
  trigger: RunTrigger
}

/**
 * How many more runs there is room for, over all, per tag and per task. A background program takes
 * no place of the whole: it would keep it for good.
 */
export const createRoom = (
  { total, tags }: { total: number; tags: Limits['tags'] },
  running: readonly Running[],
) => {
  const byTask = new Map<string, number>()
  const byTag = new Map<string, number>()
  let all = 0
  let catchUps = 0
  const more = (counts: Map<string, number>, name: string) =>
    counts.set(name, (counts.get(name) ?? 0) + 1)

  const take = ({ task, trigger }: Running): void => {
    if (task.kind !== 'background') all++
    if (trigger === 'catch_up') catchUps++
    more(byTask, task.id)
    for (const tag of task.tags) more(byTag, tag)
  }
  for (const one of running) take(one)

  return {
    take,
    isFull: () => all >= total,
    catchUpCount: () => catchUps,
    fits({ task, trigger }: Running): boolean {
      if (task.kind !== 'background' && all >= total) return false
      if (trigger === 'catch_up' && catchUps >= CATCH_UPS_AT_ONCE_MAX) return false
      const atOnce = task.overlap === 'allow' ? task.overlapMax : 1
      if ((byTask.get(task.id) ?? 0) >= atOnce) return false
      return task.tags.every(
        (tag) => (byTag.get(tag) ?? 0) < (tags[tag] ?? Number.POSITIVE_INFINITY),
      )
    },
  }
}

export type Room = ReturnType<typeof createRoom>
