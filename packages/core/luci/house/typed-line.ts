/** What stands before an empty input. */
export const HOUSE_PROMPT = '› '

/** The turn of a typed line, `[mc 7f3a9c] text`; null when it was typed by hand. */
export const readTypedLine = (line: string): { turn: string | null; text: string } => {
  const match = /^\[mc ([0-9a-f]{6})\] ([\s\S]*)$/.exec(line)
  return match ? { turn: match[1] as string, text: match[2] as string } : { turn: null, text: line }
}
