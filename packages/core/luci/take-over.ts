import type { Turn } from '../turns/turn.ts'
import type { Turns } from '../turns/turns.ts'
import type { Attachment } from './attachment.ts'
import { placeOf, type Step, takeOff } from './flight.ts'
import type { Hand } from './hand.ts'
import { standsInInput, type Unsent } from './hindrance.ts'
import type { Incarnation } from './incarnation.ts'
import type { Limits } from './limits.ts'

/*
 * A program that was there before us: what its last owner had in hand is taken over. The record
 * is read from the noted place on; what it cannot tell is `unknown`. Nothing is typed twice.
 */

/** The turn this program has in hand; null when there is none. Any other ends as `unknown`. */
export const turnInHand = async (
  { recordName }: Incarnation,
  turns: Turns,
  hand: Hand,
): Promise<Turn | null> => {
  const [first, ...others] = await turns.inFlight()
  for (const other of others)
    await hand.endRow(other, unknown('It was in hand beside another message'))
  if (!first || placeOf(first).record === recordName) return first ?? null
  await hand.endRow(first, unknown('Her program was changed before it ended'))
  return null
}

/** Where the story of a turn begins in the record: at its Enter, or else where typing began. */
export const beginningOf = (turn: Turn): number => placeOf(turn).enterAt ?? placeOf(turn).from ?? 0

export const resume = async (
  at: Attachment,
  turn: Turn,
  { hand, limits, deadline }: { hand: Hand; limits: Limits; deadline: Date | null },
): Promise<void> => {
  const { profile } = at.incarnation
  await at.catchUp(beginningOf(turn))
  const look = await at.look()
  const watched = at.isFullScreen()
  const flight = takeOff(turn, profile.compose(turn, null), limits, { deadline, watched })
  flight.resumed = true
  flight.interruptedBy = placeOf(turn).interruptedBy ?? null
  flight.interruptedAt = performance.now()
  hand.take(flight)
  at.reader.begin(turn.id, flight.typed)
  if (placeOf(turn).enterAt !== undefined) {
    at.reader.entered()
    for (const position of placeOf(turn).answeredAt ?? []) {
      await hand.learn(at.reader.feed(await at.tail.read(position), null))
      at.reader.answered()
    }
    flight.phase = turn.state === 'typed' ? 'entered' : 'received'
    return
  }
  // Pasted perhaps, entered certainly not: go on if the text is all there, else nobody knows.
  if (!standsInInput(look, flight.typed))
    await hand.move(flight, unknown('A restart came while it was being typed'))
}

/** The text that was typed last into this program, if it ended and nobody had acknowledged it. */
export const lastUnsent = async (
  { recordName, profile }: Incarnation,
  turns: Turns,
): Promise<Unsent | null> => {
  const [last] = (await turns.list())
    .filter((turn) => placeOf(turn).record === recordName)
    .sort((a, b) => (b.typedAt ?? '').localeCompare(a.typedAt ?? ''))
  if (!last || last.receivedAt !== null) return null
  return { turnId: last.id, typed: profile.compose(last, null) }
}

const unknown = (problem: string): Step => ({ to: 'unknown', progress: { problem } })
