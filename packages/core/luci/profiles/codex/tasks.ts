import type { RecordEvent } from '../profile.ts'
import type { Told } from './records.ts'

/** A turn of hers. `ours`: of which message; null for what nobody sent from here. */
type Task = {
  ours: string | null
  blocks: string[]
  /** A field of its record that is not as we know it. */
  strange: string | null
}

type Ended = Exclude<Told, { type: 'item_completed' }>

/** How she parts the blocks of one reply. */
const PARTED = '\n\n'

/**
 * Her turns by her own ids of them, as her record tells them. The reply is every block of the turn
 * in order, byte for byte, joined by an empty line, as they stand one under the other in her pane.
 */
export const createTasks = () => {
  const tasks = new Map<string, Task>()
  const over = new Set<string>()

  const taskOf = (id: string): Task => {
    const task = tasks.get(id) ?? { ours: null, blocks: [], strange: null }
    tasks.set(id, task)
    return task
  }

  /** What it was, now that it is over. */
  const close = (id: string): Task => {
    const task = taskOf(id)
    tasks.delete(id)
    over.add(id)
    return task
  }

  return {
    isOver: (id: string): boolean => over.has(id),
    oursOf: (id: string): string | null => tasks.get(id)?.ours ?? null,

    /** The message it answers; null when that is none of ours. */
    receive(id: string, text: string): string | null {
      const ours = /^\[mc ([0-9a-z]+)\] /.exec(text)?.[1] ?? null
      if (ours !== null) taskOf(id).ours = ours
      return ours
    },

    say(id: string, text: string): RecordEvent[] {
      const { ours, blocks } = taskOf(id)
      if (text === '') return []
      blocks.push(text)
      if (ours === null) return []
      return [{ type: 'text', turn: ours, text: blocks.length > 1 ? PARTED + text : text }]
    },

    doubt(id: string, field: string): void {
      taskOf(id).strange ??= field
    },

    end(told: Ended): RecordEvent[] {
      const { ours, blocks, strange } = close(told.turn_id)
      if (ours === null) return []
      if (told.type === 'turn_aborted')
        return [{ type: 'interrupted', turn: ours, reply: blocks.join(PARTED) }]
      const last = told.last_agent_message
      if (last && !blocks.includes(last)) blocks.push(last)
      const reply = blocks.join(PARTED)
      if (told.error)
        return [{ type: 'failed', turn: ours, problem: plain(told.error.message), reply }]
      if (strange !== null) return unproved(ours, reply, strange)
      return [
        { type: 'answered', turn: ours, reply, evidence: `rollout:task_complete ${told.turn_id}` },
      ]
    },

    /** Her screen says that it is over, and her record does not. */
    giveUp(id: string): RecordEvent[] {
      const { ours, blocks, strange } = close(id)
      return ours === null ? [] : unproved(ours, blocks.join(PARTED), strange)
    },
  }
}

const unproved = (turn: string, reply: string, strange: string | null): RecordEvent[] => {
  const problem =
    strange === null
      ? 'Codex stopped, and its record does not tell how'
      : `Unknown transcript shape of Codex: ${strange}`
  return [{ type: 'unproved', turn, reply, problem }]
}

/** What its model's API said stands in JSON at times. */
const plain = (message: string): string => {
  try {
    const said: unknown = JSON.parse(message)?.error?.message
    return typeof said === 'string' ? said : message
  } catch {
    return message
  }
}
