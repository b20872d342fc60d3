import { errorLine } from '@mc/core/runs/fingerprint.ts'
import type { CommandResult } from '@mc/core/runs/run-command.ts'
import type { Task } from '@mc/core/tasks/task.ts'
import { type Attempt, attempt } from './attempt.ts'
import { saysAuth } from './says-auth.ts'

/** What a finished program tells: explicit words first, patterns only beside a bad exit code. */
export const judgeCommand = (
  task: Pick<Task, 'successCodes' | 'authCodes' | 'timeoutMs' | 'noOutputMs'>,
  result: CommandResult,
): Attempt => {
  const { exitCode, signal, output, droppedBytes } = result
  const line = errorLine(result.stderr) ?? errorLine(output)
  const known = { exitCode, signal, output, droppedBytes, line, code: exitCode ?? signal }
  if (result.spawnError !== null)
    return attempt({
      ...known,
      status: 'could_not_start',
      cause: result.spawnError,
      line: result.spawnError,
    })
  if (result.timedOut)
    return attempt({
      ...known,
      status: 'timeout',
      cause: `Took longer than ${task.timeoutMs / 1_000} s and was ended`,
      code: null,
      passing: true,
    })
  if (result.wentSilent)
    return attempt({
      ...known,
      status: 'timeout',
      cause: `Said nothing for ${(task.noOutputMs ?? 0) / 1_000} s and was ended`,
      code: null,
      line: 'said nothing',
      passing: true,
    })
  if (result.aborted) return attempt({ ...known, status: 'interrupted', cause: 'Was ended' })
  const auth = authCause(task, result)
  if (auth) return attempt({ ...known, status: 'auth', cause: auth })
  if (exitCode !== null && task.successCodes.includes(exitCode))
    return attempt({ ...known, status: 'ok', code: null, line: null })
  const how = exitCode === null ? `was ended by ${signal}` : `ended with exit code ${exitCode}`
  return attempt({
    ...known,
    status: 'failed',
    cause: line === null ? `It ${how}` : `It ${how}: ${line.slice(0, 300)}`,
    passing: /\b(?:ECONN[A-Z]+|ETIMEDOUT|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH)\b/.test(result.stderr),
  })
}

/** Why this is an auth failure; null when it is none. */
const authCause = (
  task: Pick<Task, 'authCodes' | 'successCodes'>,
  { exitCode, stderr, output }: CommandResult,
): string | null => {
  if (exitCode !== null && task.authCodes.includes(exitCode))
    return `Not authorised: exit code ${exitCode}`
  if (saysAuth(output) || saysAuth(stderr)) return 'Not authorised, says its last line'
  if (exitCode === 0 || (exitCode !== null && task.successCodes.includes(exitCode))) return null
  const found = authPatterns.map((pattern) => pattern.exec(stderr)?.[0]).find(Boolean)
  return found ? `Not authorised: ${found.slice(0, 200)}` : null
}

/** Whole phrases only: a bare "401", "expired" or "permission denied" is not enough. */
const authPatterns = [
  /\b(?:HTTP(?:\/[\d.]+)?|status(?: code)?|error)[ :=]+401\b.*/i,
  /\b401 Unauthorized\b.*/i,
  /\bauthentication (?:failed|required|error)\b.*/i,
  /\b(?:invalid|expired|revoked|bad|incorrect) (?:api[ -]?key|access token|auth(?:entication)? token|token|credentials?|password)\b.*/i,
  /\b(?:api[ -]?key|access token|token|credentials?|password) (?:is |has |was |were )?(?:been )?(?:invalid|expired|revoked|rejected|incorrect)\b.*/i,
  /\bcould not read (?:Username|Password)\b.*/,
  /\bPermission denied \((?:publickey|password|keyboard-interactive)[^)]*\).*/i,
  /\bpassword authentication failed\b.*/i,
  /\bnot logged in\b.*|\blog ?in required\b.*/i,
]
