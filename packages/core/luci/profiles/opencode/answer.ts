import type { RecordEvent } from '../profile.ts'
import type { Failure, Line } from './lines.ts'

type Of<Type extends Line['type']> = Extract<Line, { type: Type }>

/** Between blocks of text, which the program shows apart: there may have been tool calls between. */
const BETWEEN = '\n\n'

/** How the AI SDK calls an end that the model meant; the last two when its API does not tell. */
const ENDS = ['stop', 'other', 'unknown']

/** It works on a message a moment after it has stored it; a busy machine makes it more. */
const BEGINS_WITHIN_MS = 20_000
/** After the session is idle, the last words of a message that was broken off may still come. */
const LAST_WORDS_MS = 3_000

/**
 * What she says to one message of ours, put together from the lines of the record. It is over when
 * its session is idle and her last message is whole; that may be told in either order.
 */
export const createAnswer = (turn: string, { session, message }: Of<'user'>) => {
  /** Our message, and those that the program puts in after it to go on (a compaction). */
  const asked = new Set([message])
  /** Her messages in order: null while one is not over. */
  const hers = new Map<string, Of<'done'> | null>()
  const summaries = new Set<string>()
  const parts = new Map<string, string>()
  let speaking: string | null = null
  /** It works on our message: what ended before may still be told of. */
  let begun = false
  let idle = false
  let failure: Failure | null = null
  /** Somebody else's message came between. */
  let met = false

  const isSpoken = (of: { message: string }) => hers.has(of.message) && !summaries.has(of.message)

  const reply = () => [...parts.values()].filter((text) => text !== '').join(BETWEEN)

  const outcome = (): RecordEvent[] => {
    const last = [...hers].findLast(([id]) => !summaries.has(id))?.[1]
    const isOpen = [...hers.values()].includes(null)
    if (!idle || isOpen) return []
    const wrong = last?.error ?? failure
    if (wrong)
      return wrong.name === 'MessageAbortedError'
        ? [{ type: 'interrupted', turn, reply: reply() }]
        : [failed(wrong.message)]
    if (!last) return [{ type: 'interrupted', turn, reply: reply() }]
    const { finish } = last
    if (finish && ENDS.includes(finish))
      return [{ type: 'answered', turn, reply: reply(), evidence: last.message }]
    if (finish === 'tool-calls')
      return met
        ? [
            failed(
              'Another message in her pane came between; the rest of her answer is to that one',
            ),
          ]
        : // What she wanted to do was refused, and with it she stops.
          [{ type: 'interrupted', turn, reply: reply() }]
    return [failed(`Her model ended the answer with "${finish ?? 'nothing'}"`)]
  }

  const failed = (problem: string): RecordEvent => ({
    type: 'failed',
    turn,
    problem,
    reply: reply(),
  })

  const unproved = (problem: string): RecordEvent => ({
    type: 'unproved',
    turn,
    problem,
    reply: reply(),
  })

  const patienceMs = (): number | null => {
    if (!begun) return BEGINS_WITHIN_MS
    return idle ? LAST_WORDS_MS : null
  }

  return {
    /** A message of its answer, a summary on the way included. */
    isHers: (of: { message: string }): boolean => hers.has(of.message),
    goesOn: (of: Of<'user'>) => {
      if (of.session === session) asked.add(of.message)
    },
    meets: (of: Of<'user'>) => {
      met ||= of.session === session
    },
    begins: (of: Of<'assistant'>) => {
      if (of.session !== session || !asked.has(of.parent) || hers.has(of.message)) return
      hers.set(of.message, null)
      if (of.summary) summaries.add(of.message)
    },
    /** A bit of text, as it is streamed. */
    says: (of: Of<'delta'>): RecordEvent[] => {
      if (!isSpoken(of)) return []
      const isNext = speaking !== null && speaking !== of.part && reply() !== ''
      speaking = of.part
      parts.set(of.part, (parts.get(of.part) ?? '') + of.text)
      return [{ type: 'text', turn, text: isNext ? BETWEEN + of.text : of.text }]
    },
    /** The whole of a block; what was streamed of it was provisional. */
    said: (of: Of<'text'>): RecordEvent[] => {
      if (!isSpoken(of)) return []
      const streamed = parts.has(of.part)
      const before = reply()
      parts.set(of.part, of.text)
      if (streamed || of.text === '') return []
      return [{ type: 'text', turn, text: before === '' ? of.text : BETWEEN + of.text }]
    },
    done: (of: Of<'done'>): RecordEvent[] => {
      if (hers.has(of.message)) hers.set(of.message, of)
      return outcome()
    },
    status: (of: Of<'status'>): RecordEvent[] => {
      if (of.session !== session) return []
      begun ||= of.status !== 'idle'
      idle = begun && of.status === 'idle'
      return outcome()
    },
    fails: (of: Of<'error'>) => {
      if (of.session === session && begun) failure = of.error
    },
    strange: ({ event, field }: Of<'strange'>): RecordEvent[] => [
      unproved(`Unknown record shape: OpenCode's ${event} has no ${field}`),
    ],
    /** How long nothing must come before it is given up; null while there is no reason to. */
    patienceMs,
    /** The time is over, or her program is; `idle`: her screen says so, and her record does not. */
    givenUp: (idleScreen = false): RecordEvent[] =>
      patienceMs() === null && !idleScreen
        ? []
        : [unproved(begun ? 'She stopped in the middle of a message' : 'She did nothing about it')],
  }
}
export type Answer = ReturnType<typeof createAnswer>
