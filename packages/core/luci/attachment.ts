import { statSync } from 'node:fs'
import type { Seen } from './hindrance.ts'
import type { Incarnation } from './incarnation.ts'
import { readAnyScreen } from './profiles/any-screen.ts'
import type { Reader, RecordEvent } from './profiles/profile.ts'
import { type Tail, tailFile } from './tail.ts'
import type { Look } from './tmux.ts'

/** So many bytes of an old record tell how its program stands. */
const STORY_MAX = 1 << 20

/** Files that are read beside the record at once, and so many more aside. */
const FOLLOWED_MAX = 3
const ASIDES_MAX = 20

/** A program we are attached to, and our place in its record. */
export type Attachment = {
  incarnation: Incarnation
  reader: Reader
  tail: Tail
  /** Where we stand in the files that are read beside the record, by path (bytes). */
  places(): Record<string, number>
  /** Reads what the record brought, hands it to `take`, and returns how long (ms) until silence says more. */
  follow(take: (events: RecordEvent[]) => Promise<void>): Promise<number>
  /** What else was learned; it is handed over by the next `follow`. */
  later(events: readonly RecordEvent[]): void
  /** The same while we type, when all that comes is echo. */
  readEcho(): Promise<void>
  /** What lies before the offset only tells the reader how the program stands. */
  catchUp(until?: number): Promise<void>
  /** The pane as it is now, and what its program shows. */
  look(): Promise<Look & Seen>
  /** Keys, as hex, that stop the running turn, and that empty the input. */
  interruptKeys(): string
  clearKeys(): string
  /** Its program draws pictures, as far as the last look tells. */
  isFullScreen(): boolean
  close(): Promise<void>
}

/**
 * Reads the record from a little before `from` on; 0 for a program that has just been started.
 * `places`: where the turn in hand began in the program's own files; null when there is none, and
 * what they hold already is old, unless the file itself was begun after `since` (ms since 1970): a
 * conversation may move to a new one in the middle of a reply.
 */
export const attachTo = (
  incarnation: Incarnation,
  from: number,
  places: Record<string, number> | null,
  since: number,
  changed: () => void,
): Attachment => {
  const { profile, pane } = incarnation
  const reader = profile.reader()
  const tail = tailFile(incarnation.record, Math.max(0, from - STORY_MAX), changed)
  const beside = new Map<string, Tail>()
  const named = new Set<string>()
  const asides = new Set<string>()
  const untold: RecordEvent[] = []
  let bytesAt = performance.now()
  let fullScreen = profile.screen !== null

  /** Its own files before its record: a hook tells of what the transcript has already. */
  const read = async (): Promise<RecordEvent[]> => {
    const bytes = await tail.read()
    const events: RecordEvent[] = []
    for (const [path, file] of beside) events.push(...fed(await file.read(), path))
    events.push(...fed(bytes, null))
    for (const path of newlyNamed())
      events.push(...fed(await (beside.get(path) as Tail).read(), path))
    await leaveOldest()
    return events
  }

  /** One by one: what could not be written down now is told again, and nothing behind it is lost. */
  const tell = async (take: (events: RecordEvent[]) => Promise<void>) => {
    for (let event = untold[0]; event; event = untold[0]) {
      await take([event])
      untold.shift()
    }
  }

  const fed = (bytes: Uint8Array, file: string | null): RecordEvent[] => {
    if (bytes.length === 0) return []
    if (file === null || !asides.has(file)) bytesAt = performance.now()
    return reader.feed(bytes, file)
  }

  const newlyNamed = (): string[] =>
    reader
      .follows()
      .filter(({ path }) => !named.has(path))
      .map(({ path, from, aside }) => {
        named.add(path)
        if (aside) asides.add(path)
        const isOld = from === 'end' && !isBornSince(path, since)
        const start = places?.[path] ?? (isOld ? sizeOf(path) : 0)
        beside.set(path, tailFile(path, start, changed))
        return path
      })

  /** Each conversation has a file of its own; nothing comes any more for those long left. */
  const leaveOldest = async () => {
    const files = [...beside]
    const oldest = [
      ...files.filter(([path]) => !asides.has(path)).slice(0, -FOLLOWED_MAX),
      ...files.filter(([path]) => asides.has(path)).slice(0, -ASIDES_MAX),
    ]
    for (const [path, file] of oldest) {
      beside.delete(path)
      await file.close()
    }
  }

  return {
    incarnation,
    reader,
    tail,
    places: () =>
      Object.fromEntries([...beside].map(([path, file]) => [path, file.position()] as const)),
    follow: async (take) => {
      untold.push(...(await read()))
      await tell(take)
      const quietMs = reader.quietMs()
      if (quietMs === null) return Number.POSITIVE_INFINITY
      const left = quietMs - (performance.now() - bytesAt)
      if (left > 0) return left
      untold.push(...reader.quiet())
      await tell(take)
      return 0
    },
    later: (events) => void untold.push(...events),
    readEcho: async () => {
      await read()
    },
    catchUp: async (until) => {
      fed(await tail.read(until), null)
      // Only named: what its own files hold since their places is the story of the turn in hand.
      newlyNamed()
      if (reader.quietMs() !== null) reader.quiet()
    },
    look: async () => {
      const seen = await pane.look({ whole: profile.screen !== null || profile.record === 'pane' })
      const { sight } = seen
      if (!sight) return { ...seen, shows: null }
      const read = profile.screen ?? (sight.alternate ? readAnyScreen : null)
      fullScreen = read !== null
      return { ...seen, shows: read?.(sight) ?? null }
    },
    // Escape stops what nearly every program of that kind does; Ctrl-C ends some.
    interruptKeys: () => (fullScreen && !profile.screen ? '1b' : profile.interrupt),
    clearKeys: () => (fullScreen && !profile.screen ? '15' : profile.clear),
    isFullScreen: () => fullScreen,
    close: async () => {
      for (const file of [tail, ...beside.values()]) await file.close()
    },
  }
}

/** How long a record is; 0 when there is none. */
export const recordSize = ({ record }: Incarnation): number => sizeOf(record)

const sizeOf = (path: string): number => statSync(path, { throwIfNoEntry: false })?.size ?? 0

/** Where the file system keeps no birth time, nothing is. */
const isBornSince = (path: string, since: number): boolean =>
  (statSync(path, { throwIfNoEntry: false })?.birthtimeMs ?? 0) > since
