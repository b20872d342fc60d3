import { StringDecoder } from 'node:string_decoder'
import type { Followed, Reader, RecordEvent } from '../profile.ts'
import { type HookLine, parseHook, parseTold, type Told } from './records.ts'

/** A screen that shows an idle, empty input for so long, while its record tells of no end, means one. */
const IDLE_MS = 5_000

/** A turn of hers, by her own id of it. `ours`: of which message; null for what nobody sent from here. */
type Task = { ours: string | null; blocks: string[] }

/**
 * A hook names the conversation's rollout file and says that a message was received; the rollout
 * tells what was said, each block once it is whole, and the end. The reply is every block of the
 * turn in order, joined by an empty line, as she shows them one under the other.
 */
export const createCodexReader = (): Reader => {
  const followed = new Map<string, Followed>()
  const lines = new Map<string | null, ReturnType<typeof createLines>>()
  const tasks = new Map<string, Task>()
  const ended = new Set<string>()
  /** Received by her own word, and not ended. One follows another: a new one is the end of the last. */
  let running: string | null = null
  /** The turn in hand. */
  let current: string | null = null
  let conversation: string | null = null
  let strange: string | null = null
  let hasBeenIdle = false
  let idleSince: number | null = null
  let bytesAt = performance.now()

  const taskOf = (id: string): Task => {
    const task = tasks.get(id) ?? { ours: null, blocks: [] }
    tasks.set(id, task)
    return task
  }

  const over = (id: string) => {
    ended.add(id)
    if (running === id) running = null
    tasks.delete(id)
  }

  const hear = (line: string): RecordEvent[] => {
    const parsed = parseHook(line)
    if (parsed?.type === 'strange') strange = parsed.field
    return parsed?.type === 'ok' ? fromHook(parsed.line) : []
  }

  const fromHook = (hook: HookLine): RecordEvent[] => {
    if (hook.hook_event_name === 'PermissionRequest') {
      if (hook.mc_allowed) return []
      const command = hook.tool_input.command ?? null
      const about = { kind: 'permission' as const, command, folder: hook.cwd }
      return [{ type: 'asks', turn: tasks.get(hook.turn_id)?.ours ?? null, about }]
    }
    const events: RecordEvent[] = []
    followed.set(hook.transcript_path, { path: hook.transcript_path, from: 'start' })
    if (conversation !== hook.session_id) {
      conversation = hook.session_id
      events.push({ type: 'conversation', turn: null, id: hook.session_id })
    }
    // The rollout is read first, and may have told the end already.
    if (ended.has(hook.turn_id)) return events
    running = hook.turn_id
    return [...events, ...received(hook.turn_id, hook.prompt, 'hook:UserPromptSubmit')]
  }

  const received = (taskId: string, text: string, by: string): RecordEvent[] => {
    const ours = /^\[mc ([0-9a-z]+)\] /.exec(text)?.[1]
    if (ours === undefined) return []
    taskOf(taskId).ours = ours
    // The rollout may tell it before the hook does. What it tells of old turns has long ended.
    if (ours === current) running = taskId
    return [{ type: 'received', turn: ours, evidence: `${by} ${taskId}` }]
  }

  const read = (line: string): RecordEvent[] => {
    const parsed = parseTold(line)
    if (parsed?.type === 'strange') strange = parsed.field
    return parsed?.type === 'ok' ? fromRollout(parsed.line) : []
  }

  const fromRollout = (told: Told): RecordEvent[] => {
    const id = told.turn_id
    if (told.type === 'item_completed') {
      const text = told.item.content.map((part) => part.text ?? '').join('')
      return told.item.type === 'UserMessage'
        ? received(id, text, 'rollout:UserMessage')
        : said(taskOf(id), text)
    }
    const { ours, blocks } = taskOf(id)
    over(id)
    if (ours === null) return []
    if (told.type === 'turn_aborted')
      return [{ type: 'interrupted', turn: ours, reply: blocks.join(PARTED) }]
    const last = told.last_agent_message
    if (last !== null && last !== '' && !blocks.includes(last)) blocks.push(last)
    const reply = blocks.join(PARTED)
    if (told.error)
      return [{ type: 'failed', turn: ours, problem: plain(told.error.message), reply }]
    if (strange !== null)
      return [{ type: 'failed', turn: ours, problem: unknownShape(strange), reply }]
    return [{ type: 'answered', turn: ours, reply, evidence: `rollout:task_complete ${id}` }]
  }

  const said = ({ ours, blocks }: Task, text: string): RecordEvent[] => {
    if (text === '') return []
    blocks.push(text)
    if (ours === null) return []
    return [{ type: 'text', turn: ours, text: blocks.length > 1 ? PARTED + text : text }]
  }

  return {
    feed: (bytes, file = null) => {
      bytesAt = performance.now()
      const take = lines.get(file) ?? createLines()
      lines.set(file, take)
      return take(bytes).flatMap(file === null ? hear : read)
    },
    follows: () => [...followed.values()],
    see: (screen) => {
      const idle = screen.type === 'input' && !screen.busy
      hasBeenIdle ||= idle
      idleSince = idle ? (idleSince ?? performance.now()) : null
      return []
    },
    quietMs: () => (running !== null && idleSince !== null ? idleSince + IDLE_MS - bytesAt : null),
    /** She waits, and nothing tells how it ended. */
    quiet: () => {
      if (running === null || idleSince === null) return []
      if (performance.now() - idleSince < IDLE_MS) return []
      const { ours, blocks } = taskOf(running)
      over(running)
      if (ours === null) return []
      const reply = blocks.join(PARTED)
      return [{ type: 'failed', turn: ours, problem: unknownShape(strange), reply }]
    },
    begin: (turn) => {
      current = turn
      strange = null
    },
    entered: () => {},
    answered: () => {},
    ended: () => {
      current = null
    },
    seed: () => '',
    now: () => ({ ready: hasBeenIdle && running === null, bracketed: true, prompt: '' }),
  }
}

const PARTED = '\n\n'

const unknownShape = (field: string | null): string =>
  field === null
    ? 'Codex stopped, and its record does not tell how'
    : `Unknown transcript shape of Codex: ${field}`

/** What its model's API said stands in JSON at times. */
const plain = (message: string): string => {
  try {
    const said: unknown = JSON.parse(message)?.error?.message
    return typeof said === 'string' ? said : message
  } catch {
    return message
  }
}

/** Whole lines out of bytes; half a line waits for its rest. */
const createLines = () => {
  const decoder = new StringDecoder('utf8')
  let rest = ''
  return (bytes: Uint8Array): string[] => {
    const whole = (rest + decoder.write(bytes)).split('\n')
    rest = whole.pop() ?? ''
    return whole.filter((line) => line !== '')
  }
}
