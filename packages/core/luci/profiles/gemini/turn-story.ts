import type { RecordEvent } from '../profile.ts'
import { createSpending } from '../spending.ts'
import { exactText } from './exact-text.ts'
import { CANCELLED, type Entry } from './transcript.ts'
import { usageIn } from './usage.ts'

/** What the program shows as separate answers of one turn is parted by an empty line. */
const BETWEEN = '\n\n'

/**
 * One turn of ours, from what hooks and transcript tell of it. The transcript's records are the
 * skeleton: each of the person (or of tools) is answered by one of the model. A piece that comes
 * while none of the person's is unanswered is a helper's of hers, and not hers to say.
 */
export const createTurnStory = (id: string) => {
  const mark = `[mc ${id}]`
  /** When (ISO time) it was entered, or, better, when the program says that it began. */
  let since: string | null = null
  let received = false
  let open = true
  let over = false
  let streamed = ''
  let problem: string | null = null
  let error: string | null = null
  const spending = createSpending()
  spending.begin(id)
  /** Since the person's own record, in order. */
  const entries: Told[] = []

  const receive = (evidence: string): RecordEvent[] => {
    if (received) return []
    received = true
    return [{ type: 'received', turn: id, evidence }]
  }

  const close = (event: RecordEvent): RecordEvent[] => {
    if (!open) return []
    open = false
    return [event]
  }

  const anchored = () => entries.length > 0
  const last = () => entries.at(-1)

  /** The last word is hers, and no call of a tool. */
  const isAnswered = () => {
    const entry = last()
    return entry?.type === 'gemini' && !entry.calls && entry.content !== ''
  }

  const replies = () => entries.filter((entry) => entry.type === 'gemini' && entry.content !== '')

  const end = (): RecordEvent[] => {
    if (isAnswered()) {
      const texts = replies().map(({ content, pieces }) => exactText(pieces, content) ?? content)
      const inexact = replies().some(({ content, pieces }) => exactText(pieces, content) === null)
      return close({
        type: 'answered',
        turn: id,
        reply: texts.join(BETWEEN),
        evidence: `transcript:${last()?.id}`,
        problem: inexact ? 'Invisible characters of this reply may be missing' : null,
      })
    }
    if (error !== null) return close({ type: 'failed', turn: id, problem: error, reply: streamed })
    return []
  }

  return {
    id,
    isOpen: () => open && received,
    entered: (at: string) => {
      since ??= at
    },

    before: (at: string, prompt: string): RecordEvent[] => {
      if (!prompt.startsWith(mark)) return []
      since = at
      return receive('hook:BeforeAgent')
    },

    /** A piece of an answer, and when (ISO time) it came. */
    piece: (at: string, text: string): RecordEvent[] => {
      const asked = entries.findLast((entry) => entry.timestamp <= at)
      if (text === '' || asked?.type !== 'user') return []
      const parted = asked.pieces.length === 0 && streamed !== '' ? BETWEEN : ''
      asked.pieces.push(text)
      if (!open) return []
      streamed += parted + text
      return [{ type: 'text', turn: id, text: parted + text }]
    },

    entry: (entry: Entry): RecordEvent[] => {
      if (!open) return []
      if (entry.type === 'user') {
        const isOurs = entry.content[0]?.text?.startsWith(mark) === true
        if (!anchored() && !isOurs) return []
        entries.push({ ...entry, content: '', calls: false, pieces: [] })
        return isOurs ? receive(`transcript:${entry.id}`) : []
      }
      if (entry.type === 'gemini') {
        if (!anchored()) return []
        const usage = usageIn(entry)
        const used = usage ? spending.call(entry.id, usage) : []
        if (typeof entry.content !== 'string') return used
        const known = entries.find(({ id }) => id === entry.id)
        const calls = (entry.toolCalls ?? []).length > 0
        if (known) Object.assign(known, { calls })
        else {
          const pieces = last()?.pieces ?? []
          entries.push({ ...entry, content: entry.content, calls, pieces })
        }
        return over ? [...used, ...end()] : used
      }
      // A conversation that is resumed is read from its beginning, old ends and all.
      const isOfIt = anchored() || (since !== null && entry.timestamp >= since)
      if (!isOfIt) return []
      if (entry.type === 'info' && entry.content === CANCELLED)
        return close({ type: 'interrupted', turn: id, reply: streamed })
      if (entry.type === 'error') error = entry.content
      return over ? end() : []
    },

    /** The program says that it is done, one way or the other. */
    after: (prompt: string): RecordEvent[] => {
      if (!prompt.startsWith(mark)) return []
      over = true
      return end()
    },

    /** A line that should tell of it was not understood. */
    broken: (what: string): RecordEvent[] => {
      problem ??= `Gemini CLI's records have changed (${what})`
      return []
    },

    /** The screen has been idle for long, and nothing said how it ended. */
    deserted: (): RecordEvent[] => {
      if (!received) return []
      if (error !== null)
        return close({ type: 'failed', turn: id, problem: error, reply: streamed })
      const reply = streamed
      const why = problem ?? 'She is idle, but nothing in her records says how this ended'
      return close({ type: 'unproved', turn: id, reply, problem: why })
    },
  }
}
export type TurnStory = ReturnType<typeof createTurnStory>

type Told = {
  id: string
  type: 'user' | 'gemini'
  timestamp: string
  /** The model's words as recorded; '' for a person's. */
  content: string
  calls: boolean
  /** The model's words in answer to it, as they were sent. */
  pieces: string[]
}
