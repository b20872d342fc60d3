/** How one try of a task went, judged. */
export type Attempt = {
  status:
    | 'ok'
    | 'failed'
    | 'auth'
    | 'timeout'
    | 'stuck'
    | 'could_not_start'
    | 'interrupted'
    | 'cancelled'
  /** In words; null when all went well. */
  cause: string | null
  /** Exit code, HTTP status or errno: part of the fingerprint. */
  code: string | number | null
  exitCode: number | null
  signal: string | null
  output: string
  /** What is missing from the output; null when that is not known. */
  droppedBytes: number | null
  /** What says best what went wrong: part of the fingerprint. */
  line: string | null
  /** Might go well if tried again soon. */
  passing: boolean
  /** What the other side asked us to wait; null when it asked nothing. */
  retryAfterMs: number | null
}

export const attempt = (known: Pick<Attempt, 'status'> & Partial<Attempt>): Attempt => ({
  cause: null,
  code: null,
  exitCode: null,
  signal: null,
  output: '',
  droppedBytes: 0,
  line: null,
  passing: false,
  retryAfterMs: null,
  ...known,
})
