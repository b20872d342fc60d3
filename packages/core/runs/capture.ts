import { plainText } from '../redaction/plain.ts'
import { type Redactor, SECRET_LENGTH_MAX } from '../redaction/redact.ts'

export const HEAD_BYTES_MAX = 16 * 1024
export const TAIL_BYTES_MAX = 48 * 1024

/** Kept beyond what is shown, so that no half of a secret is left at the edge of what was dropped. */
const SPARE = SECRET_LENGTH_MAX

export type Captured = { text: string; droppedBytes: number }

/** The beginning and the end of a text of any length, in bounded memory. */
export const createCapture = () => {
  let head = ''
  let tail = ''
  let totalBytes = 0
  return {
    add(text: string): void {
      totalBytes += Buffer.byteLength(text)
      const room = HEAD_BYTES_MAX + SPARE - head.length
      if (room > 0) head += text.slice(0, room)
      if (text.length > room) tail += text.slice(Math.max(0, room))
      // Cut seldom: each cut copies.
      if (tail.length > 2 * (TAIL_BYTES_MAX + SPARE)) tail = tail.slice(-(TAIL_BYTES_MAX + SPARE))
    },

    /** Redacted, and stripped of what a page must not show; the middle is told in a line. */
    read(redact: Redactor): Captured {
      const whole = head + tail
      if (Buffer.byteLength(whole) === totalBytes) {
        const text = plainText(redact(whole))
        if (text.length <= HEAD_BYTES_MAX + TAIL_BYTES_MAX) return { text, droppedBytes: 0 }
        return cut(text.slice(0, HEAD_BYTES_MAX), text.slice(-TAIL_BYTES_MAX), totalBytes)
      }
      // What stands at the edge of the gap may be half a secret: it is part of the spare.
      const first = plainText(redact(head))
      const last = plainText(redact(tail))
      return cut(
        first.slice(0, Math.max(0, Math.min(HEAD_BYTES_MAX, first.length - SPARE))),
        last.slice(Math.min(last.length, Math.max(last.length - TAIL_BYTES_MAX, SPARE))),
        totalBytes,
      )
    },
  }
}

/** Where stderr begins in the output of a run that said too much. */
export const STDERR_HEADING = '[stderr]'

/** Two streams, together while that is little enough, else each by itself. */
export const createStreamsCapture = () => {
  const together = createCapture()
  const streams = { stdout: createCapture(), stderr: createCapture() }
  return {
    add(text: string, stream: 'stdout' | 'stderr'): void {
      together.add(text)
      streams[stream].add(text)
    },

    /** `droppedBytes` counts what is missing from `output`. */
    read(redact: Redactor): {
      output: string
      stdout: string
      stderr: string
      droppedBytes: number
    } {
      const both = together.read(redact)
      const stdout = streams.stdout.read(redact)
      const stderr = streams.stderr.read(redact)
      const each = { stdout: stdout.text, stderr: stderr.text }
      if (both.droppedBytes === 0 || stderr.text === '' || stdout.text === '')
        return { ...each, output: both.text, droppedBytes: both.droppedBytes }
      const end = stdout.text.endsWith('\n') ? '' : '\n'
      return {
        ...each,
        output: `${stdout.text}${end}\n${STDERR_HEADING}\n${stderr.text}`,
        droppedBytes: stdout.droppedBytes + stderr.droppedBytes,
      }
    },
  }
}

const cut = (head: string, tail: string, totalBytes: number): Captured => {
  const first = head.toWellFormed()
  const last = tail.toWellFormed()
  const droppedBytes = Math.max(0, totalBytes - Buffer.byteLength(first) - Buffer.byteLength(last))
  return { text: `${first}\n[… ${droppedBytes} bytes dropped …]\n${last}`, droppedBytes }
}
