import type { Menu } from '../screen.ts'

/** The dialog at the end of the screen; null when there is none, or no choice in it. */
export const menuIn = (lines: readonly string[]): Menu | null => {
  const inside = lastBox(lines)
  const at = inside?.findIndex((line) => option.test(line)) ?? -1
  if (!inside || at === -1) return null
  const before = inside.slice(0, at)
  const after = inside.slice(at)
  const options = after.flatMap((line) => {
    const [, mark, label = ''] = option.exec(line) ?? []
    return mark === undefined ? [] : [{ label, selected: mark === '●' }]
  })
  if (options.filter(({ selected }) => selected).length !== 1) return null
  // What a choice says of itself stands below it; how to choose, which is not the question, below all.
  const notes = after.filter((line) => /^ {4}/.test(line) && !option.test(line))
  const text = [...before, ...notes].filter((line) => !frame.test(line)).map(withoutFrame)
  return { kind: kindOf(before), text: tidy(text), options, axis: 'vertical' }
}

const option = /^ ?(●| ) \d+\. +(\S.*)$/

/** The rows inside the box that ends the screen; its top may have gone above. */
const lastBox = (lines: readonly string[]): string[] | null => {
  const bottom = lines.findLastIndex((line) => line !== '')
  const [, margin] = /^( ?)╰─+╯$/.exec(lines[bottom] ?? '') ?? []
  if (margin === undefined) return null
  const top = lines.slice(0, bottom).findLastIndex((line) => line.startsWith(`${margin}╭`))
  const inside = lines.slice(top + 1, bottom)
  if (!inside.every((line) => line.startsWith(`${margin}│`) && line.endsWith('│'))) return null
  return inside.map((line) => line.slice(margin.length + 1, -1).trimEnd())
}

/** A box within the box, around the command. */
const frame = /^ *[╭╰]─+[╮╯]$/
const withoutFrame = (line: string) => line.replace(/^ *│ (.*)│$/, '$1').trimEnd()

const tidy = (rows: readonly string[]): string =>
  rows
    .map((line) => line.trim())
    .join('\n')
    .replace(/\n{3,}/g, '\n\n')
    .trim()

const kindOf = (before: readonly string[]): Menu['kind'] => {
  const text = before.join('\n')
  if (/\bauthenticat|\bsign in\b|\blog ?in\b/i.test(text)) return 'login'
  return /^ *Answer Questions$/m.test(text) ? 'question' : 'permission'
}
