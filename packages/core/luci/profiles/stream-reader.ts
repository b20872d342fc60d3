import { createHash } from 'node:crypto'
import { StringDecoder } from 'node:string_decoder'
import type { Prompt } from '../../turns/turn.ts'
import { withoutEscapes } from '../tmux-words.ts'
import { type Reader, type RecordEvent, STOP } from './profile.ts'

/*
 * Reads a reply from the raw bytes of a pane. Until Enter everything is the echo of what we type.
 * After Enter the echo ends where the program stops reading lines: at `ESC[?2004l` when it reads
 * with bracketed paste (readline redraws the whole input before that), else at the first newline.
 * The reply goes on until the prompt stands at the very end and nothing follows for a moment: a
 * prompt in the middle of the text is text. A program with bracketed paste says itself where its
 * prompt begins (`ESC[?2004h`), so that a reply without a last newline, or a prompt that changed,
 * is cut right too.
 */
const READS = '\u001b[?2004h'
const STOPS = '\u001b[?2004l'

/** A prompt must stand this long: shortly when the program also says that it reads. */
const SURE_QUIET_MS = 20
const UNSURE_QUIET_MS = 250
/** One that looks like a prompt, but not like the one before. */
const STRANGE_QUIET_MS = 1_000
/** It reads but shows no prompt we know: it asks something, or wants the rest of a statement. */
const ASKS_QUIET_MS = 1_500
/** No prompt is longer. */
const TAIL_MAX = 4_096

/** The choice that a question of a plain program offers beside "stop". */
export const PRESS_ENTER = 'enter'

/** What interpreters show when a statement goes on: `... ` and `| `, or `> ` as below. */
const GOES_ON =
  /^\s*(?:\.{3}|\||(?:-|['"`]|(?:\(x?\d+)?\.{3}['"`]?|(?:[a-z]+ )*(?:[dbs]?quote|heredoc|cmdsubst|subsh|for|while|if|then|else|function|pipe))?>)\s?$/

type Found = { at: number; quietMs: number; evidence: string }
type Phase = 'idle' | 'typing' | 'echo' | 'reply'

export const createStreamReader = (pattern: RegExp): Reader => {
  const decoder = new StringDecoder('utf8')
  let phase: Phase = 'idle'
  let turn = ''
  /** Raw text not judged yet: at most the last lines, where the prompt may stand. */
  let tail = ''
  /** It is reading a line with bracketed paste now; it ever did. */
  let reads = false
  let brackets = false
  /** The prompt as it stood before the turn; null before the first. */
  let prompt: string | null = null
  let standing = false
  let asked = false
  /** How many of its questions were answered in this turn. */
  let answers = 0
  /** What ends the echo: the terminal's newline, where the program does not read by itself. */
  let echoMark = '\n'
  let atEchoEnd = false

  const promptAt = (): Found | null => {
    if (brackets) {
      const at = tail.lastIndexOf(READS)
      if (!reads || at === -1) return null
      const shown = clean(tail.slice(at))
      if (shown !== prompt && (goesOn(shown) || !pattern.test(shown))) return null
      return { at, quietMs: SURE_QUIET_MS, evidence: 'prompt:2004h' }
    }
    const line = clean(tail.slice(tail.lastIndexOf('\n') + 1))
    if (prompt && line.endsWith(prompt))
      return { at: cutAt(tail, prompt.length), quietMs: UNSURE_QUIET_MS, evidence: 'prompt' }
    const match = pattern.exec(line)
    if (!match || goesOn(line)) return null
    const quietMs = isLike(match[0], prompt) ? UNSURE_QUIET_MS : STRANGE_QUIET_MS
    return { at: cutAt(tail, match[0].length), quietMs, evidence: 'prompt' }
  }

  /** Never the end of a reply, however loose a person's own pattern is. */
  const goesOn = (shown: string) => prompt !== null && GOES_ON.test(shown)

  /** What can no longer be the prompt becomes reply. */
  const release = (): RecordEvent[] => {
    const mark = tail.lastIndexOf(READS)
    const may = brackets && mark !== -1 && tail.length - mark < TAIL_MAX ? mark : tail.length
    const at = tail.lastIndexOf('\n', may - 1) + 1
    if (at === 0) return []
    const text = clean(tail.slice(0, at))
    tail = tail.slice(at)
    return text === '' ? [] : [{ type: 'text', turn, text }]
  }

  const endEcho = (): RecordEvent[] => {
    const at = tail.indexOf(echoMark)
    if (at === -1) return []
    tail = tail.slice(at + echoMark.length)
    phase = 'reply'
    atEchoEnd = echoMark === STOPS
    return [{ type: 'received', turn, evidence: atEchoEnd ? 'echo:2004l' : 'echo:newline' }]
  }

  const awaitEcho = () => {
    phase = 'echo'
    tail = ''
    asked = false
    echoMark = reads ? STOPS : '\n'
  }

  const settle = (at: number) => {
    prompt = clean(tail.slice(at))
    tail = tail.slice(at)
    phase = 'idle'
    standing = true
  }

  return {
    feed: (bytes) => {
      const piece = decoder.write(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length))
      if (piece === '') return []
      const seen = tail.slice(-READS.length) + piece
      tail += piece
      const on = seen.lastIndexOf(READS)
      const off = seen.lastIndexOf(STOPS)
      if (on !== off) reads = on > off
      brackets ||= reads
      standing = false
      asked = false
      const events = phase === 'echo' ? endEcho() : []
      // readline sends a lone CR after STOPS, perhaps in the next piece.
      if (atEchoEnd && tail !== '') {
        tail = tail.replace(/^\r(?!\n)/, '')
        atEchoEnd = false
      }
      if (phase === 'reply') return [...events, ...release()]
      if (phase === 'idle') tail = tail.slice(-TAIL_MAX)
      return events
    },

    follows: () => [],
    see: () => [],
    quietMs: () => {
      if (phase === 'typing' || phase === 'echo' || standing) return null
      const found = promptAt()
      if (found) return found.quietMs
      return phase === 'reply' && !asked ? ASKS_QUIET_MS : null
    },

    quiet: () => {
      const found = promptAt()
      if (found && phase === 'reply') {
        const rest = clean(tail.slice(0, found.at))
        settle(found.at)
        return [
          ...(rest === '' ? [] : [{ type: 'text' as const, turn, text: rest }]),
          { type: 'answered', turn, reply: null, evidence: found.evidence },
        ]
      }
      if (found && phase === 'idle') settle(found.at)
      if (found || phase !== 'reply' || !asks()) return []
      asked = true
      return [{ type: 'blocked', turn, prompt: question(`${turn}:${answers}`, clean(tail)) }]
    },

    begin: (id) => {
      turn = id
      phase = 'typing'
      tail = ''
      answers = 0
    },
    entered: awaitEcho,
    answered: () => {
      awaitEcho()
      answers += 1
    },
    ended: () => {
      phase = 'idle'
      asked = false
    },
    seed: () => (phase === 'idle' ? tail : ''),
    now: () => ({
      // Whether a draft stands behind the prompt, the screen knows better.
      ready: phase === 'idle' && prompt !== null && (reads || !brackets),
      bracketed: prompt === null ? null : brackets,
      prompt: prompt?.split('\n').at(-1) ?? '',
    }),
  }

  /** It reads again, or shows what interpreters show when a statement goes on. */
  function asks(): boolean {
    asked = true
    return reads || GOES_ON.test(clean(tail))
  }
}

/** A prompt may count: `In [2]: ` is like `In [1]: `. The first is like any, silence like none. */
const isLike = (shown: string, prompt: string | null): boolean =>
  prompt === null || (shown !== '' && shown.replace(/\d+/g, '0') === prompt.replace(/\d+/g, '0'))

/** Text as it was written: the terminal's CR before each LF and its escape sequences taken out. */
const clean = (raw: string): string =>
  withoutEscapes(raw)
    .replaceAll('\r\n', '\n')
    // biome-ignore lint/suspicious/noControlCharactersInRegex: bells and backspaces are no text
    .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/g, '')

/** Where the last `length` visible characters of raw text begin, with the escapes before them. */
const cutAt = (raw: string, length: number): number => {
  let at = raw.lastIndexOf('\n') + 1
  const line = raw.slice(at)
  const before = clean(line).length - length
  // The longest raw prefix whose text is what stands before the prompt, without its escapes.
  let end = 0
  while (clean(line.slice(0, end)).length < before) end += 1
  at += end
  return at
}

/** Asked again in the same words, it is another question. */
const question = (which: string, text: string): Prompt => {
  const last = text.split('\n').slice(-5).join('\n')
  return {
    id: createHash('sha256').update(`${which}:${last}`).digest('hex').slice(0, 12),
    kind: 'unknown',
    text: last,
    choices: [
      { id: PRESS_ENTER, label: 'Press Enter' },
      { id: STOP, label: 'Stop it' },
    ],
  }
}
