import type { Answer, Call, Piece } from './answer.ts'
import { piecesOf } from './answer.ts'
import type { Asked } from './conversation.ts'
import { markdown } from './markdown.ts'
import { messageIn } from './pulled.ts'
import { shapedText } from './side-call.ts'
import { askCall, shellCall, toolCall } from './tools.ts'
import { pullCall, type TriageBy, triageOf, turnToPull } from './triage.ts'

/** One thing the model does: it says something, fails, or calls a tool and goes on from its result. */
export type Step =
  | { type: 'say'; pieces: Piece[] }
  | { type: 'fail'; status: number; times: number }
  | { type: 'call'; call(asked: Asked): Call | null; next: (result: string) => Step[] }

/** What is answered when nobody gave a directive: titles, summaries, small talk. */
export const SMALL_TALK = 'Noted.'

/**
 * The model's answer to a request: the directives in the person's last words are carried out in
 * order, up to the first call whose result is not there yet. Same request, same answer;
 * `failures` is how often these words were answered with an error before.
 */
export const answerTo = (
  asked: Asked,
  { failures = 0, triageBy = 'offered' }: { failures?: number; triageBy?: TriageBy } = {},
): Answer => {
  if (isSideCall(asked)) return { type: 'reply', pieces: piecesOf(shapedText(asked)), call: null }
  const results = [...asked.results]
  const ahead = stepsOf(asked, triageBy)
  let pieces: Piece[] = []
  for (let step = ahead.shift(); step; step = ahead.shift()) {
    if (step.type === 'say') pieces.push(...separated(pieces, step.pieces))
    if (step.type === 'fail' && failures < step.times) return { type: 'error', status: step.status }
    if (step.type !== 'call') continue
    const result = results.shift()
    if (result !== undefined) {
      // What stood before the call was said with it.
      pieces = []
      ahead.unshift(...step.next(result))
      continue
    }
    const call = step.call(asked)
    if (call) return { type: 'reply', pieces, call }
    pieces.push(...separated(pieces, piecesOf('NOTOOL no such tool was offered')))
  }
  return { type: 'reply', pieces: pieces.length > 0 ? pieces : piecesOf(SMALL_TALK), call: null }
}

/** A request beside the conversation (a title, a summary) offers no tools and says what it is for. */
const isSideCall = ({ tools, system, schema }: Asked): boolean =>
  tools.length === 0 && (schema !== null || /\b(title|summar|topic|concise|name)/i.test(system))

/** What the person's words ask for; a message that only names its turn is read first. */
const stepsOf = (asked: Asked, triageBy: TriageBy): Step[] => {
  const turn = turnToPull(asked.person)
  if (turn === null) return directivesIn(asked.person)
  const next = (result: string): Step[] => {
    const message = messageIn(result)
    const triage = triageOf(message, turn, asked, triageBy)
    if (triage) return triage
    const steps = directivesIn(message)
    // A message that holds no directive has still been read.
    return steps.length > 0 ? steps : [say(`READ ${message.length} characters`)]
  }
  return [{ type: 'call', call: () => pullCall(turn, asked, triageBy), next }]
}

/** The directives in a text: one a line, or several after `CHAIN:` with ` ;; ` between. */
const directivesIn = (text: string): Step[] =>
  text
    .split('\n')
    .flatMap((line) => {
      const chain = /\bCHAIN:(.*)$/.exec(line)
      return chain?.[1] === undefined ? [line] : chain[1].split(';;')
    })
    .flatMap((line) => stepOf(line) ?? [])

const stepOf = (line: string): Step | null => {
  const match = /(?:^|[^A-Z])(ECHO|LINES|SLOW|TOOL|ESCALATE|ASK|ERROR|MCP):(.*)$/.exec(line)
  if (!match) return /\bMARKDOWN\b/.test(line) ? say(markdown) : null
  const [, verb, raw = ''] = match
  const rest = raw.trim()
  switch (verb) {
    case 'ECHO':
      return say(rest)
    case 'LINES':
      return say(numbered(Number.parseInt(rest, 10)).join('\n'))
    case 'SLOW':
      return slow(rest)
    case 'ERROR':
      return failing(rest)
    case 'ASK':
      return asking(rest)
    case 'MCP':
      return calling(rest)
    default:
      return {
        type: 'call',
        call: (asked) => shellCall(asked, rest, { escalated: verb === 'ESCALATE' }),
        next: (result) => [say(`TOOLDONE ${result.trim()}`)],
      }
  }
}

const say = (text: string): Step => ({ type: 'say', pieces: piecesOf(text) })

const numbered = (count: number): string[] =>
  Array.from({ length: count }, (_, index) => `line ${index + 1} of ${count}`)

/** `SLOW:<ms>:<n>`: n ticks, a line each, that many ms before every one. */
const slow = (rest: string): Step => {
  const [ms = 0, count = 0] = rest.split(':').map((part) => Number.parseInt(part, 10))
  const pieces = Array.from({ length: count }, (_, index) => ({
    text: `tick ${index + 1}/${count}${index + 1 < count ? '\n' : ''}`,
    afterMs: ms,
  }))
  return { type: 'say', pieces }
}

/** `ERROR:<status>` for ever; `ERROR:<status>:<n>` that many times, then the script goes on. */
const failing = (rest: string): Step => {
  const [status = 500, times = Number.POSITIVE_INFINITY] = rest
    .split(':')
    .map((part) => Number.parseInt(part, 10))
  return { type: 'fail', status, times }
}

const asking = (rest: string): Step => {
  const [question = '', ...options] = rest.split('|').map((part) => part.trim())
  return {
    type: 'call',
    call: (asked) => askCall(asked, question, options),
    next: (result) => [say(`ASKDONE ${result.trim()}`)],
  }
}

/** `MCP:<tool>:<json>`; the turn in whose right it is called need not stand there. */
const calling = (rest: string): Step => {
  const [, ending = '', json = ''] = /^([\w.-]+):?(.*)$/.exec(rest) ?? []
  return {
    type: 'call',
    call: (asked) =>
      toolCall(asked, ending, {
        ...turnOf(asked),
        ...(json.trim() === '' ? {} : JSON.parse(json)),
      }),
    next: (result) => [say(`MCPDONE ${result.trim()}`)],
  }
}

const turnOf = ({ person }: Asked): { turn?: string } => {
  const turn = /\[mc ([0-9a-f]{6})\]/.exec(person)?.[1] ?? turnToPull(person)
  return turn ? { turn } : {}
}

const separated = (before: readonly Piece[], pieces: readonly Piece[]): Piece[] =>
  before.length > 0 && pieces.length > 0 ? [{ text: '\n', afterMs: 0 }, ...pieces] : [...pieces]
