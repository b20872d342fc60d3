import { plainText } from '../redaction/plain.ts'
import { type Redactor, SECRET_LENGTH_MAX } from '../redaction/redact.ts'

/** A line that has not ended by then is given in pieces. */
const LINE_CHARS_MAX = 32_768
/** Places tried before a piece without any safe cut is held on to. */
const CUTS_TRIED_MAX = 50
/** Without a safe cut in so much text it is left out, to the end of its line, rather than given raw. */
const HELD_CHARS_MAX = 262_144
/** What might come next: hidden where what came before speaks of it ("Authorization:" at the end of a line). */
const PROBE = 'what0comes0next0\n'

/**
 * Redacts a text that comes in chunks, and gives each line as soon as it may be seen. Story:
 * 1. What has not ended its line is held: half a secret cannot be known for one.
 * 2. A cut is safe when redacting its two sides, whatever comes next, gives what redacting the
 *    whole gives; a secret that spans lines (a key in PEM) therefore holds its first lines.
 * 3. `spareChars` is the length of the longest secret with a line break: so much stays behind.
 */
export const createRedactedLines = (redact: Redactor, spareChars = 0) => {
  let held = ''
  let leavingOut = false

  const cutAt = (end: number): string => {
    const ready = redact(held.slice(0, end))
    held = held.slice(end)
    return plainText(ready)
  }

  /** The last safe of the places from `from` down; 0 when there is none. */
  const safeCut = (from: number, placeBefore: (before: number) => number): number => {
    let end = placeBefore(from)
    if (end === 0) return 0
    const all = held + PROBE
    const whole = redact(all)
    if (whole === all) return end
    for (let tried = 0; end > 0 && tried < CUTS_TRIED_MAX; tried++) {
      if (redact(held.slice(0, end)) + redact(all.slice(end)) === whole) return end
      end = placeBefore(end - 1)
    }
    return 0
  }

  const lineEnd = (before: number): number =>
    before <= 0 ? 0 : held.lastIndexOf('\n', before - 1) + 1

  /** Anywhere but in the middle of a character, in steps. */
  const anywhere = (before: number): number => {
    const end = before - (before % 512)
    return end > 0 && /[\ud800-\udbff]/.test(held[end - 1] ?? '') ? end - 1 : end
  }

  /** The rest of a line that is left out. */
  const skip = (text: string): string => {
    if (!leavingOut) return text
    const end = text.indexOf('\n')
    if (end === -1) return ''
    leavingOut = false
    return text.slice(end + 1)
  }

  return {
    /** What may be seen now of all that came. */
    add(text: string): string {
      held += skip(text)
      const lines = safeCut(held.length - spareChars, lineEnd)
      if (lines > 0) return cutAt(lines)
      if (held.length <= LINE_CHARS_MAX + SECRET_LENGTH_MAX) return ''
      const end = safeCut(held.length - SECRET_LENGTH_MAX, anywhere)
      if (end > 0) return cutAt(end)
      if (held.length <= HELD_CHARS_MAX) return ''
      held = ''
      leavingOut = true
      return '[… a long piece that may hold a secret is left out …]\n'
    },

    /** The rest. */
    end: (): string => cutAt(held.length),
  }
}
