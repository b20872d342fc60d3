/**
 * The message in what `mc turn show` or the tool `turn_show` gave. A tool's answer is JSON, which
 * some programs hand on as a string inside other JSON, behind words of their own; a shell's
 * output is the text itself.
 */
export const messageIn = (result: string): string => turnTextIn(result) ?? result

/** The text of the first turn in a JSON value, or in a string that holds JSON; null when there is none. */
const turnTextIn = (value: unknown): string | null => {
  if (typeof value === 'string') return turnTextIn(jsonIn(value))
  if (typeof value !== 'object' || value === null) return null
  // A block of a tool's answer has a text too, but no id.
  if ('id' in value && 'text' in value && typeof value.text === 'string') return value.text
  for (const inner of Object.values(value)) {
    const text = turnTextIn(inner)
    if (text !== null) return text
  }
  return null
}

const jsonIn = (text: string): unknown => {
  const start = text.search(/[[{]/)
  const end = Math.max(text.lastIndexOf('}'), text.lastIndexOf(']')) + 1
  try {
    return start < 0 ? null : JSON.parse(text.slice(start, end))
  } catch {
    // Brackets in a text that is no JSON.
    return null
  }
}
