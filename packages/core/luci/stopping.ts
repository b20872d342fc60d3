import type { Turns } from '../turns/turns.ts'
import type { Asking } from './asking.ts'
import type { Attachment } from './attachment.ts'
import { type Flight, interrupted } from './flight.ts'
import type { Hand } from './hand.ts'
import type { Limits } from './limits.ts'

/** A program that has only just begun may not take the interrupt key yet. */
const INTERRUPT_AGAIN_MS = 700
const INTERRUPTS_MAX = 3

/** Stops the turn in hand: because a person asks, or a digest is past its deadline. */
export const createStopping = (deps: {
  turns: Turns
  hand: Hand
  asking: Asking
  limits: Pick<Limits, 'obeyWithinMs'>
  changed(): void
}) => ({
  async stop(to: Attachment | null, of: Flight, by: 'person' | 'deadline'): Promise<void> {
    const now = performance.now()
    of.deaf = of.interruptedBy !== null && now - of.interruptedAt >= deps.limits.obeyWithinMs
    if (!of.interruptedBy) of.interruptedAt = now
    of.interruptedBy = by
    // The row first: whoever takes over after a crash must not take what was cut short for an answer.
    await deps.turns.note(of.turn.id, { interruptedBy: by })
    await to?.incarnation.pane.press(to.interruptKeys())
    // Never entered, so nothing will tell of it.
    if (of.phase === 'typing') await deps.hand.move(of, interrupted(of, ''))
    deps.changed()
  },

  /** Presses the interrupt key once more while she provably works on. Returns when to look again (ms). */
  async insist(to: Attachment, of: Flight): Promise<number> {
    const shows = deps.asking.shows()
    // In a menu the key only refuses.
    const works = shows?.type === 'menu' || (shows?.type === 'input' && shows.busy)
    if (!of.interruptedBy || of.insisted >= INTERRUPTS_MAX || !works)
      return Number.POSITIVE_INFINITY
    const wait = of.interruptedAt + INTERRUPT_AGAIN_MS * (of.insisted + 1) - performance.now()
    if (wait > 0) return wait
    of.insisted += 1
    await to.incarnation.pane.press(to.interruptKeys())
    return INTERRUPT_AGAIN_MS
  },
})
