import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import type { Clock } from '@mc/core/clock.ts'
import { TAKEN, WRONG_SETTINGS } from '@mc/core/process/failure.ts'
import { backOff } from './back-off.ts'

export type Part = { name: string; main: string }

const permanent: readonly number[] = [WRONG_SETTINGS, TAKEN]

/** Between being asked to stop and being made to. */
const STOP_MS = 30_000
const DRAIN_MS = 500

/** Three small processes, not three big ones: a young generation of 2 MB saves 15 MB each at rest. */
const smallNode = ['--max-semi-space-size=2', '--v8-pool-size=1']

/**
 * Keeps child processes running until the signal aborts: a crashed one is started again after a
 * growing pause while the others carry on. Each leads a process group of its own, so that a
 * terminal's Ctrl-C reaches the supervisor alone, and has a channel to us, so that it stops when
 * we are killed. A failure that no new start can mend (wrong settings, a data folder that another
 * has) stops them all. Resolves when all have ended: with that exit code, or 0.
 */
export const supervise = async (
  parts: readonly Part[],
  {
    env,
    clock,
    line,
    say,
  }: {
    env: NodeJS.ProcessEnv
    clock: Clock
    /** A line of a child's output. */
    line: (name: string, text: string) => void
    /** Our own news about a child. */
    say: (name: string, text: string) => void
  },
  asked: AbortSignal,
): Promise<number> => {
  const givenUp = new AbortController()
  const signal = AbortSignal.any([asked, givenUp.signal])
  let exitCode = 0
  const keepRunning = async ({ name, main }: Part) => {
    let crashes = 0
    while (!signal.aborted) {
      const startedAt = clock.now().getTime()
      const child = spawn(process.execPath, [...smallNode, main], {
        env,
        detached: true,
        stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      })
      const stop = () => void end(child, clock)
      signal.addEventListener('abort', stop, { once: true })
      for (const stream of [child.stdout, child.stderr])
        if (stream) createInterface({ input: stream }).on('line', (text) => line(name, text))
      const [code, killedBy] = (await once(child, 'exit')) as [number | null, string | null]
      // Its last lines; but a grandchild that holds the pipe open holds us no longer than this.
      await Promise.race([once(child, 'close'), clock.sleep(DRAIN_MS)])
      signal.removeEventListener('abort', stop)
      const how = killedBy ? `was killed by ${killedBy}` : `ended with exit code ${code}`
      if (signal.aborted) return say(name, killedBy === 'SIGKILL' ? how : 'stopped')
      if (code !== null && permanent.includes(code)) {
        say(name, `${how}; starting it again cannot mend that, so all stop`)
        exitCode = code
        return givenUp.abort()
      }
      const next = backOff(crashes, clock.now().getTime() - startedAt)
      crashes = next.crashes
      say(name, `${how}; starting it again in ${next.waitMs / 1_000} s, the others carry on`)
      await clock.sleep(next.waitMs, signal)
    }
  }
  await Promise.all(parts.map(keepRunning))
  return exitCode
}

const end = async (child: ChildProcess, clock: Clock): Promise<void> => {
  child.kill('SIGTERM')
  const ended = new AbortController()
  child.once('exit', () => ended.abort())
  await clock.sleep(STOP_MS, ended.signal)
  if (ended.signal.aborted || child.pid === undefined) return
  // The whole group: what it may have started must not hold its pipes open.
  process.kill(-child.pid, 'SIGKILL')
}
