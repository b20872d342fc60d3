import { addUsage, noUsage, type Usage } from '../costs/usage.ts'
import type { Log } from '../log.ts'
import { inFlightTurnStates, isOpenTurn, type Turn, type TurnState } from '../turns/turn.ts'
import type { Turns } from '../turns/turns.ts'
import { type Flight, kept, type Step, stepAtEnd, stepFor } from './flight.ts'
import type { Unsent } from './hindrance.ts'
import type { Limits } from './limits.ts'
import type { RecordEvent } from './profiles/profile.ts'
import type { Ending } from './session.ts'
import type { LuciEvent } from './status.ts'

/** The turn in hand: every step it makes goes into its row first, then to whoever listens. */
export const createHand = (deps: {
  turns: Turns
  log: Log
  limits: Pick<Limits, 'replyCharsMax' | 'echoWithinMs'>
  /** With what it costs, where a price is known. */
  price(usage: Usage): Usage
  emit(event: LuciEvent): void
  changed(): void
  /** The turn in hand has ended. */
  ended(): void
}) => {
  const { turns, emit, price } = deps
  let flight: Flight | null = null
  let unsent: Unsent | null = null

  const release = (of: Flight) => {
    // What was never acknowledged may still stand in the input.
    const returned = of.watched && of.interruptedBy !== null
    if (of.phase !== 'received' || returned)
      unsent = {
        ...{ turnId: of.turn.id, typed: of.typed, returned },
        ...(returned && of.phase === 'typing'
          ? { awaitedUntil: of.enteredAt + deps.limits.echoWithinMs }
          : {}),
      }
    flight = null
    deps.ended()
  }

  const move = async (of: Flight, { to, progress }: Step): Promise<void> => {
    const moved = await turns.move(of.turn.id, inFlightTurnStates, to, withUsage(of, to, progress))
    if (moved) of.turn = moved
    if (!moved || !isOpenTurn(to)) release(of)
    if (moved) {
      if (!isOpenTurn(to)) deps.log.info({ turnId: moved.id, state: to }, 'Turn ended')
      emit({ type: 'turn', turn: isOpenTurn(to) ? { ...moved, reply: of.reply } : moved })
    }
    deps.changed()
  }

  const hear = (of: Flight, said: string) => {
    const text = kept(of, said, deps.limits.replyCharsMax)
    of.cut ||= text.length < said.length
    if (text === '') return
    emit({ type: 'text', turnId: of.turn.id, from: of.reply.length, text })
    of.reply += text
  }

  /** Told after the end, it corrects what was counted then. */
  const use = async (turnId: string, calls: readonly Usage[]) => {
    const usage = calls.map(price).reduce(addUsage, noUsage)
    if (flight?.turn.id === turnId) {
      flight.usage = usage
      return
    }
    await turns.correctUsage(turnId, usage)
  }

  /** A turn that is in hand by its row alone. */
  const endRow = async (turn: Turn, { to, progress }: Step) => {
    const ended = await turns.move(turn.id, inFlightTurnStates, to, progress)
    if (ended) emit({ type: 'turn', turn: ended })
  }

  return {
    now: () => flight,
    /** The last of our texts that nobody acknowledged; whether it stands in the input, a look tells. */
    unsent: () => unsent,
    setUnsent: (text: Unsent | null) => {
      unsent = text
    },

    take: (taken: Flight) => {
      flight = taken
      unsent = null
    },
    move,
    endRow,

    /** Facts of the record, in order; what is not about the turn in hand is nobody's. */
    learn: async (events: readonly RecordEvent[]): Promise<void> => {
      for (const event of events) {
        if (event.type === 'usage') await use(event.turn, event.calls)
        const of = flight
        if (!of || event.turn !== of.turn.id) continue
        of.lastSignAt = performance.now()
        if (event.type === 'received') of.phase = 'received'
        // Written first: should that fail, the same event is told again.
        const step = stepFor(of, event)
        if (step) await move(of, step)
        if (event.type === 'text') hear(of, event.text)
      }
    },

    /** The program is gone, or we are: what is in hand ends, or waits for who attaches next. */
    letGo: async (why: Ending): Promise<void> => {
      const of = flight
      if (of?.reply) await turns.saveReply(of.turn.id, of.reply)
      // After a restart of ours there may be turns that no flight knows.
      for (const turn of await turns.inFlight()) {
        const step = stepAtEnd(turn, why)
        if (!step) continue
        const known =
          of?.turn.id === turn.id ? withUsage(of, step.to, step.progress) : step.progress
        await endRow(turn, { to: step.to, ...(known ? { progress: known } : {}) })
      }
      flight = null
      unsent = null
    },
  }
}

/** What it used is written with its end. */
const withUsage = (of: Flight, to: TurnState, progress: Step['progress']): Step['progress'] =>
  of.usage && !isOpenTurn(to) ? { ...progress, usage: of.usage } : progress

export type Hand = ReturnType<typeof createHand>
