import { StringDecoder } from 'node:string_decoder'
import { Value } from 'typebox/value'
import type { Reader, RecordEvent } from '../profile.ts'
import { createSpending } from '../spending.ts'
import { type Answer, createAnswer } from './answer.ts'
import { LINES_VERSION } from './events.ts'
import { Line } from './lines.ts'
import { usageOf } from './usage.ts'

/** So long an idle screen is believed more than a record that says otherwise. */
const IDLE_AFTER_MS = 10_000

/** Reads the record that our plugin keeps inside OpenCode. */
export const createReader = (): Reader => {
  const decoder = new StringDecoder('utf8')
  let rest = ''
  let line = 0
  let started = false
  let whole: boolean | null = null
  /** Sessions that work. */
  const busy = new Set<string>()
  const children = new Set<string>()
  /** Those begun for the turn that was sent last. */
  const helpers = new Set<string>()
  let conversation: string | null = null
  /** The turn that is in hand, and the answer to it once the program has the message. */
  let turn: string | null = null
  let answer: Answer | null = null
  const spending = createSpending()
  /** Her screen takes a message. */
  let isIdle = false

  const isAtWork = () => answer !== null || busy.size > 0

  const parse = (text: string): Line | null => {
    line += 1
    try {
      const value: unknown = JSON.parse(text)
      return Value.Check(Line, value) ? value : null
    } catch (error) {
      // Half a line, where reading began in the middle of an old record.
      if (error instanceof SyntaxError) return null
      throw error
    }
  }

  const isOurs = (text: string) => turn !== null && text.trimStart().startsWith(`[mc ${turn}]`)

  const goesOnIn = (session: string): RecordEvent[] => {
    if (session === conversation || children.has(session)) return []
    conversation = session
    return [{ type: 'conversation', turn: null, id: session }]
  }

  const takeUser = (of: Extract<Line, { type: 'user' }>): RecordEvent[] => {
    if (of.own) {
      answer?.goesOn(of)
      return []
    }
    const events = goesOnIn(of.session)
    if (turn === null || !isOurs(of.text)) {
      answer?.meets(of)
      return events
    }
    if (answer) {
      answer.goesOn(of)
      return events
    }
    answer = createAnswer(turn, of)
    return [...events, { type: 'received', turn, evidence: `record:${line} ${of.message}` }]
  }

  const over = (events: RecordEvent[]): RecordEvent[] => {
    if (events.some(({ type }) => type !== 'text')) forget()
    return events
  }

  /** Her subagents' too: they work for the message in hand. */
  const used = (of: Extract<Line, { type: 'done' }>): RecordEvent[] => {
    const isHers = answer?.isHers(of) || helpers.has(of.session)
    return of.used && isHers ? spending.call(of.message, usageOf(of.used)) : []
  }

  const forget = () => {
    turn = null
    answer = null
  }

  const take = (of: Line): RecordEvent[] => {
    if (of.type === 'started') {
      started = of.version === LINES_VERSION
      whole = of.whole
      busy.clear()
      return []
    }
    started = true
    switch (of.type) {
      case 'child':
        children.add(of.session)
        if (answer) helpers.add(of.session)
        return []
      case 'user':
        return takeUser(of)
      case 'assistant':
        answer?.begins(of)
        return []
      case 'delta':
        return answer?.says(of) ?? []
      case 'text':
        return answer?.said(of) ?? []
      case 'done':
        return [...used(of), ...over(answer?.done(of) ?? [])]
      case 'asks': {
        const { kind, command, folder } = of
        return [{ type: 'asks', turn: answer ? turn : null, about: { kind, command, folder } }]
      }
      case 'status':
        if (of.status === 'idle') busy.delete(of.session)
        else busy.add(of.session)
        return over(answer?.status(of) ?? [])
      case 'error':
        answer?.fails(of)
        return []
      case 'strange':
        return over(answer?.strange(of) ?? [])
    }
  }

  return {
    feed: (bytes) => {
      const lines = (rest + decoder.write(bytes)).split('\n')
      // The last is empty, or half a line whose rest is still being written.
      rest = lines.pop() ?? ''
      return lines.flatMap((text) => {
        const parsed = parse(text)
        return parsed ? take(parsed) : []
      })
    },
    follows: () => [],
    see: (screen) => {
      isIdle = screen.type === 'input' && !screen.busy
      return []
    },
    quietMs: () => answer?.patienceMs() ?? (isIdle && isAtWork() ? IDLE_AFTER_MS : null),
    quiet: () => {
      // A word that never came: the screen has shown for long that she waits.
      const lost = answer?.patienceMs() == null && isIdle && isAtWork()
      if (lost) busy.clear()
      return over(answer?.givenUp(lost) ?? [])
    },
    begin: (id) => {
      forget()
      turn = id
      spending.begin(id)
      helpers.clear()
    },
    entered: () => {},
    answered: () => {},
    ended: forget,
    seed: () => {
      const seed: Line = { type: 'started', version: LINES_VERSION, whole: whole ?? true }
      return started ? `${JSON.stringify(seed)}\n` : ''
    },
    now: () => ({
      ready: started && busy.size === 0 && answer === null,
      bracketed: whole,
      prompt: '',
    }),
  }
}
