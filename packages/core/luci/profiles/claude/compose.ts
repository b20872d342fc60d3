import { plainInput } from '../../tmux-words.ts'
import type { Profile } from '../profile.ts'

/** Beyond 800 characters or three lines it shows "[Pasted text #1]" in the text's place. */
const TYPED_TEXT_MAX = 700
const TYPED_LINES_MAX = 3

/**
 * A text is typed while it provably stays visible in the input as it is, and pulled otherwise: a
 * tab becomes spaces there, `:smile` at the end an emoji, and tmux does not draw every joined one.
 */
export const composeForClaude: Profile['compose'] = ({ id, origin, text }) => {
  const plain = plainInput(text).trim()
  const typed = `[mc ${id}] ${plain}`
  return origin === 'digest' || !isShownAsItIs(plain) ? `[mc ${id}] run: mc turn show ${id}` : typed
}

const isShownAsItIs = (text: string): boolean =>
  text.length <= TYPED_TEXT_MAX &&
  text.split('\n').length <= TYPED_LINES_MAX &&
  drawn.test(text) &&
  !completes.test(text)

/** Letters, digits, punctuation and single symbols; no marks that combine, no joiners, no tabs. */
const drawn = /^(?:[\p{L}\p{N}\p{P}\p{S}\n ](?<![\p{Emoji_Modifier}\p{Regional_Indicator}]))*$/u

/** What it offers to complete while the cursor stands at its end, and what makes Enter a new line. */
const completes = /(?:(?:^|\s)[:@/#][^\s]*|\\)$/
