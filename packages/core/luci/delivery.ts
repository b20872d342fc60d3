import type { Turn } from '../turns/turn.ts'
import type { Turns } from '../turns/turns.ts'
import type { Attachment } from './attachment.ts'
import { refusalOf, takeOff } from './flight.ts'
import type { Hand } from './hand.ts'
import { hindrance, isWholeInput } from './hindrance.ts'
import type { Limits } from './limits.ts'
import type { LuciEvent, Trouble } from './status.ts'
import type { Typing } from './typing.ts'

/** A draft is looked at again at every output of the pane; this is for the rest. */
const HOLD_LOOK_MS = 5_000
/** How soon an input that was cleared is looked at again. */
const CLEARED_LOOK_MS = 100

/** Out of the queue into her input: the row first, then the bytes, and neither while something is in the way. */
export const createDelivery = (deps: {
  turns: Turns
  hand: Hand
  typing: Typing
  limits: Limits
  deadlineOf(turn: Turn): Promise<Date | null>
  emit(event: LuciEvent): void
  changed(): void
}) => {
  const { turns, hand, typing, emit } = deps
  let held: Trouble | null = null

  const hold = (why: Trouble | null) => {
    if (held?.problem === why?.problem) return
    held = why
    deps.changed()
  }

  return {
    /** Why the queue waits; null while it does not. */
    held: () => held,
    nothingToDeliver: () => hold(null),

    /** The program is ready. Returns when to look again (ms). */
    async deliver(at: Attachment, next: Turn): Promise<number> {
      const { incarnation, reader, tail } = at
      const { pane, profile, recordName } = incarnation
      const { prompt, bracketed } = reader.now()
      const program = { prompt, shell: profile.shell }
      const unsent = hand.unsent()
      const why = hindrance(await at.look(), program, unsent)
      if (why?.why === 'mode') {
        await pane.leaveMode()
        return 0
      }
      if (why?.why === 'unsent' && unsent?.returned) {
        // We interrupted it and it came back: ours to clear, once.
        hand.setUnsent({ turnId: unsent.turnId, typed: unsent.typed })
        await pane.press(at.clearKeys())
        return CLEARED_LOOK_MS
      }
      hold(why)
      if (why) return HOLD_LOOK_MS
      // Two texts would stand there as one.
      if ((unsent?.awaitedUntil ?? 0) > performance.now()) return CLEARED_LOOK_MS
      const refusal = refusalOf(() => profile.compose(next, bracketed))
      if (refusal) {
        const failed = await turns.move(next.id, ['queued'], 'failed', { problem: refusal })
        if (failed) emit({ type: 'turn', turn: failed })
        return 0
      }
      const deadline = await deps.deadlineOf(next)
      // The row before any byte; what it returns is what was typed, edited or not.
      const turn = await turns.move(next.id, ['queued'], 'typed', {
        profile: profile.name,
        evidence: { record: recordName, from: tail.position(), files: at.places() },
      })
      if (!turn) return 0
      const editedRefusal = refusalOf(() => profile.compose(turn, bracketed))
      if (editedRefusal) {
        await hand.endRow(turn, { to: 'failed', progress: { problem: editedRefusal } })
        return 0
      }
      const watched = at.isFullScreen()
      const typed = profile.compose(turn, bracketed)
      // Writing takes time, in which somebody may have typed, or the program may have died.
      const still = hindrance(await at.look(), program, unsent)
      if (still) {
        await turns.move(turn.id, ['typed'], 'queued')
        hold(still.why === 'mode' ? null : still)
        return CLEARED_LOOK_MS
      }
      const flight = takeOff(turn, typed, deps.limits, { deadline, watched })
      hand.take(flight)
      emit({ type: 'turn', turn })
      deps.changed()
      await typing.paste(at, flight)
      return 0
    },

    /**
     * Takes our own text, unsent, out of the input again; any other text is not ours to clear.
     * Returns its turn; null when there is none, or not provably the whole of the input.
     */
    async clearUnsent(at: Attachment, turnId?: string): Promise<Turn | null> {
      const unsent = hand.unsent()
      if (!unsent || (turnId && turnId !== unsent.turnId)) return null
      const { pane } = at.incarnation
      const look = await at.look()
      if (look.dead || !isWholeInput(look, at.reader.now().prompt, unsent.typed)) return null
      if (look.inMode) await pane.leaveMode()
      await pane.press(at.clearKeys())
      return turns.get(unsent.turnId)
    },
  }
}
