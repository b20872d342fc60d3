import type { Limits } from '../limits.ts'
import { visible } from '../tmux-words.ts'
import { inputTop } from './any-screen.ts'
import type { RecordEvent } from './profile.ts'
import { type Screen, type Sight, textOf } from './screen.ts'

/*
 * Reads a reply from the pictures of a full-screen program that nobody knows. Its screen is no
 * record: what scrolled away is gone, and a long silence proves nothing. So a turn counts as
 * answered only if the program itself showed that it was busy and then that it is not; otherwise
 * it ends `unknown`, with what was seen.
 */

const LOWER = 'Read from her screen, so with lower confidence'
const SCROLLED = `${LOWER}: its beginning had scrolled away`
const UNPROVED = `${LOWER}: her program did not show when it was done`

export type Stillness = Pick<Limits, 'stillMs' | 'unsureStillMs'>

export const createPictureReader = ({ stillMs, unsureStillMs }: Stillness) => {
  let turn = ''
  let typed = ''
  let phase: 'idle' | 'typing' | 'entered' | 'reply' = 'idle'
  let last: { screen: Screen; sight: Sight } | null = null
  let wasBusy = false
  /** It has been silent for a while: one that works draws. */
  let settled = false

  const isIdle = () => last !== null && last.screen.type === 'input' && !last.screen.busy
  const isCalm = () => isIdle() && last?.screen.type === 'input' && last.screen.input === ''
  /** Interrupted, some put the message back into the input. */
  const isReturned = () =>
    isIdle() && last?.screen.type === 'input' && visible(last.screen.input) === visible(typed)

  const reply = (): { text: string; whole: boolean } => {
    if (!last) return { text: '', whole: false }
    const rows = last.sight.rows.map(textOf)
    const top = inputTop(rows, last.sight.cursor.y) ?? rows.length
    const above = rows.slice(0, top)
    const echo = echoEnd(above, typed)
    const text = above.slice(echo ?? 0).filter((row) => !/^\s*[╭╰┌└─━═▀▄]{3,}/.test(row))
    return { text: trimmed(text), whole: echo !== null }
  }

  return {
    begin: (id: string, text: string) => {
      turn = id
      typed = text
      phase = 'typing'
      wasBusy = false
    },
    entered: () => {
      phase = 'entered'
    },
    ended: () => {
      phase = 'idle'
    },
    /** Whether its input is empty, a look before typing tells. */
    isReady: () => phase === 'idle' && isIdle() && settled,
    quietMs: (): number | null => {
      if (phase === 'idle' && isIdle() && !settled) return stillMs
      if (phase !== 'reply' || !(isCalm() || isReturned())) return null
      return wasBusy ? stillMs : unsureStillMs
    },
    quiet: (): RecordEvent[] => {
      settled ||= isIdle()
      if (phase !== 'reply' || !(isCalm() || isReturned())) return []
      const { text, whole } = reply()
      phase = 'idle'
      if (!wasBusy || isReturned())
        return [{ type: 'unproved', turn, reply: text, problem: UNPROVED }]
      const problem = whole ? LOWER : SCROLLED
      return [{ type: 'answered', turn, reply: text, evidence: 'screen:busy-then-idle', problem }]
    },
    see: (screen: Screen, sight: Sight): RecordEvent[] => {
      last = { screen, sight }
      settled = false
      if (phase !== 'entered' && phase !== 'reply') return []
      wasBusy ||= screen.type === 'input' && screen.busy
      if (phase === 'reply') return []
      const left = screen.type !== 'input' || visible(screen.input) === ''
      const rows = sight.rows.map(textOf)
      if (!wasBusy && !(left && echoEnd(rows, typed) !== null)) return []
      phase = 'reply'
      return [{ type: 'received', turn, evidence: wasBusy ? 'screen:busy' : 'screen:echo' }]
    },
  }
}

const GLYPH = /^\s*[│┃|❯›>»]/

/**
 * The row after the last one of our own text; null when it is not to be seen. A reply may be in the
 * same words: then the one behind a prompt is ours.
 */
const echoEnd = (rows: readonly string[], typed: string): number | null => {
  const wanted = visible(typed)
  if (wanted === '') return null
  let bare: number | null = null
  for (let end = rows.length; end > 0; end -= 1) {
    let seen = ''
    for (let at = end - 1; at >= 0 && seen.length < wanted.length + 8; at -= 1) {
      const row = rows[at] ?? ''
      seen = visible(row).replace(/^[│┃|❯›>»]+/, '') + seen
      if (seen !== wanted) continue
      if (GLYPH.test(row)) return end
      bare ??= end
    }
  }
  return bare
}

/** Without the indent that all lines share, and the empty lines around. */
const trimmed = (rows: readonly string[]): string => {
  const indents = rows.filter((row) => row !== '').map((row) => row.search(/\S/))
  const indent = Math.min(...(indents.length > 0 ? indents : [0]))
  return rows
    .map((row) => row.slice(indent))
    .join('\n')
    .replace(/^\n+|\n+$/g, '')
}
