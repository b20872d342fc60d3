import { resolve } from 'node:path'
import type { Clock } from '@mc/core/clock.ts'
import type { Environment } from '@mc/core/config.ts'
import { createRedactor } from '@mc/core/redaction/redact.ts'
import { childEnvironment } from '@mc/core/runs/child-environment.ts'
import { runCommand } from '@mc/core/runs/run-command.ts'
import type { RunLogs } from '@mc/core/runs/run-logs.ts'
import { writtenSecrets } from '@mc/core/tasks/secrets.ts'
import type { HttpRequest, Task } from '@mc/core/tasks/task.ts'
import { type Attempt, attempt } from './attempt.ts'
import { judgeCommand } from './judge-command.ts'
import { createReferences, type References } from './references.ts'
import { retryDelay } from './retry.ts'
import { runHttp } from './run-http.ts'

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

export type RunFacts = { runId: string; slot: Date | null }

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
  { clock, env, root, killAfterMs, logs }: RunTaskDeps,
  task: Task,
  { runId, slot, until }: RunFacts & { until: Date | null },
  signal: AbortSignal,
  events: RunTaskEvents = {},
): Promise<Attempt & { tries: number }> => {
  for (let tries = 1; ; tries++) {
    const references = createReferences(env)
    const result = await tryOnce(references)
    const delayMs = retryDelay(task, result, tries, Math.random())
    const next = delayMs === null ? null : new Date(clock.now().getTime() + delayMs)
    if (delayMs === null || next === null || (until !== null && next >= until))
      return { ...result, tries }
    await clock.sleep(delayMs, signal)
    if (signal.aborted) return { ...result, tries }

    async function tryOnce(refs: References): Promise<Attempt> {
      const cwd = resolve(root, refs.resolve(task.cwd ?? '.'))
      const own = resolveAll(task.env, refs)
      const request = task.http && resolveRequest(task.http, refs)
      const secrets = [...refs.secrets, ...writtenSecrets(task)]
      const redact = createRedactor(secrets)
      events.onTry?.({
        number: tries,
        command: redact(
          request ? `${request.method} ${request.url}` : JSON.stringify(task.command),
        ),
        cwd: request ? null : cwd,
      })
      if (refs.missing.size > 0) {
        const cause = `Not set in the environment: ${[...refs.missing].sort().join(', ')}`
        return attempt({ status: 'could_not_start', cause, line: cause })
      }
      if (request) return runHttp(request, { timeoutMs: task.timeoutMs, redact, signal })
      const result = await runCommand({
        argv: task.command,
        cwd,
        env: childEnvironment(env, root, {
          MC_TASK: task.id,
          MC_RUN: runId,
          ...(slot ? { MC_SLOT: slot.toISOString() } : {}),
          ...place(env),
          ...own,
        }),
        timeoutMs: task.timeoutMs,
        noOutputMs: task.noOutputMs,
        secrets,
        ...(logs ? { log: logs.open(runId, { secrets }) } : {}),
        signal,
        ...(killAfterMs === undefined ? {} : { killAfterMs }),
        ...(events.onStart ? { onStart: events.onStart } : {}),
      })
      return judgeCommand(task, result)
    }
  }
}

/** Where Mission Control is: no secrets, and useful to a task. */
const place = (env: Environment): Record<string, string> =>
  Object.fromEntries(
    ['MC_URL', 'MC_DATA_DIR'].flatMap((name) => {
      const value = env[name]
      return value ? [[name, value]] : []
    }),
  )

const resolveAll = (texts: Record<string, string>, refs: References): Record<string, string> =>
  Object.fromEntries(Object.entries(texts).map(([name, text]) => [name, refs.resolve(text)]))

const resolveRequest = (request: HttpRequest, refs: References): HttpRequest => ({
  ...request,
  url: refs.resolve(request.url),
  headers: resolveAll(request.headers, refs),
  body: request.body === null ? null : refs.resolve(request.body),
})
