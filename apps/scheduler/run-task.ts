import type { Clock } from '@mc/core/clock.ts'
import type { Environment } from '@mc/core/config.ts'
import { runCommand } from '@mc/core/runs/run-command.ts'
import type { RunLogs } from '@mc/core/runs/run-logs.ts'
import type { Task } from '@mc/core/tasks/task.ts'
import { type Attempt, attempt } from './attempt.ts'
import { judgeCommand } from './judge-command.ts'
import { prepare, type RunFacts } from './prepare.ts'
import { retryDelay } from './retry.ts'
import { runHttp } from './run-http.ts'
import { Stopped } from './stopped.ts'

export type RunTaskDeps = {
  clock: Clock
  /** What references are resolved from; of it a child inherits only the allow-list. */
  env: Environment
  /** The project's folder: relative paths start there. */
  root: string
  /** Between TERM and KILL; the tests shorten it. */
  killAfterMs?: number
  /** Where the whole output of each run is kept; without it only the ends are, in its row. */
  logs?: RunLogs
}

export type RunTaskEvents = {
  /** Before each try, from 1. `command` is redacted. */
  onTry?: (facts: { number: number; command: string; cwd: string | null }) => void
  onStart?: (started: { pid: number }) => void
}

/**
 * One run: tries until one goes well, fails for good, or the next fire is due. Everything it
 * returns is redacted.
 */
export const runTask = async (
  deps: RunTaskDeps,
  task: Task,
  facts: RunFacts & { until: Date | null },
  signal: AbortSignal,
  events: RunTaskEvents = {},
): Promise<Attempt & { tries: number }> => {
  const { clock } = deps
  for (let tries = 1; ; tries++) {
    const result = await tryOnce(deps, task, facts, tries, signal, events)
    const delayMs = retryDelay(task, result, tries, Math.random())
    const next = delayMs === null ? null : new Date(clock.now().getTime() + delayMs)
    if (delayMs === null || next === null || (facts.until !== null && next >= facts.until))
      return { ...result, tries }
    await clock.sleep(delayMs, signal)
    if (!signal.aborted) continue
    // How the last try went is no end: a person did not want another one.
    return signal.reason instanceof Stopped
      ? { ...result, status: 'interrupted', tries }
      : { ...result, tries }
  }
}

const tryOnce = async (
  { clock, env, root, killAfterMs, logs }: RunTaskDeps,
  task: Task,
  facts: RunFacts,
  number: number,
  signal: AbortSignal,
  events: RunTaskEvents,
): Promise<Attempt> => {
  const prepared = prepare({ env, root }, task, facts)
  const { request, secrets, redact, cwd, command, problem } = prepared
  events.onTry?.({ number, command, cwd: request ? null : cwd })
  if (problem !== null) return attempt({ status: 'could_not_start', cause: problem, line: problem })
  if (request)
    return runHttp(request, { timeoutMs: task.timeoutMs, redact, signal, now: clock.now })
  const result = await runCommand({
    argv: task.command,
    cwd,
    env: prepared.env,
    timeoutMs: task.timeoutMs,
    noOutputMs: task.noOutputMs,
    secrets,
    ...(logs ? { log: logs.open(facts.runId, { secrets }) } : {}),
    signal,
    ...(killAfterMs === undefined ? {} : { killAfterMs }),
    ...(events.onStart ? { onStart: events.onStart } : {}),
  })
  return judgeCommand(task, result)
}
