import { AppError } from '../errors.ts'

export type Failure = {
  /** What a person reads; null when the failure is none that we expected. */
  text: string | null
  exitCode: number
}

/** An AppError as message, its problems one a line, and what to do. */
export const describeFailure = (error: unknown): Failure => {
  if (!(error instanceof AppError)) return { text: null, exitCode: 1 }
  return { text: failureText(error), exitCode: error.code === 'invalid' ? 2 : 1 }
}

export const failureText = (error: AppError): string =>
  [
    error.message,
    ...error.problems.map((problem) => `  - ${problem}`),
    ...(error.hint === undefined ? [] : [error.hint]),
  ].join('\n')
