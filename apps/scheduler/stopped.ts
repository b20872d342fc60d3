/** Why a run in hand is ended, when a person said so: no trouble of the task, and nothing to tell. */
export class Stopped {
  readonly cause: string
  constructor(cause: string) {
    this.cause = cause
  }
}

/** What the reason of an aborted signal makes of a run: status and cause. */
export const whyEnded = (
  reason: unknown,
): { status: 'cancelled' | 'interrupted'; cause: string } =>
  reason instanceof Stopped
    ? { status: 'cancelled', cause: reason.cause }
    : { status: 'interrupted', cause: String(reason) }
