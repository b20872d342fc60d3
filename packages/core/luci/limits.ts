/** How long to wait for what, and how much of it to keep. */
export type Limits = {
  /** How long the typed text may take to appear in the input. */
  echoWithinMs: number
  /** The pane must be silent this long before Enter. */
  quietMs: number
  /** How long after Enter the program may take to acknowledge. */
  receiveWithinMs: number
  /**
   * A drawn screen that is no record must hold still this long once its program has shown that it
   * is done, and so long when it never showed that it was busy.
   */
  stillMs: number
  unsureStillMs: number
  /** The first pause before Enter is repeated; it doubles. */
  enterAgainMs: number
  /** The interrupt key is obeyed within this, or it is not obeyed. */
  obeyWithinMs: number
  /** After this long without a sign, a turn in hand looks stuck. */
  stuckAfterMs: number
  /** Longer replies are cut, and say so. */
  replyCharsMax: number
  /** A record is begun anew beyond this, so that no program fills the disk. */
  recordBytesMax: number
}

export const limits: Limits = {
  echoWithinMs: 10_000,
  quietMs: 25,
  receiveWithinMs: 30_000,
  stillMs: 1_500,
  unsureStillMs: 10_000,
  enterAgainMs: 300,
  obeyWithinMs: 3_000,
  stuckAfterMs: 10 * 60_000,
  replyCharsMax: 4_000_000,
  recordBytesMax: 64 << 20,
}
