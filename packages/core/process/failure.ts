import { AppError, type ErrorCode } from '../errors.ts'

export type Failure = {
  /** What a person reads; null when the failure is none that we expected. */
  text: string | null
  exitCode: number
}

/** Wrong settings, or a place that another has: starting again cannot mend it. */
export const WRONG_SETTINGS = 2
export const TAKEN = 3

/** An AppError as message, its problems one a line, and what to do. */
export const describeFailure = (error: unknown): Failure => {
  if (!(error instanceof AppError)) return { text: null, exitCode: 1 }
  return { text: failureText(error), exitCode: exitCodes[error.code] ?? 1 }
}

const exitCodes: Partial<Record<ErrorCode, number>> = { invalid: WRONG_SETTINGS, conflict: TAKEN }

export const failureText = (error: AppError): string =>
  [
    error.message,
    // What the api says of a wrong request is its problems in a row.
    ...(error.message === error.problems.join('; ')
      ? []
      : error.problems.map((problem) => `  - ${problem}`)),
    ...(error.hint === undefined ? [] : [error.hint]),
  ].join('\n')
