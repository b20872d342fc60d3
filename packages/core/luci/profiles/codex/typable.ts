/** The input shows many more, with room for what wraps; each has to be cleared by itself. */
export const LINES_MAX = 6
/** Beyond 1,000 characters a paste becomes `[Pasted Content 1234 chars]`. */
const CHARS_MAX = 800

/**
 * Letters, digits and signs that a terminal draws one by one. What is joined, combined, outside
 * the basic plane or drawn as a picture is not surely seen again as it was typed; a tab becomes a
 * space on the way.
 */
const plainCharacters = /^[\n\p{L}\p{N}\p{P}\p{S}\p{Zs}]*$/u
const drawn = /[\u{10000}-\u{10ffff}]|[^\p{ASCII}]\ufe0f|(?!\p{ASCII})\p{Extended_Pictographic}/u

/** A file is searched for, or a skill, and Enter takes one of the list in its place. */
const opensList = /(?:^|\s)[@$]\S*$/

/**
 * Whether a message can be typed: all of it stays to be seen in the input, so that what is entered
 * is provably it. Anything else is pulled.
 */
export const isTypable = (message: string): boolean =>
  message.length <= CHARS_MAX &&
  message.split('\n').length <= LINES_MAX &&
  plainCharacters.test(message) &&
  !drawn.test(message) &&
  !opensList.test(message)
