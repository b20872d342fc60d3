import { closeSync, fstatSync, mkdirSync, openSync, writeSync } from 'node:fs'
import { open, readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { createRedactedLines } from './redacted-lines.ts'
import { createCautiousRedactor } from './withheld.ts'

/** What comes after so much is not kept; the row still has the end of it. */
export const LOG_BYTES_MAX = 10 * 1024 * 1024

const FULL = '\n[… the log is full: what follows is not kept here …]\n'
const AGAIN = '\n[… and again …]\n'

/** Where a run's output goes as it comes. */
export type RunLog = {
  /** Raw text of one stream. Never throws: a disk that is full fails no task. */
  write(text: string, stream: 'stdout' | 'stderr'): void
  /** Writes what is held back and closes the file; a later `open` goes on in it. */
  end(): void
}

export type LogPart = {
  text: string
  /** Bytes before it and up to its end. */
  from: number
  to: number
  /** Of the whole file by now. */
  size: number
}

export type LogFile = { id: string; bytes: number; modifiedAt: Date }

/**
 * The whole output of each run as a file `run-logs/<ab>/<id>.log` in the data folder: plain text,
 * redacted before the first byte is written, line by line as it comes.
 */
export const createRunLogs = (dataDir: string) => {
  const root = join(dataDir, 'run-logs')
  const folderOf = (id: string) => join(root, checked(id).slice(0, 2))
  const pathOf = (id: string) => join(folderOf(id), `${id}.log`)

  return {
    pathOf,

    /** No file is made before there is something to write. `onTrouble` hears once that it cannot be written. */
    open(
      id: string,
      {
        secrets = [],
        onTrouble,
      }: { secrets?: Iterable<string>; onTrouble?: (error: Error) => void } = {},
    ): RunLog {
      const path = pathOf(id)
      const all = [...secrets]
      const redact = createCautiousRedactor(all)
      const spare = Math.max(0, ...all.filter((one) => one.includes('\n')).map((one) => one.length))
      const streams = {
        stdout: createRedactedLines(redact, spare),
        stderr: createRedactedLines(redact, spare),
      }
      let file: { fd: number; bytes: number } | null = null
      let over = false

      const append = (text: string) => {
        if (over || text === '') return
        try {
          file ??= openForAppend(folderOf(id), path)
          const bytes = Buffer.from(text)
          const room = LOG_BYTES_MAX - file.bytes
          over = bytes.length > room
          const kept = over
            ? Buffer.concat([wholeCharacters(bytes.subarray(0, room)), Buffer.from(FULL)])
            : bytes
          writeSync(file.fd, kept)
          file.bytes += kept.length
        } catch (error) {
          // A full or read-only disk: the run goes on, its row keeps the ends of its output.
          over = true
          onTrouble?.(error as Error)
        }
      }

      return {
        write(text, stream) {
          if (!over) append(streams[stream].add(text))
        },
        end() {
          append(streams.stdout.end())
          append(streams.stderr.end())
          if (file) closeSync(file.fd)
          file = null
        },
      }
    },

    /** At most `bytesMax` from byte `from` (negative: from the end), cut between characters. Null when there is no log. */
    async read(id: string, from: number, bytesMax: number): Promise<LogPart | null> {
      const file = await openIfThere(pathOf(id))
      if (!file) return null
      try {
        const { size } = await file.stat()
        const start = Math.min(size, from < 0 ? Math.max(0, size + from) : from)
        const buffer = Buffer.alloc(Math.min(bytesMax, size - start))
        const { bytesRead } = await file.read(buffer, 0, buffer.length, start)
        const read = buffer.subarray(0, bytesRead)
        const skipped = from < 0 && start > 0 ? brokenBytes(read) : 0
        const whole = wholeCharacters(read.subarray(skipped))
        return {
          text: whole.toString('utf8'),
          from: start + skipped,
          to: start + skipped + whole.length,
          size,
        }
      } finally {
        await file.close()
      }
    },

    /** Bytes; null when there is no log. */
    async size(id: string): Promise<number | null> {
      const found = await unlessGone(stat(pathOf(id)))
      return found?.size ?? null
    },

    remove: (id: string): Promise<void> => rm(pathOf(id), { force: true }),

    /** All of them, in no order. */
    async *list(): AsyncGenerator<LogFile> {
      for (const folder of (await unlessGone(readdir(root))) ?? [])
        for (const name of (await unlessGone(readdir(join(root, folder)))) ?? []) {
          const found = await unlessGone(stat(join(root, folder, name)))
          const id = /^([0-9a-f]+)\.log$/.exec(name)?.[1]
          if (found && id) yield { id, bytes: found.size, modifiedAt: found.mtime }
        }
    },
  }
}

export type RunLogs = ReturnType<typeof createRunLogs>

/** A run's id is hex; anything else would be a path of somebody's making. */
const checked = (id: string): string => {
  if (/^[0-9a-f]{4,64}$/.test(id)) return id
  throw new Error(`Expected the id of a run, got "${id}"`)
}

const openForAppend = (folder: string, path: string) => {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const fd = openSync(path, 'a', 0o600)
  const { size } = fstatSync(fd)
  if (size > 0) writeSync(fd, AGAIN)
  return { fd, bytes: size === 0 ? 0 : size + AGAIN.length }
}

const openIfThere = (path: string) => unlessGone(open(path, 'r'))

/** Null for a file or folder that is not there, or not any more. */
const unlessGone = async <T>(work: Promise<T>): Promise<T | null> => {
  try {
    return await work
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return null
    throw error
  }
}

/** Without a character at the end of which only some bytes are there. */
const wholeCharacters = (bytes: Buffer): Buffer => {
  for (let back = 1; back <= Math.min(4, bytes.length); back++) {
    const byte = bytes[bytes.length - back] ?? 0
    if (byte < 0x80) return bytes
    if (byte >= 0xc0) {
      const length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2
      return length > back ? bytes.subarray(0, bytes.length - back) : bytes
    }
  }
  return bytes
}

/** How many bytes at the beginning belong to a character that began before. */
const brokenBytes = (bytes: Buffer): number => {
  let count = 0
  while (count < 3 && ((bytes[count] ?? 0) & 0xc0) === 0x80) count++
  return count
}
