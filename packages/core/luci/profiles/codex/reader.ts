import { StringDecoder } from 'node:string_decoder'
import type { Followed, Reader, RecordEvent } from '../profile.ts'
import type { Screen } from '../screen.ts'
import { createSpending } from '../spending.ts'
import { type HookLine, type Parsed, parseHook, parseTold, type Told } from './records.ts'
import { createTasks } from './tasks.ts'
import { createCodexUsage } from './usage.ts'

/** A screen that shows an idle input for so long, while its record tells of no end, means one. */
const IDLE_MS = 8_000
/** A hook that did not run until so long after Enter does not run at all. */
const HOOK_MS = 25_000

/**
 * A hook names the conversation's rollout file and says that a message was received; the rollout
 * tells what was said, each block once it is whole, and the end. Before her first message there is
 * neither: then an idle input on the screen is her word that she waits. `now`: a clock in ms.
 */
export const createCodexReader = (now: () => number = () => performance.now()): Reader => {
  const tasks = createTasks()
  const usage = createCodexUsage()
  const spending = createSpending()
  const followed = new Map<string, Followed>()
  const lines = new Map<string | null, ReturnType<typeof createLines>>()
  /** The message in hand. `taken`: it has left the input since Enter, and no hook has told of it. */
  let current: { turn: string; enteredAt: number | null; taken: boolean } | null = null
  /** Begun by her own word, and not ended. One follows another: a new one is the end of the last. */
  let running: string | null = null
  /** How long it stood idle before says nothing of this one. */
  let runningSince = 0
  const begins = (id: string) => {
    if (running !== id) runningSince = now()
    running = id
  }
  let conversation: string | null = null
  /** A field of a hook's line that is not as we know it. */
  let strange: string | null = null
  let hasBeenIdle = false
  let idleSince: number | null = null
  let bytesAt = now()

  const hear = (line: string): RecordEvent[] => {
    const parsed = parseHook(line)
    if (parsed?.type === 'strange') strange = parsed.field
    return parsed?.type === 'ok' ? fromHook(parsed.line) : []
  }

  const fromHook = (hook: HookLine): RecordEvent[] => {
    if (hook.hook_event_name === 'PermissionRequest') {
      if (hook.mc_allowed) return []
      const about = {
        kind: 'permission' as const,
        command: hook.tool_input.command ?? null,
        folder: hook.cwd,
      }
      return [{ type: 'asks', turn: tasks.oursOf(hook.turn_id), about }]
    }
    followed.set(hook.transcript_path, { path: hook.transcript_path, from: 'start' })
    const isNew = conversation !== hook.session_id
    conversation = hook.session_id
    const events: RecordEvent[] = isNew
      ? [{ type: 'conversation', turn: null, id: conversation }]
      : []
    // The rollout is read first, and may have told the end already.
    if (tasks.isOver(hook.turn_id)) return events
    begins(hook.turn_id)
    return [...events, ...received(hook.turn_id, hook.prompt, 'hook:UserPromptSubmit')]
  }

  const received = (id: string, text: string, by: string): RecordEvent[] => {
    const turn = tasks.receive(id, text)
    if (turn === null) return []
    if (turn === current?.turn) {
      // What the rollout tells of old turns has long ended.
      begins(id)
      current.enteredAt = null
    }
    return [{ type: 'received', turn, evidence: `${by} ${id}` }]
  }

  /** All of her turn at once, under its own id. */
  const used = (line: string): RecordEvent[] => {
    const told = usage.read(line)
    if (!told || current === null || tasks.oursOf(told.task) !== current.turn) return []
    return spending.call(told.task, told.usage)
  }

  const read = (line: string): RecordEvent[] => {
    const parsed: Parsed<Told> = parseTold(line)
    if (parsed?.type === 'strange' && parsed.turn !== null) tasks.doubt(parsed.turn, parsed.field)
    if (parsed?.type !== 'ok') return []
    const told = parsed.line
    if (told.type !== 'item_completed') {
      if (running === told.turn_id) running = null
      return tasks.end(told)
    }
    const text = told.item.content.map((part) => part.text ?? '').join('')
    return told.item.type === 'UserMessage'
      ? received(told.turn_id, text, 'rollout:UserMessage')
      : tasks.say(told.turn_id, text)
  }

  /** When, silence says more; null when it would not. */
  const dueAt = (): number | null => {
    if (current?.taken && current.enteredAt !== null) return current.enteredAt + HOOK_MS
    return running !== null && idleSince !== null
      ? Math.max(idleSince, runningSince) + IDLE_MS
      : null
  }

  return {
    feed: (bytes, file = null) => {
      bytesAt = now()
      const take = lines.get(file) ?? createLines()
      lines.set(file, take)
      return take(bytes).flatMap(file === null ? hear : (line) => [...used(line), ...read(line)])
    },
    follows: () => [...followed.values()],
    see: (screen) => {
      hasBeenIdle ||= isIdle(screen)
      idleSince = isIdle(screen) ? (idleSince ?? now()) : null
      if (current && current.enteredAt !== null) current.taken ||= isTaken(screen)
      return []
    },
    quietMs: () => {
      const due = dueAt()
      return due === null ? null : due - bytesAt
    },
    quiet: () => {
      const due = dueAt()
      if (due === null || now() < due) return []
      if (current?.taken && current.enteredAt !== null) {
        const problem = strange === null ? unhooked : `Unknown shape of a hook of Codex: ${strange}`
        current.enteredAt = null
        return [{ type: 'unproved', turn: current.turn, reply: '', problem }]
      }
      const id = running as string
      running = null
      return tasks.giveUp(id)
    },
    begin: (turn) => {
      current = { turn, enteredAt: null, taken: false }
      strange = null
      spending.begin(turn)
    },
    entered: () => {
      if (current) current.enteredAt = now()
    },
    answered: () => {},
    ended: () => {
      current = null
    },
    // The next hook names the conversation again.
    seed: () => '',
    now: () => ({ ready: hasBeenIdle && running === null, bracketed: true, prompt: '' }),
  }
}

const unhooked =
  'Codex took it, but the hook that tells of that did not run; when it starts, let it trust the hooks of this session'

const isIdle = (screen: Screen): boolean => screen.type === 'input' && !screen.busy

const isTaken = (screen: Screen): boolean =>
  screen.type === 'input' && (screen.busy || screen.input.trim() === '')

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
