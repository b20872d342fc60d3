import { blockStarts, renderMarkdown } from '../frame/markdown.ts'

/** A part of a reply in the making as HTML: what it says from character `at` up to `to`. */
export type Piece = { at: number; to: number; html: string }

/** A block that grows beyond this is cut, so that what is rendered again with each word stays small. */
const BLOCK_CHARS_MAX = 4_000
/** Replies in the making that are remembered. */
const REPLIES_MAX = 20

type Fence = { opener: string } | null
/** Where a part begins that can be rendered by itself; `fence`: inside of a code block that was cut. */
type Mark = { at: number; fence: Fence }
/** `marks` is never empty; from the last one on the text may still change. */
type State = { text: string; marks: Mark[] }

/**
 * Replies as they are rendered while they grow. Only the last block can still change, so only it is
 * rendered again: a code fence without its end looks as it will with it. Everything is provisional;
 * the whole record takes its place when the turn has ended.
 */
export const createLiveReplies = () => {
  const states = new Map<string, State>()

  const stateOf = (turnId: string): State => {
    let state = states.get(turnId)
    if (!state) {
      state = fresh()
      states.set(turnId, state)
      const oldest = states.keys().next().value
      if (states.size > REPLIES_MAX && oldest !== undefined) states.delete(oldest)
    }
    return state
  }

  /** What became of the text since: a part that is finished now, and the one that grows. */
  const advance = (state: State): Piece[] => {
    const pieces: Piece[] = []
    for (;;) {
      const mark = lastOf(state)
      const next = nextMarks(state.text, mark)
      const end = next.at(-1)
      if (!end) break
      pieces.push(pieceOf(state.text, mark, end.at))
      state.marks.push(...next)
    }
    const { length } = state.text
    if (lastOf(state).at < length) pieces.push(pieceOf(state.text, lastOf(state), length))
    return pieces
  }

  return {
    /** The reply goes on as `text` from character `from`. Null when what comes before is not known. */
    add(turnId: string, from: number, text: string): Piece[] | null {
      const state = stateOf(turnId)
      if (from > state.text.length || from < lastOf(state).at) return null
      state.text = state.text.slice(0, from) + text
      return advance(state)
    },

    /** Its end: at least the last `chars` characters, and not many more. */
    show(turnId: string, text: string, chars: number): Piece[] {
      const state = stateOf(turnId)
      if (!text.startsWith(state.text.slice(0, lastOf(state).at))) Object.assign(state, fresh())
      if (text.length > state.text.length || !state.text.startsWith(text)) {
        state.text = text
        advance(state)
      }
      const { text: whole, marks } = state
      const from = whole.length - chars
      const before = marks.findLastIndex(({ at }) => at <= from)
      const isNear = before === -1 || whole.length - (marks[before]?.at ?? 0) <= chars * 2
      const shown = marks.slice(before === -1 ? 0 : isNear ? before : before + 1)
      // Of one block that is too long alone, what is left of it.
      const parts = shown.length > 0 ? shown : marks.slice(-1)
      return parts
        .map((mark, n) => pieceOf(whole, mark, parts[n + 1]?.at ?? whole.length))
        .filter(({ at, to }) => to > at)
    },

    forget: (turnId: string): void => void states.delete(turnId),
  }
}

export type LiveReplies = ReturnType<typeof createLiveReplies>

const fresh = (): State => ({ text: '', marks: [{ at: 0, fence: null }] })

const lastOf = ({ marks }: State): Mark => marks.at(-1) ?? { at: 0, fence: null }

const pieceOf = (text: string, { at, fence }: Mark, to: number): Piece => ({
  at,
  to,
  html: renderMarkdown((fence?.opener ?? '') + text.slice(at, to)),
})

/** Where the blocks after this one begin, or where it is cut because it grew too long. */
const nextMarks = (text: string, { at, fence }: Mark): Mark[] => {
  const opener = fence?.opener ?? ''
  const starts = blockStarts(opener + text.slice(at))
    .map((start) => start - opener.length)
    .filter((start) => start > 0)
  if (starts.length > 0) return starts.map((start) => ({ at: at + start, fence: null }))
  const cut = cutOf(text, at)
  // Only a cut inside of a code block goes on as one.
  return cut === null ? [] : [{ at: cut, fence: openFence(opener + text.slice(at, cut)) }]
}

/** Where a block that grew too long is cut: after a line, else after a word. Null while it is short. */
const cutOf = (text: string, at: number): number | null => {
  if (text.length - at <= BLOCK_CHARS_MAX) return null
  const within = text.slice(at, at + BLOCK_CHARS_MAX)
  const line = within.lastIndexOf('\n')
  const word = within.lastIndexOf(' ')
  return at + (line > 0 ? line + 1 : word > 0 ? word + 1 : BLOCK_CHARS_MAX)
}

/** The line that opens the code fence in which the text ends; null when it ends in none. */
const openFence = (text: string): Fence => {
  let open: string | null = null
  for (const line of text.split('\n')) {
    const mark = /^ {0,3}(`{3,}|~{3,})(.*)$/.exec(line)
    if (!mark) continue
    if (open === null) open = line
    else if (mark[2]?.trim() === '' && line.trim().startsWith(open.trim().slice(0, 3))) open = null
  }
  return open === null ? null : { opener: `${open}\n` }
}
