import { type Screen, type Sight, textOf } from '../screen.ts'
import { menuIn } from './menu.ts'

/*
 * Gemini CLI draws on the normal screen, its input below the talk. The input is a frame of half
 * blocks (of lines, without colours) with ` > ` in its first row; the same frame stands around
 * every message of the person's above, but only in the input stands the terminal's cursor. While it asks there is no
 * input; a dialog is the last thing on the screen, in a box at the left edge, where no reply's text ever
 * begins.
 */

/** Pure. What Gemini CLI's picture means. */
export const readScreen = ({ rows, cursor, title }: Sight): Screen => {
  const lines = rows.map(textOf)
  const frame = frameAt(lines, cursor)
  if (frame && isUntrusted(lines.slice(frame.bottom))) return { type: 'unknown', text: untrusted }
  if (frame && isTrustedSince(lines.slice(0, frame.top))) return { type: 'unknown', text: restart }
  if (frame && !isVimNormal(frame.input))
    return { type: 'input', input: frame.input, busy: isBusy(lines.slice(0, frame.top), title) }
  if (isComing(lines)) return { type: 'input', input: '', busy: true }
  const menu = frame ? null : menuIn(lines)
  if (menu) return { type: 'menu', menu }
  return { type: 'unknown', text: lines.join('\n').trim() }
}

/** Where a text would stand. */
const COLUMN = 3

const frameAt = (lines: readonly string[], { x, y }: Sight['cursor']) => {
  if (x < COLUMN) return null
  const top = lines.slice(0, y).findLastIndex((line) => /^(▄{10,}|─{10,})$/.test(line))
  const length = lines.slice(y).findIndex((line) => /^(▀{10,}|─{10,})$/.test(line))
  if (top === -1 || length === -1) return null
  const inside = lines.slice(top + 1, y + length)
  // `!` runs what is typed as a command, `(r:)` looks for it in what was typed before.
  if (!/^ [>*](?: |$)/.test(inside[0] ?? '')) return null
  if (inside.slice(1).some((line) => !/^ {3}|^$/.test(line))) return null
  const input = inside.map((line) => line.slice(COLUMN)).join('\n')
  return {
    top,
    bottom: y + length,
    input: x === COLUMN && isPlaceholder(input) ? '' : input.trimEnd(),
  }
}

/** It begins with two spaces, the first of them under the cursor. */
const isPlaceholder = (input: string) =>
  /^ {2}(Type your message or @path\/to\/file|Press 'Esc' for NORMAL mode\.)$/.test(input)

/** Keys are commands there, and no text. */
const isVimNormal = (input: string) => /^ {2}Press 'i' for INSERT mode\.$/.test(input)

/** It starts, draws a long talk that it resumes, or starts again: it will take text, but not now. */
const isComing = (lines: readonly string[]): boolean => {
  const last = lines.findLast((line) => line !== '')
  return last === undefined || last === ' Gemini CLI is restarting to apply the trust changes...'
}

/** In its footer, below the word. */
const isUntrusted = (below: readonly string[]): boolean => {
  const head = below.findIndex((line) => / sandbox( |$)/.test(line))
  const column = below[head]?.search(/ sandbox( |$)/) ?? -1
  return column !== -1 && below[head + 1]?.slice(column).startsWith(' untrusted') === true
}

const untrusted = `Gemini CLI does not trust the folder it works in. It then runs no hooks, and nothing can be sent to it from here.
Type /permissions in her pane to trust the folder.`

/**
 * It was trusted only after it had started: then it should start again, but does not when another
 * dialog came at once. What it says at its start stands below its name, at the left edge.
 */
const isTrustedSince = (above: readonly string[]): boolean =>
  above.findLastIndex((line) => /^ℹ Skipping project agents due to untrusted folder/.test(line)) >
  above.findLastIndex((line) => / Gemini CLI v\d/.test(line))

const restart = `Gemini CLI trusts its folder now, but runs hooks only once it has started again. Until then nothing can be sent to it from here.
Stop Luci and start her: npx -y pnpm@12 mc luci stop, then npx -y pnpm@12 mc luci start.`

/** Its title says so, unless the person's settings keep that as it was; then its spinner does. */
const isBusy = (above: readonly string[], title: string): boolean => {
  if (/^◇ /.test(title)) return false
  if (/^[✦⏲✋] /u.test(title)) return true
  return above.slice(-4).some((line) => /^ [\u2801-\u28ff] \S/.test(line))
}
