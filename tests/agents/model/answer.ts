/** What the model does about a request, whatever the protocol. */
export type Answer =
  | { type: 'error'; status: number }
  | { type: 'reply'; pieces: Piece[]; call: Call | null }

/** A bit of text, streamed `afterMs` after the one before it. */
export type Piece = { text: string; afterMs: number }

export type Call = { name: string; namespace?: string; args: Record<string, unknown> }

const PIECE_CHARS = 48

/** Text as it is streamed: in small pieces that never break a character. */
export const piecesOf = (text: string): Piece[] => {
  const characters = [...text]
  const pieces: Piece[] = []
  for (let start = 0; start < characters.length; start += PIECE_CHARS)
    pieces.push({ text: characters.slice(start, start + PIECE_CHARS).join(''), afterMs: 0 })
  return pieces
}

export const textOf = (pieces: readonly Piece[]): string => pieces.map(({ text }) => text).join('')
