import { execFile, spawn } from 'node:child_process'
import { closeSync, constants, openSync } from 'node:fs'
import { mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { Socket } from 'node:net'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { processStarted } from './process.ts'

/**
 * A program that outlives the process that started it, in a folder of its own files:
 *
 * 1. Its output goes through two named pipes. It holds each of them open for reading too, so that
 *    nothing breaks while nobody reads; it waits when 64 KiB have not been read.
 * 2. A shell around it leads its process group and writes down its exit code, which only a parent
 *    can ask the kernel for.
 * 3. Who comes later finds pid and start in `<id>.json`, reads on from the pipes, and looks at the
 *    process from time to time.
 */
export type Program = {
  pid: number
  /** From the kernel; another value means that the pid went to another program. */
  started: string
  /** Of what it was started from: tells whether the tasks file has changed since. */
  definition: string
}

/** What it ended with; null when nobody knows: it was killed, or the machine went down. */
export type ProgramEnd = { exitCode: number | null }

export type Reader = {
  close(): void
  /** Aborts when nobody can write any more and all was read. */
  closed: AbortSignal
}

/** Its own words alone: the program and its arguments come as arguments, never as text. */
const AROUND =
  'exit_file=$1; shift; trap : TERM INT HUP; "$@"; code=$?; ' +
  'printf %s "$code" > "$exit_file.new" && mv "$exit_file.new" "$exit_file"; exit "$code"'

const streams = ['stdout', 'stderr'] as const
type Stream = (typeof streams)[number]

export const createPrograms = (folder: string) => {
  const pathOf = (id: string, what: string) => join(folder, `${id}.${what}`)
  const all = ['stdout', 'stderr', 'exit', 'exit.new', 'beat', 'json']

  /** Null when it never began, or its folder is gone. */
  const find = async (id: string): Promise<Program | null> => {
    const text = await readIfThere(pathOf(id, 'json'))
    return text === null ? null : (JSON.parse(text) as Program)
  }

  return {
    find,

    /** The file whose touch is a sign of life. */
    beatPath: (id: string): string => pathOf(id, 'beat'),

    /** Starts it in a process group of its own. Throws when the system will not start anything. */
    async start(
      id: string,
      spec: { argv: readonly string[]; cwd: string; env: Record<string, string> },
      definition: string,
    ): Promise<Program & { exited: Promise<void> }> {
      await mkdir(folder, { recursive: true, mode: 0o700 })
      const pipes = streams.map((stream) => pathOf(id, stream))
      await promisify(execFile)('mkfifo', ['-m', '600', ...pipes])
      await writeFile(pathOf(id, 'beat'), '', { mode: 0o600 })
      const held = pipes.map((path) => openSync(path, constants.O_RDWR))
      try {
        const child = spawn('/bin/sh', ['-c', AROUND, 'sh', pathOf(id, 'exit'), ...spec.argv], {
          cwd: spec.cwd,
          env: { ...spec.env, MC_BEAT: pathOf(id, 'beat') },
          detached: true,
          stdio: ['ignore', ...held],
        })
        const exited = new Promise<void>((resolve) => {
          child.once('exit', () => resolve())
          child.once('error', () => resolve())
        })
        await new Promise<void>((resolve, reject) => {
          child.once('spawn', resolve)
          child.once('error', reject)
        })
        child.unref()
        const pid = child.pid as number
        const program = { pid, started: (await processStarted(pid)) ?? 'gone', definition }
        await writeFile(pathOf(id, 'json'), JSON.stringify(program), { mode: 0o600 })
        return { ...program, exited }
      } finally {
        for (const fd of held) closeSync(fd)
      }
    },

    isAlive: async ({ pid, started }: Pick<Program, 'pid' | 'started'>): Promise<boolean> =>
      (await processStarted(pid)) === started,

    /** Its output from now on, or from where the last reader stopped. */
    read(id: string, onOutput: (text: string, stream: Stream) => void): Reader {
      const closed = new AbortController()
      let open = 0
      const sockets = streams.flatMap((stream) => {
        let fd: number
        try {
          fd = openSync(pathOf(id, stream), constants.O_RDONLY | constants.O_NONBLOCK)
        } catch (error) {
          // Somebody cleared the folder: what it says is lost, the program lives on.
          if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
          throw error
        }
        const socket = new Socket({ fd, readable: true, writable: false })
        const decoder = new TextDecoder()
        const say = (text: string) => text !== '' && onOutput(text, stream)
        socket.on('data', (bytes: Buffer) => say(decoder.decode(bytes, { stream: true })))
        open++
        socket.on('close', () => {
          say(decoder.decode())
          if (--open === 0) closed.abort()
        })
        // A pipe that breaks is the program's end, which is told by itself.
        socket.on('error', () => {})
        return [socket]
      })
      if (open === 0) closed.abort()
      const close = () => {
        for (const socket of sockets) socket.destroy()
      }
      return { close, closed: closed.signal }
    },

    /** When its beat file was touched last, in ms since 1970; null when it is gone. */
    async touchedAt(id: string): Promise<number | null> {
      try {
        return (await stat(pathOf(id, 'beat'))).mtimeMs
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
        throw error
      }
    },

    async endOf(id: string): Promise<ProgramEnd> {
      const text = await readIfThere(pathOf(id, 'exit'))
      return { exitCode: text !== null && /^\d+$/.test(text) ? Number(text) : null }
    },

    async forget(id: string): Promise<void> {
      await Promise.all(all.map((what) => rm(pathOf(id, what), { force: true })))
    },
  }
}

export type Programs = ReturnType<typeof createPrograms>

const readIfThere = async (path: string): Promise<string | null> => {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw error
  }
}
