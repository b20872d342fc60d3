import { type ChildProcess, spawn } from 'node:child_process'
import { createStreamsCapture } from './capture.ts'
import { signalGroup } from './process.ts'
import type { RunLog } from './run-logs.ts'
import { createCautiousRedactor } from './withheld.ts'

/** Between asking a process group to end and making it. */
export const KILL_AFTER_MS = 10_000
/** How long a pipe stays open after its program is gone; a grandchild may hold it for good. */
export const DRAIN_MS = 2_000

export type CommandSpec = {
  /** Program and arguments; never a shell. */
  argv: readonly string[]
  cwd: string
  /** The whole environment of the child: see `childEnvironment`. */
  env: Record<string, string>
  /** Written to its stdin, which is then closed. */
  input?: string
  /** Null means no limit. */
  timeoutMs: number | null
  /** Ended when it says nothing for so long. Left out or null: it may be silent. */
  noOutputMs?: number | null
  /** Values to hide in the output. */
  secrets?: Iterable<string>
  /** Ends the whole group when it aborts. */
  signal?: AbortSignal
  killAfterMs?: number
  drainMs?: number
  onStart?: (started: { pid: number }) => void
  /** Raw output as it comes: neither redacted nor stripped, so not to be stored or shown. */
  onOutput?: (text: string, stream: 'stdout' | 'stderr') => void
  /** Takes the whole output as it comes; ended with the run. */
  log?: RunLog
  /** Makes readable what comes on stdout before it is kept: a program's records, for one. */
  shown?: { add(text: string): string; end(): string }
}

export type CommandResult = {
  /** Null when a signal ended it, or when it never started. */
  exitCode: number | null
  signal: NodeJS.Signals | null
  timedOut: boolean
  /** We ended it because it said nothing for `noOutputMs`. */
  wentSilent: boolean
  /** We ended it because the caller's signal aborted. */
  aborted: boolean
  /** Why it could not start, in words; null when it did. */
  spawnError: string | null
  durationMs: number
  /**
   * Both streams as they came, redacted and stripped. When that is too much to keep, the
   * beginning and end of each: first stdout, then stderr under its name.
   */
  output: string
  droppedBytes: number
  /** Each alone, likewise. */
  stdout: string
  stderr: string
}

/**
 * Runs one program in a process group of its own, to its end. At the time limit the group gets
 * TERM, then KILL; its pipes are closed soon after it, so that nothing it left behind can hold
 * us. Never throws for what the program does.
 */
export const runCommand = (spec: CommandSpec): Promise<CommandResult> =>
  new Promise((resolve) => {
    const began = performance.now()
    const output = createStreamsCapture()
    const [program = '', ...args] = spec.argv
    let timedOut = false
    let wentSilent = false
    let aborted = spec.signal?.aborted ?? false
    let spawnError: string | null = null
    const timers = new Set<NodeJS.Timeout>()
    const after = (ms: number, act: () => void) => {
      const timer = setTimeout(() => {
        timers.delete(timer)
        act()
      }, ms)
      timers.add(timer)
      return timer
    }

    const finish = (exitCode: number | null, signal: NodeJS.Signals | null) => {
      for (const timer of timers) clearTimeout(timer)
      spec.signal?.removeEventListener('abort', abort)
      spec.log?.end()
      resolve({
        exitCode,
        signal,
        timedOut,
        wentSilent,
        aborted: aborted && !timedOut && !wentSilent,
        spawnError,
        durationMs: performance.now() - began,
        ...output.read(createCautiousRedactor(spec.secrets)),
      })
    }

    let child: ChildProcess
    let silence: NodeJS.Timeout | undefined
    let ending = false
    /** TERM to the group now, KILL to what is left of it later. */
    const end = () => {
      if (ending || child?.pid === undefined) return
      ending = true
      const group = child.pid
      signalGroup(group, 'SIGTERM')
      after(spec.killAfterMs ?? KILL_AFTER_MS, () => {
        signalGroup(group, 'SIGKILL')
        after(spec.drainMs ?? DRAIN_MS, closePipes)
      })
    }
    const abort = () => {
      aborted = true
      end()
    }
    const closePipes = () => {
      child.stdout?.destroy()
      child.stderr?.destroy()
    }

    if (aborted) return finish(null, null)
    try {
      child = spawn(program, args, {
        cwd: spec.cwd,
        env: spec.env,
        // Its own process group, so that its children go with it.
        detached: true,
        stdio: [spec.input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
      })
    } catch (error) {
      // What node itself refuses, such as a null byte in an argument.
      spawnError = (error as Error).message
      return finish(null, null)
    }

    for (const stream of ['stdout', 'stderr'] as const) {
      const decoder = new TextDecoder()
      const add = (text: string) => {
        if (text === '') return
        if (silence && timers.has(silence)) silence.refresh()
        spec.onOutput?.(text, stream)
        keep(spec.shown && stream === 'stdout' ? spec.shown.add(text) : text)
      }
      const keep = (text: string) => {
        if (text === '') return
        output.add(text, stream)
        spec.log?.write(text, stream)
      }
      child[stream]?.on('data', (bytes: Buffer) => add(decoder.decode(bytes, { stream: true })))
      child[stream]?.on('close', () => {
        add(decoder.decode())
        if (spec.shown && stream === 'stdout') keep(spec.shown.end())
      })
      // A pipe that breaks is the program's end, which is told by itself.
      child[stream]?.on('error', () => {})
    }
    child.stdin?.on('error', () => {})
    if (spec.input !== undefined) child.stdin?.end(spec.input)

    child.once('error', (error) => {
      if (child.pid !== undefined) return
      spawnError = spawnProblem(error, program, spec.cwd)
      finish(null, null)
    })
    child.once('spawn', () => {
      spec.onStart?.({ pid: child.pid as number })
      spec.signal?.addEventListener('abort', abort, { once: true })
      if (spec.signal?.aborted) abort()
      const hasEnded = () => child.exitCode !== null || child.signalCode !== null || ending
      if (spec.timeoutMs !== null)
        after(spec.timeoutMs, () => {
          if (hasEnded()) return
          timedOut = true
          end()
        })
      if (spec.noOutputMs)
        silence = after(spec.noOutputMs, () => {
          if (hasEnded()) return
          wentSilent = true
          end()
        })
    })
    // While it is being ended, what it left behind has until the KILL.
    child.once('exit', () => {
      if (!ending) after(spec.drainMs ?? DRAIN_MS, closePipes)
    })
    child.once('close', (exitCode, signal) => {
      if (child.pid === undefined) return
      // Nobody holds a pipe any more; who still lives in the group has no more to say.
      if (ending) signalGroup(child.pid, 'SIGKILL')
      finish(exitCode, signal)
    })
  })

const spawnProblem = (error: Error, program: string, cwd: string): string => {
  const code = (error as NodeJS.ErrnoException).code
  if (code === 'ENOENT')
    return `Could not start "${program}": no such program on PATH, or no such folder as ${cwd}`
  if (code === 'EACCES') return `Could not start "${program}": it may not be executed`
  return `Could not start "${program}": ${error.message}`
}
