import type { Run } from '@mc/core/runs/run.ts'
import type { Task } from '@mc/core/tasks/task.ts'

export type WaitingRun = Pick<Run, 'id' | 'seq' | 'trigger' | 'slot' | 'queuedAt'> & { task: Task }

/**
 * Who waits for room: the tasks take turns, and each task's own runs go first come, first served.
 * So a task that fires every second cannot keep a daily one waiting. The table of runs is the
 * truth; this is the order in which it is worked off.
 */
export const createWaiting = () => {
  /** A task that was served goes to the end; a Map keeps the order in which keys came. */
  const turns = new Map<string, WaitingRun[]>()
  let count = 0
  let catchUps = 0

  const counted = (run: WaitingRun, by: 1 | -1) => {
    count += by
    if (run.trigger === 'catch_up') catchUps += by
  }

  return {
    count: () => count,
    catchUpCount: () => catchUps,
    has: (taskId: string) => turns.has(taskId),

    add(run: WaitingRun): void {
      const own = turns.get(run.task.id)
      if (own?.some(({ id }) => id === run.id)) return
      if (own) own.push(run)
      else turns.set(run.task.id, [run])
      counted(run, 1)
    },

    /** It has begun or ended. `served` gives the other tasks their turn first. */
    remove(taskId: string, id: string, { served = false } = {}): void {
      const own = turns.get(taskId) ?? []
      const run = own.find((one) => one.id === id)
      if (!run) return
      counted(run, -1)
      const left = own.filter((one) => one !== run)
      if (left.length === 0 || served) turns.delete(taskId)
      if (left.length > 0) turns.set(taskId, left)
    },

    /** The oldest of each task, in turn. What is removed or added meanwhile is seen. */
    *heads(): Generator<WaitingRun> {
      for (const own of [...turns.values()]) if (own[0]) yield own[0]
    },

    /** Who is whose turn, anew from the table, keeping the turns of those that waited before. */
    replace(runs: readonly WaitingRun[]): void {
      const order = [...turns.keys()]
      turns.clear()
      count = 0
      catchUps = 0
      const byTask = new Map<string, WaitingRun[]>()
      for (const run of [...runs].sort((a, b) => a.seq - b.seq)) {
        const own = byTask.get(run.task.id)
        if (own) own.push(run)
        else byTask.set(run.task.id, [run])
        counted(run, 1)
      }
      for (const id of [...order, ...byTask.keys()]) {
        const own = byTask.get(id)
        if (own && !turns.has(id)) turns.set(id, own)
      }
    },
  }
}

export type Waiting = ReturnType<typeof createWaiting>
