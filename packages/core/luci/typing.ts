import type { Turns } from '../turns/turns.ts'
import type { Attachment } from './attachment.ts'
import { type Flight, interrupted, isShown, placeOf, type Step } from './flight.ts'
import { standsInInput } from './hindrance.ts'
import type { Limits } from './limits.ts'
import type { Screen } from './profiles/screen.ts'
import type { Look } from './tmux.ts'

/*
 * From the first byte to the acknowledgement: the text is pasted, once; it must appear, and the
 * pane fall silent; then Enter. Enter alone may be repeated, and only while our text still stands
 * in the input: some programs swallow the first, none may get the text twice.
 */

/** What to do about a text on its way: press Enter, leave copy mode, give up, or wait (ms). */
export type Act = 'enter' | 'leave-mode' | 'asked' | 'give-up' | number

type Seen = Pick<Look, 'dead' | 'inMode' | 'screen'> & { shows?: Screen | null }

const ENTER = '0d'
const ECHO_LOOK_MS = 100
/** A pane that has been silent for so long has its every byte in the record. */
const RECORD_LAG_MS = 500
/** The session learns of a death within half a second and ends the flight. */
const DEAD_LOOK_MS = 1_000
/** After Enter, a question is her answer to our text if she acknowledges the text within this. */
const ASKED_WITHIN_MS = 2_000

/** Pasted, not entered. The caller has waited for silence. */
export const actAfterPaste = (of: Flight, look: Seen, now: number, limits: Limits): Act => {
  if (look.dead) return DEAD_LOOK_MS
  if (look.inMode) return 'leave-mode'
  if (look.shows?.type === 'menu') return 'asked'
  // A full-screen program: the input must hold our text and nothing else, and she must be idle.
  const mayEnter = look.shows
    ? standsInInput(look, of.typed) && !isBusy(look.shows)
    : standsInInput(look, of.typed) || isShown(of)
  if (mayEnter) return 'enter'
  const leftMs = of.lastSignAt + limits.echoWithinMs - now
  return leftMs > 0 ? Math.min(leftMs, ECHO_LOOK_MS) : 'give-up'
}

/** Entered, not acknowledged, and the pause before the next look is over. */
export const actAfterEnter = (of: Flight, look: Seen, now: number, limits: Limits): Act => {
  if (look.dead) return DEAD_LOOK_MS
  if (now - of.enteredAt > limits.receiveWithinMs) return 'give-up'
  if (look.inMode) return 'leave-mode'
  if (look.shows?.type === 'menu')
    return now - of.enteredAt > ASKED_WITHIN_MS ? 'asked' : ECHO_LOOK_MS
  if (look.shows && isBusy(look.shows)) return of.enterAgainMs
  return standsInInput(look, of.typed) ? 'enter' : of.enterAgainMs
}

const isBusy = (shows: Screen) => shows.type === 'input' && shows.busy

/** Brings one turn into the program. Each step returns when to look again (ms), or how it ended. */
export const createTyping = ({ turns, limits }: { turns: Turns; limits: Limits }) => {
  /** Presses Enter once the text stands in the input and the pane is silent. */
  const enterWhenShown = async (at: Attachment, of: Flight): Promise<number | Step> => {
    const { pane, profile } = at.incarnation
    const silentIn = of.lastOutputAt + limits.quietMs - performance.now()
    if (silentIn > 0) return silentIn
    const act = actAfterPaste(of, await at.look(), performance.now(), limits)
    if (typeof act === 'number') return act
    if (act === 'give-up') return unseen
    if (act === 'asked') return askedBefore
    if (act === 'leave-mode') {
      await pane.leaveMode()
      return 0
    }
    // The record may lag behind the screen; what is echo should lie before the noted place. Not
    // for long: what the pane wrote before the paste may be told late, and be counted here. And
    // echo behind the place does no harm: it has no line end, so a reader drops it to Enter's own.
    if (profile.record === 'pane') {
      await at.readEcho()
      const settled = of.lastOutputAt + RECORD_LAG_MS <= performance.now()
      const shownUpTo = (placeOf(of.turn).from ?? 0) + of.shownBytes
      if (!settled && shownUpTo > at.tail.position()) return ECHO_LOOK_MS
    }
    await turns.note(of.turn.id, { enterAt: at.tail.position() })
    // Writing takes time, in which somebody may have typed, or a question may have opened.
    const still = actAfterPaste(of, await at.look(), performance.now(), limits)
    if (still !== 'enter') return 0
    at.reader.entered()
    of.phase = 'entered'
    of.enteredAt = performance.now()
    of.enterAgainAt = of.enteredAt + of.enterAgainMs
    await pane.press(ENTER)
    return of.enterAgainMs
  }

  /** Repeats Enter while the text provably stands in the input; gives up in time. */
  const enterAgain = async (at: Attachment, of: Flight): Promise<number | Step> => {
    const { pane } = at.incarnation
    const wait = of.enterAgainAt - performance.now()
    if (wait > 0) return wait
    const look = await at.look()
    const act = actAfterEnter(of, look, performance.now(), limits)
    if (act === 'give-up') return of.resumed ? unsure : unacknowledged
    if (act === 'asked') return askedMeanwhile
    if (act === ECHO_LOOK_MS) return act
    if (look.dead) return DEAD_LOOK_MS
    if (act === 'leave-mode') await pane.leaveMode()
    // Stopped before she took it: it must not reach her now.
    if (act === 'enter' && of.interruptedBy) return interrupted(of, '')
    if (act === 'enter') await pane.press(ENTER)
    of.enterAgainMs *= 2
    of.enterAgainAt = performance.now() + of.enterAgainMs
    return of.enterAgainMs
  }

  return {
    /** The caller has just looked: into a dead pane nothing may be pasted. */
    async paste(at: Attachment, of: Flight): Promise<void> {
      at.reader.begin(of.turn.id, of.typed)
      await at.incarnation.pane.paste(of.typed, `mc-${of.turn.id}`)
    },
    /** What the text needs now: Enter, Enter again, or time. */
    go: (at: Attachment, of: Flight): Promise<number | Step> =>
      of.phase === 'typing' ? enterWhenShown(at, of) : enterAgain(at, of),
  }
}
export type Typing = ReturnType<typeof createTyping>

const unseen: Step = {
  to: 'unknown',
  progress: { problem: 'Her program did not show the message, so Enter was not pressed' },
}
const askedBefore: Step = {
  to: 'unknown',
  progress: { problem: 'She asked something while it was being typed, so Enter was not pressed' },
}
export const askedMeanwhile: Step = {
  to: 'unknown',
  progress: {
    problem:
      'A question of hers opened just as Enter was pressed, and may have been answered by it; look into her pane',
  },
}
const unacknowledged: Step = {
  to: 'lost',
  progress: { problem: 'It was typed, but her program never acknowledged it' },
}
const unsure: Step = {
  to: 'unknown',
  progress: { problem: 'It was typed before a restart, and nothing shows whether she got it' },
}
