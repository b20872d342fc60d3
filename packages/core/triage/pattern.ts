/**
 * The two ways in which rules that people write look for words. Neither can take long, whatever
 * stands in the pattern or the text: pieces are looked for from left to right, each once.
 */

/** Whether the whole of `text` is `pattern`, in which `*` stands for anything; case does not matter. */
export const isLike = (text: string, pattern: string): boolean => {
  const whole = text.toLowerCase()
  const pieces = piecesOf(pattern)
  const head = pieces[0] ?? ''
  const tail = pieces.at(-1) ?? ''
  if (pieces.length === 1) return whole === head
  if (whole.length < head.length + tail.length) return false
  if (!whole.startsWith(head) || !whole.endsWith(tail)) return false
  return inOrder(whole.slice(head.length, whole.length - tail.length), pieces.slice(1, -1))
}

/** Whether `text` says `words` anywhere, in which `*` stands for anything between. */
export const says = (text: string, words: string): boolean =>
  inOrder(text.toLowerCase(), piecesOf(words))

const piecesOf = (pattern: string): string[] => pattern.toLowerCase().split('*')

const inOrder = (text: string, pieces: readonly string[]): boolean => {
  let from = 0
  for (const piece of pieces) {
    const at = text.indexOf(piece, from)
    if (at === -1) return false
    from = at + piece.length
  }
  return true
}
