import { resolve } from 'node:path'
import type { Environment } from '@mc/core/config.ts'
import type { Redactor } from '@mc/core/redaction/redact.ts'
import { childEnvironment } from '@mc/core/runs/child-environment.ts'
import { createCautiousRedactor } from '@mc/core/runs/withheld.ts'
import { writtenSecrets } from '@mc/core/tasks/secrets.ts'
import type { HttpRequest, Task } from '@mc/core/tasks/task.ts'
import { createReferences, type References } from './references.ts'

export type RunFacts = { runId: string; slot: Date | null }

export type Prepared = {
  cwd: string
  /** The whole environment of its program. */
  env: Record<string, string>
  /** With every reference filled in; null unless the kind is http. */
  request: HttpRequest | null
  secrets: string[]
  redact: Redactor
  /** What is run, redacted. */
  command: string
  /** Why it cannot start, in words; null when it can. */
  problem: string | null
}

/** Fills in what a task refers to. `root` is the project's folder: relative paths start there. */
export const prepare = (
  { env, root }: { env: Environment; root: string },
  task: Task,
  { runId, slot }: RunFacts,
): Prepared => {
  const refs = createReferences(env)
  const cwd = resolve(root, refs.resolve(task.cwd ?? '.'))
  const own = resolveAll(task.env, refs)
  const request = task.http && resolveRequest(task.http, refs)
  const secrets = [...refs.secrets, ...writtenSecrets(task)]
  const redact = createCautiousRedactor(secrets)
  return {
    cwd,
    request,
    secrets,
    redact,
    env: childEnvironment(env, root, {
      MC_TASK: task.id,
      MC_RUN: runId,
      ...(slot ? { MC_SLOT: slot.toISOString() } : {}),
      ...place(env),
      ...own,
    }),
    command: redact(request ? `${request.method} ${request.url}` : JSON.stringify(task.command)),
    problem:
      refs.missing.size > 0
        ? `Not set in the environment: ${[...refs.missing].sort().join(', ')}`
        : null,
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
