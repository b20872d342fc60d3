import { statSync } from 'node:fs'
import type { Incarnation } from './incarnation.ts'
import type { Reader, RecordEvent } from './profiles/profile.ts'
import { type Tail, tailFile } from './tail.ts'

/** So many bytes of an old record tell how its program stands. */
const STORY_MAX = 1 << 20

/** A program we are attached to, and our place in its record. */
export type Attachment = {
  incarnation: Incarnation
  reader: Reader
  tail: Tail
  /** Reads what the record brought, hands it to `take`, and returns how long (ms) until silence says more. */
  follow(take: (events: RecordEvent[]) => Promise<void>): Promise<number>
  /** The same while we type, when all that comes is echo. */
  readEcho(): Promise<void>
  /** What lies before the offset only tells the reader how the program stands. */
  catchUp(until?: number): Promise<void>
  close(): Promise<void>
}

/** Reads the record from a little before `from` on; 0 for a program that has just been started. */
export const attachTo = (
  incarnation: Incarnation,
  from: number,
  changed: () => void,
): Attachment => {
  const reader = incarnation.profile.reader()
  const tail = tailFile(incarnation.record, Math.max(0, from - STORY_MAX), changed)
  let bytesAt = performance.now()
  return {
    incarnation,
    reader,
    tail,
    follow: async (take) => {
      const bytes = await tail.read()
      if (bytes.length > 0) {
        bytesAt = performance.now()
        await take(reader.feed(bytes))
      }
      const quietMs = reader.quietMs()
      if (quietMs === null) return Number.POSITIVE_INFINITY
      const left = quietMs - (performance.now() - bytesAt)
      if (left > 0) return left
      await take(reader.quiet())
      return 0
    },
    readEcho: async () => {
      const bytes = await tail.read()
      if (bytes.length === 0) return
      bytesAt = performance.now()
      reader.feed(bytes)
    },
    catchUp: async (until) => {
      reader.feed(await tail.read(until))
      if (reader.quietMs() !== null) reader.quiet()
    },
    close: () => tail.close(),
  }
}

/** How long a record is; 0 when there is none. */
export const recordSize = ({ record }: Incarnation): number =>
  statSync(record, { throwIfNoEntry: false })?.size ?? 0
