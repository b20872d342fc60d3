import { StringDecoder } from 'node:string_decoder'
import type { Reader, RecordEvent } from '../profile.ts'
import { type Broken, type HookLine, parseHookLine } from './hook-lines.ts'
import { CANCELLED, conversationIn, parseEntry } from './transcript.ts'
import { createTurnStory, type TurnStory } from './turn-story.ts'

/** An idle screen that stays, while the record says that she works: the record missed the end. */
const IDLE_MS = 4_000
/** A resumed conversation is drawn only after the hook; until then typed text is lost. */
const RESUMED_MS = 1_500

/**
 * Gemini CLI's hooks (our record) and its transcript, read beside it. Her turn begins with the
 * hook BeforeAgent and ends with AfterAgent; an interrupt is told by the transcript alone when it
 * answers a question.
 */
export const createGeminiReader = (): Reader => {
  const record = createLines()
  const transcripts = new Map<string, ReturnType<typeof createLines>>()
  /** The transcript that is being written; '' while none is known. */
  let path = ''
  /** By the transcript's path. Not the hooks' `session_id`, which changes with the model. */
  const conversations = new Map<string, string>()
  let started = false
  let resuming = false
  /** Since when (ISO time) she works, by her own word; null while she waits. */
  let workingSince: string | null = null
  /** When (ISO time) the transcript last told of an end that no hook tells. */
  let cutAt = ''
  let story: TurnStory | null = null
  let told: string | null = null
  let fedAt = performance.now()
  let idleAt: number | null = null

  const takeHook = (line: HookLine | Broken): RecordEvent[] => {
    if ('broken' in line) return story?.broken(line.broken) ?? []
    path = line.transcript_path
    switch (line.hook_event_name) {
      case 'SessionStart':
        started = true
        workingSince = null
        resuming = line.source === 'resume'
        return []
      case 'SessionEnd':
        started = false
        return []
      case 'BeforeAgent':
        resuming = false
        workingSince = line.timestamp > cutAt ? line.timestamp : null
        return story?.before(line.timestamp, line.prompt) ?? []
      case 'AfterModel':
        return story?.piece(line.timestamp, line.llm_response.text ?? '') ?? []
      case 'AfterAgent':
        workingSince = null
        return [...conversation(), ...(story?.after(line.prompt) ?? [])]
      case 'Notification':
        return line.notification_type === 'ToolPermission' ? [asks(line)] : []
    }
  }

  const asks = ({
    cwd,
    details,
  }: Extract<HookLine, { hook_event_name: 'Notification' }>): RecordEvent => {
    const { type, command, filePath, serverName, toolName } = details
    const tool = serverName && toolName ? `${serverName}: ${toolName}` : null
    const kind = type === 'ask_user' ? 'question' : 'permission'
    const about = { kind, command: command ?? filePath ?? tool, folder: cwd } as const
    return { type: 'asks', turn: story?.isOpen() ? story.id : null, about }
  }

  const takeEntry = (file: string, text: string): RecordEvent[] => {
    const id = conversationIn(text)
    if (id !== null) conversations.set(file, id)
    // Of old talk, all that counts is how it stands now.
    if (!story && !text.includes(CANCELLED)) return []
    const entry = parseEntry(text)
    if (!entry) return []
    if ('broken' in entry) return story?.broken(entry.broken) ?? []
    const events = story?.entry(entry) ?? []
    if (entry.type === 'info' && entry.content === CANCELLED) {
      cutAt = entry.timestamp
      if (workingSince !== null && workingSince <= cutAt) workingSince = null
      events.push(...conversation())
    }
    return events
  }

  /** Told once it holds something: the program does not go on with an empty one. */
  const conversation = (): RecordEvent[] => {
    const id = conversations.get(path)
    if (!id || id === told) return []
    told = id
    return [{ type: 'conversation', turn: null, id }]
  }

  /** How long the screen must be idle to say more than the record did; null when it would not. */
  const waitsFor = (): number | null => {
    if (resuming) return RESUMED_MS
    return workingSince !== null || story?.isOpen() ? IDLE_MS : null
  }

  const linesOf = (path: string) => {
    const lines = transcripts.get(path) ?? createLines()
    transcripts.set(path, lines)
    return lines
  }

  return {
    feed: (bytes, file = null) => {
      fedAt = performance.now()
      if (file !== null)
        return linesOf(file)
          .of(bytes)
          .flatMap((text) => takeEntry(file, text))
      return record.of(bytes).flatMap((text) => {
        const line = parseHookLine(text)
        return line ? takeHook(line) : []
      })
    },
    // From its start: a resumed one is named only once the turn has begun in it.
    follows: () => (path === '' ? [] : [{ path, from: 'start' }]),
    see: (screen) => {
      const idle = screen.type === 'input' && !screen.busy
      idleAt = idle ? (idleAt ?? performance.now()) : null
      return []
    },
    quietMs: () => {
      const waitMs = waitsFor()
      return idleAt === null || waitMs === null ? null : Math.max(0, idleAt - fedAt) + waitMs
    },
    quiet: () => {
      // Asked also when the program has ended.
      const waitMs = waitsFor()
      if (idleAt === null || waitMs === null || performance.now() - idleAt < waitMs) return []
      resuming = false
      workingSince = null
      return story?.deserted() ?? []
    },
    begin: (turn) => {
      story = createTurnStory(turn)
    },
    entered: () => {
      idleAt = null
      story?.entered(new Date().toISOString())
    },
    answered: () => {},
    ended: () => {
      story = null
    },
    seed: () =>
      started
        ? `${JSON.stringify({
            transcript_path: path,
            timestamp: new Date().toISOString(),
            hook_event_name: 'SessionStart',
            source: 'renewed record',
          })}\n`
        : '',
    now: () => ({
      ready: started && !resuming && workingSince === null,
      bracketed: true,
      prompt: '',
    }),
  }
}

/** Bytes as whole lines; the rest of the last waits for more. */
const createLines = () => {
  const decoder = new StringDecoder('utf8')
  let rest = ''
  return {
    of: (bytes: Uint8Array): string[] => {
      const lines = (rest + decoder.write(bytes)).split('\n')
      rest = lines.pop() ?? ''
      return lines
    },
  }
}
