/*
 * The transcript's text is not exact: it lacks invisible characters, so that joined emoji fall
 * apart, HTML comments, and white space at both ends. (`prompt_response` of the AfterAgent hook is
 * worse: it has pieces twice, and spaces between them.) The AfterModel hook has every piece as the
 * model sent it; put together they must come to what the transcript says.
 */

/** What Gemini CLI 0.61 makes of an answer before it writes it into its transcript. */
export const asRecorded = (raw: string): string => {
  let text = raw.replace(/[\u200B-\u200D\uFEFF\u200E\u200F]/g, '')
  for (let before = ''; before !== text; ) {
    before = text
    text = withoutComments(text)
  }
  return text.trim()
}

/** By one walk: an expression would search to the end for each comment that nobody closed. */
const withoutComments = (text: string): string => {
  let kept = ''
  let from = 0
  for (let at = text.indexOf('<!--'); at !== -1; at = text.indexOf('<!--', from)) {
    const end = text.indexOf('-->', at + 4)
    if (end === -1) break
    kept += text.slice(from, at)
    from = end + 3
  }
  return kept + text.slice(from)
}

/**
 * The pieces as one text, if it is the recorded one; null when it is not. What an attempt that
 * the program gave up had sent before is left out.
 */
export const exactText = (pieces: readonly string[], recorded: string): string | null => {
  for (let from = 0; from < Math.min(pieces.length, ATTEMPTS_MAX); from += 1) {
    const text = pieces.slice(from).join('')
    if (asRecorded(text) === recorded) return text
  }
  return null
}

/** An attempt that failed late is not worth comparing everything with everything. */
const ATTEMPTS_MAX = 200
