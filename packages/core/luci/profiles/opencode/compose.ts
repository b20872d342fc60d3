import type { TurnOrigin } from '../../../turns/turn.ts'
import { plainInput } from '../../tmux-words.ts'

/** The input grows to a third of the window, and is narrowest before the first message. */
const LINES_MAX = 6
const CHARS_MAX = 500

/**
 * With its summaries of pastes switched on by the person, three lines or more than 150 characters
 * become `[Pasted ~3 lines]`, and nobody could tell what stands there.
 */
const SUMMARY = { lines: 2, chars: 150 }

/** Characters whose cells the program and the terminal agree on: none joined, combined or drawn. */
const drawnAsTyped =
  /^[\n\x20-\x7e\u00a1-\u00ac\u00ae-\u02ff\u0370-\u1fff\u2010-\u2027\u3001-\ud7a3]*$/

/** A list of files or agents opens below it, from which Enter takes one. */
const opensList = /(?:^|\s)@\S*$/

/**
 * The text itself while all of it stays to be seen in the input, else the order to pull it.
 * `whole`: false when the program shows longer pastes as a summary.
 */
export const composeTyped = (
  { id, origin, text }: { id: string; origin: TurnOrigin; text: string },
  whole: boolean | null,
): string => {
  const typed = `[mc ${id}] ${plainInput(text).trim()}`
  const { lines, chars } = whole === false ? SUMMARY : { lines: LINES_MAX, chars: CHARS_MAX }
  const fits = typed.length <= chars && typed.split('\n').length <= lines
  return origin !== 'digest' && fits && drawnAsTyped.test(typed) && !opensList.test(typed)
    ? typed
    : `[mc ${id}] run: mc turn show ${id}`
}
