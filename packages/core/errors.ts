export type ErrorCode =
  | 'invalid'
  | 'unprocessable'
  | 'too_many'
  | 'unauthorized'
  | 'forbidden'
  | 'not_found'
  | 'conflict'
  | 'unavailable'

/**
 * An outcome the caller can do something about. `message` says what was expected and what came,
 * `hint` what to do. Anything else that is thrown is internal.
 */
export class AppError extends Error {
  readonly code: ErrorCode
  readonly hint: string | undefined
  /** Problems found together, e.g. one per field or setting. */
  readonly problems: readonly string[]
  /** Of a `conflict`: what the caller saw is no longer so. Without it, it cannot be done at all. */
  readonly stale: boolean
  constructor(
    code: ErrorCode,
    message: string,
    options: {
      hint?: string
      problems?: readonly string[]
      stale?: boolean
      cause?: unknown
    } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.name = 'AppError'
    this.code = code
    this.hint = options.hint
    this.problems = options.problems ?? []
    this.stale = options.stale ?? false
  }
}
