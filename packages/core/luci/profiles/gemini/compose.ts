import type { TurnOrigin } from '../../../turns/turn.ts'
import { plainInput } from '../../tmux-words.ts'

/** Its input shows a longer paste as `[Pasted Text: 6 lines]`; then nobody could tell what stands there. */
const LINES_MAX = 5
const CHARS_MAX = 500

/**
 * Letters that every terminal draws as typed: Latin, Greek, Cyrillic, Chinese, Japanese, Korean. Of
 * joined, combining and right-to-left ones a screen does not tell what stands there.
 */
const drawnAsTyped =
  /^[\n\x20-\x7e\u00a1-\u00ac\u00ae-\u02ff\u0370-\u0482\u048a-\u052f\u2010-\u2027\u3001-\u3029\u3041-\u3096\u30a0-\u30ff\u3400-\u9fff\uac00-\ud7a3\uff01-\uff60]*$/

/**
 * The text itself while it stands in the input as it is, else the order to pull it. An `@` would
 * make the program look for a file, and open a list in which Enter chooses; after a `\` Enter begins
 * another line.
 */
export const composeTyped = ({
  id,
  origin,
  text,
}: {
  id: string
  origin: TurnOrigin
  text: string
}): string => {
  const typed = `[mc ${id}] ${plainInput(text).trim()}`
  const fits = typed.length <= CHARS_MAX && typed.split('\n').length <= LINES_MAX
  const isPlain = drawnAsTyped.test(typed) && !typed.includes('@') && !typed.endsWith('\\')
  return origin !== 'digest' && fits && isPlain ? typed : `[mc ${id}] run: mc turn show ${id}`
}
