import type { TurnOrigin } from '../../../turns/turn.ts'
import { plainInput } from '../../tmux-words.ts'

/** Its input shows a longer paste as `[Pasted Text: 6 lines]`; then nobody could tell what stands there. */
const LINES_MAX = 5
const CHARS_MAX = 500

/** What is drawn as typed: no joined or combining characters, whose cells terminals disagree on. */
const drawnAsTyped =
  /^[\n\x20-\x7e\u00a1-\u00ac\u00ae-\u02ff\u0370-\u1fff\u2010-\u2027\u3001-\ud7a3]*$/

/**
 * The text itself while it stands in the input as it is, else the order to pull it. An `@` would
 * make the program look for a file, and open a list in which Enter chooses.
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
  return origin !== 'digest' && fits && drawnAsTyped.test(typed) && !typed.includes('@')
    ? typed
    : `[mc ${id}] run: mc turn show ${id}`
}
