import { LineCounter, parseDocument } from 'yaml'
import { MeaninglessError, meaningOf } from './meaning.ts'
import type { Complain } from './mistakes.ts'
import { offsetOf } from './position.ts'
import { yamlMistakes } from './syntax.ts'

export type Edited<T> = { value: T; problems: [] } | { value: null; problems: string[] }

/**
 * What a YAML text that people write says, or every mistake in it as `file:line:column: what`, in
 * the order of the text. `read` makes a value of it and complains of what is wrong; `file` is how
 * the messages name it. All or nothing: one mistake and there is no value.
 */
export const readEdited = <T>(
  text: string,
  file: string,
  read: (root: unknown, complain: Complain) => T,
): Edited<T> => {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, merge: true, prettyErrors: false })
  const found = yamlMistakes(text, document.errors)
  const complain: Complain = (path, message, at = 'value') => {
    found.push({ offset: offsetOf(document.contents, path, at, document), message })
  }
  if (found.length === 0)
    try {
      const value = read(meaningOf(document), complain)
      if (found.length === 0) return { value, problems: [] }
    } catch (error) {
      if (!(error instanceof MeaninglessError)) throw error
      found.push({ offset: error.offset, message: error.message })
    }
  const problems = found
    .sort((a, b) => a.offset - b.offset)
    .map(({ offset, message }) => {
      const { line, col } = lines.linePos(offset)
      return `${file}:${Math.max(1, line)}:${Math.max(1, col)}: ${message}`
    })
  return { value: null, problems: [...new Set(problems)] }
}
