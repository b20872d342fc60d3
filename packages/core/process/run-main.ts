import { type Clock, systemClock } from '../clock.ts'
import { type Config, type Environment, readConfig } from '../config.ts'
import { loadEnvironment, projectRoot } from '../environment.ts'
import { createLog, type Log } from '../log.ts'
import { describeFailure } from './failure.ts'

export type Main = {
  env: Environment
  config: Config
  log: Log
  /** Aborts when the process is asked to stop: finish within a few seconds. */
  signal: AbortSignal
  clock: Clock
}

/** A process that has finished its work but not closed everything ends after this long anyway. */
const LINGER_MS = 3_000

/**
 * The frame of every `main.ts`: settings, log, stopping. `work` runs until `signal` aborts
 * (SIGINT, SIGTERM, or the supervisor is gone); a second signal ends the process at once. An
 * expected failure is printed as a person can read it, without a stack: exit code 2 for wrong
 * settings, 3 for a place that another has, 1 for anything else. `log`: one of the process's own instead of pino on stderr.
 */
export const runMain = async (
  name: string,
  work: (main: Main) => Promise<void>,
  { log }: { log?: Log } = {},
): Promise<void> => {
  const stopping = new AbortController()
  const stop = (reason: string, exitCode: number) => {
    if (stopping.signal.aborted) process.exit(exitCode)
    log?.info({ reason }, 'stopping')
    stopping.abort()
  }
  process.on('SIGINT', () => stop('SIGINT', 130))
  process.on('SIGTERM', () => stop('SIGTERM', 143))
  // Under `start` there is a channel to the supervisor; it breaks when that one is killed.
  process.on('disconnect', () => stop('the supervisor is gone', 1))
  process.channel?.unref()

  const fail = (error: unknown) => {
    const { text, exitCode } = describeFailure(error)
    if (text !== null) process.stderr.write(`${name}: ${text}\n`)
    else if (log) log.error({ err: error }, 'failed unexpectedly')
    else console.error(error)
    process.exit(exitCode)
  }
  process.on('uncaughtException', fail)
  process.on('unhandledRejection', fail)

  try {
    const env = loadEnvironment()
    const config = readConfig(env, projectRoot)
    log ??= createLog(name, config.logLevel)
    await work({ env, config, log, signal: stopping.signal, clock: systemClock })
  } catch (error) {
    fail(error)
  }
  setTimeout(() => {
    log?.warn({}, 'something was left open; ending anyway')
    process.exit(0)
  }, LINGER_MS).unref()
}
