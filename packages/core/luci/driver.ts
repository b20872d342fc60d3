import type { Clock } from '../clock.ts'
import type { ProfileName } from '../config.ts'
import type { Usage } from '../costs/usage.ts'
import type { Log } from '../log.ts'
import type { Prompt, Turn } from '../turns/turn.ts'
import type { Turns } from '../turns/turns.ts'
import { createAsking } from './asking.ts'
import { type Attachment, attachTo, recordSize } from './attachment.ts'
import { createDelivery } from './delivery.ts'
import { deserted, type Flight, placeOf, troubleOf } from './flight.ts'
import { createHand } from './hand.ts'
import type { Incarnation } from './incarnation.ts'
import type { Limits } from './limits.ts'
import { oneAtATime } from './one-at-a-time.ts'
import type { RecordEvent } from './profiles/profile.ts'
import type { Ending } from './session.ts'
import type { LuciEvent, Trouble } from './status.ts'
import { createStopping } from './stopping.ts'
import { beginningOf, lastUnsent, resume, turnInHand } from './take-over.ts'
import { askedMeanwhile, createTyping } from './typing.ts'
import { createWake } from './wake.ts'

/** The bell may miss a ring: a queue that seems empty is looked at again. */
const QUEUE_LOOK_MS = 5_000
/** An input that stands open so long, without a word from its program, will not have one. */
const SILENT_AFTER_MS = 30_000
const SILENT_LOOK_MS = 5_000

/*
 * Drives the queue, one turn at a time:
 *
 *   1. The program is ready by its own word, and the screen shows an empty input.
 *   2. The row becomes `typed`, with the place in the record where its story will begin (delivery.ts).
 *   3. The text is pasted, once. It must appear, and the pane fall silent, before …
 *   4. … the place is noted again and Enter is pressed (typing.ts).
 *   5. The record says the rest: received, text, answered (hand.ts).
 *
 * A crash between 2 and 4 leaves text that may stand in the input: it is entered if it provably
 * does, else the turn is `unknown`. After 4 the record tells, from the noted place on (take-over.ts).
 */
export const createDriver = (deps: {
  turns: Turns
  clock: Clock
  log: Log
  limits: Limits
  /** When a digest turn must be over; null for any other. */
  deadlineOf(turn: Turn): Promise<Date | null>
  price(usage: Usage): Usage
  emit(event: LuciEvent): void
  changed(): void
  /** Her program goes on with this conversation now, by its own name for it. */
  conversation(profile: ProfileName, id: string): Promise<void>
}) => {
  const { turns, log, limits } = deps
  const wake = createWake()
  const typing = createTyping({ turns, limits })
  const hand = createHand({ ...deps, ended: () => at?.reader.ended() })
  const delivery = createDelivery({ ...deps, hand, typing })
  const asking = createAsking({ hand, changed: deps.changed })
  const { stop, insist } = createStopping({ ...deps, hand, asking })
  let at: Attachment | null = null
  /** This program has been ready once: if it is not now, it is busy with something else. */
  let begun = false
  let closing = false
  /** Whoever changes the plane waits until the loop is between two steps. */
  const exclusively = oneAtATime()
  let loop: Promise<void> = Promise.resolve()

  const run = async () => {
    while (!closing) {
      let pauseMs = Number.POSITIVE_INFINITY
      try {
        pauseMs = await exclusively(advance)
      } catch (error) {
        // The database or tmux failed for a moment; what is not done yet is done at the next look.
        log.error({ err: error }, 'Luci driver step failed')
        pauseMs = 1_000
      }
      if (pauseMs > 0) await wake.wait(pauseMs)
    }
  }

  /** One step. Returns how long to wait for a ring before the next; 0 to go on at once. */
  const advance = async (): Promise<number> => {
    if (!at) return Number.POSITIVE_INFINITY
    const follow = await at.follow(learn)
    await renewRecord(at)
    const quietMs = Math.min(follow, await asking.watch(at))
    const flight = hand.now()
    if (flight) {
      flight.watched = at.isFullScreen()
      return Math.min(quietMs, await tend(at, flight))
    }
    const { ready } = at.reader.now()
    begun ||= ready
    deps.changed()
    if (!ready && !begun) return Math.min(quietMs, SILENT_LOOK_MS)
    if (!ready || asking.loose()) return quietMs
    const next = await turns.next()
    if (next) return Math.min(quietMs, await delivery.deliver(at, next))
    delivery.nothingToDeliver()
    return Math.min(quietMs, QUEUE_LOOK_MS)
  }

  const learn = async (events: readonly RecordEvent[]) => {
    for (const event of events) {
      asking.heard(event)
      const of = hand.now()
      // Not about our text, which was not acknowledged yet: our Enter may have answered it.
      if (event.type === 'asks' && of?.phase === 'entered' && !of.resumed)
        await hand.move(of, askedMeanwhile)
      if (event.type === 'conversation' && at)
        await deps.conversation(at.incarnation.profile.name, event.id)
    }
    await hand.learn(events)
  }

  /**
   * A record grown too long is begun anew, when its program waits for input, so that no line of
   * it is written just then and lost, or when the rest is dropped anyway.
   */
  const renewRecord = async ({ tail, reader }: Attachment) => {
    const flight = hand.now()
    if (tail.position() < limits.recordBytesMax) return
    if (flight ? !flight.cut : !reader.now().ready) return
    const renewed = await tail.restart(reader.seed())
    if (flight && renewed) await turns.note(flight.turn.id, { from: 0, enterAt: 0, answeredAt: [] })
  }

  /** What a turn in hand needs now. Returns when to look again. */
  const tend = async (to: Attachment, of: Flight): Promise<number> => {
    const { deadline } = of
    if (deadline && !of.interruptedBy && deps.clock.now() > deadline) await stop(to, of, 'deadline')
    if (hand.now() !== of) return 0
    if (of.phase !== 'received') {
      const next = await typing.go(to, of)
      if (typeof next === 'number') return next
      await hand.move(of, next)
      return 0
    }
    if (to.reader.now().ready) {
      await hand.move(of, deserted(of))
      return 0
    }
    const stuckIn = of.lastSignAt + limits.stuckAfterMs - performance.now()
    if (stuckIn <= 0) deps.changed()
    return Math.min(
      await insist(to, of),
      stuckIn > 0 ? stuckIn : Number.POSITIVE_INFINITY,
      deadline && !of.interruptedBy
        ? Math.max(deadline.getTime() - deps.clock.now().getTime() + 1, 1)
        : Number.POSITIVE_INFINITY,
    )
  }

  /** Its input stands open, and it never said that it is there. */
  const silence = (): Trouble | null =>
    at && !begun && asking.openFor(performance.now()) > SILENT_AFTER_MS
      ? {
          problem: 'Her program shows its input but tells nothing of itself; its hooks may be off',
          hint: 'Look into her pane and at its settings, or start her anew: npx -y pnpm@12 mc luci switch <profile> --anew',
        }
      : null

  const asked = (flight: Flight | null): Prompt | null =>
    flight?.turn.state === 'blocked' ? flight.turn.prompt : asking.loose()

  const chooseIn = async (
    to: Attachment,
    of: Flight,
    turnId: string,
    promptId: string,
    choice: string,
  ): Promise<Turn | null> => {
    const asks = of.turn.state === 'blocked' ? of.turn.prompt?.id : null
    if (of.turn.id !== turnId || asks !== promptId) return null
    const chosen = await asking.choose(to, promptId, choice, async () => {
      const evidence = { answered: { prompt: promptId, choice } }
      // The row first: keys pressed twice may answer what nobody has read.
      await hand.move(of, { to: 'answering', progress: { evidence } })
    })
    of.lastSignAt = performance.now()
    wake.ring()
    return chosen ? of.turn : null
  }

  const attach = async (incarnation: Incarnation, fresh: boolean) => {
    begun = false
    const turn = fresh ? null : await turnInHand(incarnation, turns, hand)
    const from = turn ? beginningOf(turn) : fresh ? 0 : recordSize(incarnation)
    const places = turn ? (placeOf(turn).files ?? {}) : null
    asking.forget()
    const since = turn?.typedAt ? Date.parse(turn.typedAt) : Date.now()
    at = attachTo(incarnation, from, places, since, wake.ring)
    if (turn) await resume(at, turn, { hand, limits, deadline: await deps.deadlineOf(turn) })
    else if (!fresh) {
      // What it asked and answered before us is no news.
      if (incarnation.profile.record === 'file') await at.catchUp(from)
      hand.setUnsent(await lastUnsent(incarnation, turns))
    }
  }

  /** The program is gone, or we go: all that its record holds is read first. */
  const detach = async (why: Ending) => {
    if (at) {
      await at.follow(learn)
      if (why !== 'detached' && why !== 'closed') await learn(at.reader.quiet())
      await at.close()
    }
    at = null
    asking.forget()
    delivery.nothingToDeliver()
    await hand.letGo(why)
  }

  return {
    ring: () => wake.ring(),

    /** A digest's rows may say by now that it must be over sooner: autonomous action was paused. */
    async lookAtDeadline(): Promise<void> {
      const flight = hand.now()
      if (!flight?.deadline || flight.interruptedBy) return
      const deadline = await deps.deadlineOf(flight.turn)
      if (deadline?.getTime() === flight.deadline.getTime()) return
      flight.deadline = deadline
      wake.ring()
    },
    attach: (incarnation: Incarnation, fresh: boolean) =>
      exclusively(() => attach(incarnation, fresh)).then(wake.ring),
    detach: (why: Ending) => exclusively(() => detach(why)),

    output: (text: string, byteCount: number) => {
      asking.output()
      const flight = hand.now()
      if (flight?.phase === 'typing') {
        flight.shown += text
        flight.shownBytes += byteCount
        flight.lastOutputAt = performance.now()
      }
      wake.ring()
    },

    /**
     * Stops the turn in hand, or takes an unsent text of ours out of her input. Returns that turn;
     * null when there is neither, or it is another.
     */
    interrupt: (turnId?: string): Promise<Turn | null> =>
      exclusively(async () => {
        const flight = hand.now()
        if (!flight) return at && delivery.clearUnsent(at, turnId)
        if (turnId && flight.turn.id !== turnId) return null
        const { turn } = flight
        await stop(at, flight, 'person')
        wake.ring()
        return turn
      }),

    /**
     * Puts a waiting message before all others, and stops what she has in hand instead of it, as
     * `interrupt` does. Both between two steps of the loop, so that nothing else is begun between
     * them, and the message is typed when she is free again. Returns the turn that is stopped;
     * null when she has none.
     */
    sendNow: (turnId: string): Promise<Turn | null> =>
      exclusively(async () => {
        await turns.putFirst(turnId)
        const flight = hand.now()
        // Being stopped already: the key pressed twice may mean something else to her program.
        if (flight && !flight.interruptedBy) await stop(at, flight, 'person')
        wake.ring()
        return flight?.turn ?? null
      }),

    /**
     * Presses the keys of a person's choice, once. Returns the turn as it is then; null when she
     * asks nothing any more, or something else.
     */
    answer: (turnId: string, promptId: string, choice: string): Promise<Turn | null> =>
      exclusively(async () => {
        // What she said meanwhile may have settled it.
        if (at) await at.follow(learn)
        const of = hand.now()
        if (at?.isFullScreen() && of) return await chooseIn(at, of, turnId, promptId, choice)
        const keys = at?.incarnation.profile.answers[choice]
        const asks = of?.turn.state === 'blocked' ? of.turn.prompt?.id : null
        if (!at || !of || !keys || of.turn.id !== turnId || asks !== promptId) return null
        const { pane } = at.incarnation
        const look = await pane.look()
        if (look.dead) return null
        if (look.inMode) await pane.leaveMode()
        const answeredAt = [...(placeOf(of.turn).answeredAt ?? []), at.tail.position()]
        // The row first: keys pressed twice may answer what nobody has read.
        await hand.move(of, { to: 'answering', progress: { evidence: { answeredAt } } })
        at.reader.answered()
        of.lastSignAt = performance.now()
        await pane.press(keys)
        return of.turn
      }),

    /** Answers what she asks without a turn, e.g. at her first start. False: something else by now. */
    answerLoose: (promptId: string, choice: string): Promise<boolean> =>
      exclusively(async () => {
        if (!at || hand.now()) return false
        const chosen = await asking.choose(at, promptId, choice, async () => {})
        wake.ring()
        return chosen
      }),

    /** What has been said so far of the turn in hand; null when it is another. */
    replyOf: (turnId: string): string | null => {
      const flight = hand.now()
      return flight?.turn.id === turnId ? flight.reply : null
    },

    now: () => {
      const flight = hand.now()
      const { ready = false, bracketed = null } = at?.reader.now() ?? {}
      const stuck = flight && troubleOf(flight, performance.now(), limits)
      const held = delivery.held() ?? silence()
      return {
        ...{ ready, begun, bracketed, turn: flight?.turn ?? null },
        asks: asked(flight),
        ...{ stuck: stuck !== null, held: held !== null, trouble: stuck ?? held },
      }
    },

    start: () => {
      loop = run()
    },
    close: async () => {
      closing = true
      wake.ring()
      await loop
    },
  }
}
export type Driver = ReturnType<typeof createDriver>
