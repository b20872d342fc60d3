import type { Usage } from '../costs/usage.ts'

/** How a worker program says that its work ended. */
export type WorkerEnd = {
  /** What it said last, as it said it; null when it said nothing. */
  result: string | null
  /** Why it did not do its work, by its own word; null when it says that it did. */
  trouble: string | null
  usage: Usage
}

/** Reads what a worker program writes to its stdout, line by line. Knows no process and no clock. */
export type WorkerReader = {
  /** What a person may read of this line; '' for nothing. A line it does not know stands as it is. */
  read(line: string): string
  /** How it ended, once no more will come. */
  end(): WorkerEnd
}

/** A record of a line may be long (what a tool said); a longer one is left out. */
const LINE_CHARS_MAX = 8_000_000

/**
 * Turns a stream of such lines into what a person may read of it, as it comes. What does not end
 * with a line break is a line too.
 */
export const createShown = (reader: Pick<WorkerReader, 'read'>) => {
  let held = ''
  let tooLong = false
  const one = (line: string): string => {
    if (tooLong) {
      tooLong = false
      return `[a line of more than ${LINE_CHARS_MAX} characters is left out]\n`
    }
    const shown = reader.read(line.endsWith('\r') ? line.slice(0, -1) : line)
    return shown === '' || shown.endsWith('\n') ? shown : `${shown}\n`
  }
  return {
    add(text: string): string {
      const lines = text.split('\n')
      lines[0] = held + (lines[0] ?? '')
      held = lines.pop() ?? ''
      const shown = lines.map(one).join('')
      if (held.length > LINE_CHARS_MAX) {
        tooLong = true
        held = ''
      }
      return shown
    },
    end(): string {
      const last = held
      held = ''
      return last === '' && !tooLong ? '' : one(last)
    },
  }
}
export type Shown = ReturnType<typeof createShown>
