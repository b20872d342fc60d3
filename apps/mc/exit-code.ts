import { UnreachableError } from '@mc/core/client/client.ts'
import { AppError, type ErrorCode } from '@mc/core/errors.ts'
import { failureText } from '@mc/core/process/failure.ts'
import { plainText } from '@mc/core/redaction/plain.ts'

export const OK = 0
export const REFUSED = 1
export const USAGE = 2
export const NOT_FOUND = 3
export const CONFLICT = 4
export const UNREACHABLE = 5
export const FORBIDDEN = 6

export const exitCodeHelp = `
Exit codes:
  0  done
  1  refused or failed; the message says why
  2  wrong usage
  3  not found
  4  conflict: it changed meanwhile, or is busy
  5  Mission Control does not answer (the agent's calls try for 30 s first)
  6  not signed in, or not allowed
`

const codes: Record<ErrorCode, number> = {
  invalid: REFUSED,
  unprocessable: REFUSED,
  too_many: REFUSED,
  unavailable: REFUSED,
  unauthorized: FORBIDDEN,
  forbidden: FORBIDDEN,
  not_found: NOT_FOUND,
  conflict: CONFLICT,
}

/** Ends the command with a code of its own; what there was to say has been said. */
export class Exit extends Error {
  readonly exitCode: number
  constructor(exitCode: number, message = '') {
    super(message)
    this.exitCode = exitCode
  }
}

/** What to print on stderr, and the exit code, of whatever a command threw. */
export const explain = (error: unknown): { text: string; exitCode: number } => {
  if (error instanceof Exit) return { text: plainText(error.message), exitCode: error.exitCode }
  if (error instanceof UnreachableError)
    return { text: plainText(failureText(error)), exitCode: UNREACHABLE }
  if (error instanceof AppError)
    return { text: plainText(failureText(error)), exitCode: codes[error.code] }
  // Commander has printed its message (or the help that was asked for) already.
  const { exitCode, code } = error as { exitCode?: number; code?: string }
  if (code?.startsWith('commander.')) return { text: '', exitCode: exitCode === 0 ? OK : USAGE }
  return { text: plainText((error as Error).message), exitCode: REFUSED }
}
