import { blockStarts, lastBlockAt, renderMarkdown } from '../frame/markdown.ts'

/** A part of a reply in the making as HTML: what it says from character `at` up to `to`. */
export type Piece = { at: number; to: number; html: string }

/** A block that grows beyond this is cut, so that what is rendered again with each word stays small. */
const BLOCK_CHARS_MAX = 6_000
/** Replies in the making that are remembered. */
const REPLIES_MAX = 20

type Fence = { opener: string } | null
type State = { text: string; at: number; fence: Fence }

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
      state = { text: '', at: 0, fence: null }
      states.set(turnId, state)
      const oldest = states.keys().next().value
      if (states.size > REPLIES_MAX && oldest !== undefined) states.delete(oldest)
    }
    return state
  }

  const pieceOf = (state: State, at: number, to: number): Piece => ({
    at,
    to,
    html: renderMarkdown((state.fence?.opener ?? '') + state.text.slice(at, to)),
  })

  /** What became of the text since: pieces that are finished now, and the one that grows. */
  const advance = (state: State): Piece[] => {
    const pieces: Piece[] = []
    for (;;) {
      const opener = state.fence?.opener ?? ''
      const tail = opener + state.text.slice(state.at)
      const block = Math.max(0, lastBlockAt(tail) - opener.length)
      const cut = block > 0 ? state.at + block : cutOf(state)
      if (cut === null) break
      pieces.push(pieceOf(state, state.at, cut))
      // Only a cut inside of a code block goes on as one.
      state.fence = block > 0 ? null : openFence(opener + state.text.slice(state.at, cut))
      state.at = cut
    }
    if (state.at < state.text.length) pieces.push(pieceOf(state, state.at, state.text.length))
    return pieces
  }

  return {
    /** The reply goes on as `text` from character `from`. Null when what comes before is not known. */
    add(turnId: string, from: number, text: string): Piece[] | null {
      const state = stateOf(turnId)
      if (from > state.text.length || from < state.at) return null
      state.text = state.text.slice(0, from) + text
      return advance(state)
    },

    /** All that there is of it, from the block on in which the last `chars` characters begin. */
    show(turnId: string, text: string, chars: number): Piece[] {
      const state = stateOf(turnId)
      if (!text.startsWith(state.text.slice(0, state.at))) Object.assign(state, fresh)
      if (text.length > state.text.length || !state.text.startsWith(text)) {
        state.text = text
        advance(state)
      }
      const { text: whole, at } = state
      const done = state.fence ? [] : blockStarts(whole.slice(0, at))
      const from = Math.max(0, whole.length - chars)
      const first =
        at <= from || done.length === 0 ? at : (done.findLast((one) => one <= from) ?? 0)
      return [
        ...(first < at
          ? [{ at: first, to: at, html: renderMarkdown(whole.slice(first, at)) }]
          : []),
        ...(at < whole.length ? [pieceOf(state, at, whole.length)] : []),
      ]
    },

    forget: (turnId: string): void => void states.delete(turnId),
  }
}

export type LiveReplies = ReturnType<typeof createLiveReplies>

const fresh: State = { text: '', at: 0, fence: null }

/** Where a block that grew too long is cut: after a line, else after a word. Null while it is short. */
const cutOf = ({ text, at }: State): number | null => {
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
