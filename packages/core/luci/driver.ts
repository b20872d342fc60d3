import { statSync } from 'node:fs'
import type { Clock } from '../clock.ts'
import { AppError } from '../errors.ts'
import type { Log } from '../log.ts'
import { inFlightTurnStates, isOpenTurn, type Turn, type TurnState } from '../turns/turn.ts'
import type { TurnProgress, Turns } from '../turns/turns.ts'
import type { Reader, RecordEvent } from './profiles/profile.ts'
import type { Ending, Incarnation } from './session.ts'
import type { LuciEvent } from './status.ts'
import { type Tail, tailFile } from './tail.ts'
import type { Look } from './tmux.ts'
import { visible } from './tmux-words.ts'
import { createWake } from './wake.ts'

/*
 * Drives the queue, one turn at a time:
 *
 *   1. The program is ready by its own word, and the screen shows an empty input.
 *   2. The row becomes `typed`, with the place in the record where its story will begin.
 *   3. The text is pasted, once. It must appear, and the pane fall silent, before …
 *   4. … the place is noted again and Enter is pressed. Enter alone may be repeated, and only
 *      while our text still stands in the input.
 *   5. The record says the rest: received, text, answered.
 *
 * A crash between 2 and 4 leaves text that may stand in the input: it is entered if it provably
 * does, else the turn is `unknown`. After 4 the record tells, from the noted place on.
 */

export type Limits = {
  /** How long the typed text may take to appear in the input. */
  echoWithinMs: number
  /** The pane must be silent this long before Enter. */
  quietMs: number
  /** How long after Enter the program may take to acknowledge. */
  receiveWithinMs: number
  /** The first pause before Enter is repeated; it doubles. */
  enterAgainMs: number
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
  enterAgainMs: 300,
  stuckAfterMs: 10 * 60_000,
  replyCharsMax: 4_000_000,
  recordBytesMax: 64 << 20,
}

type Phase = 'typing' | 'entered' | 'received'

type Flight = {
  turn: Turn
  phase: Phase
  typed: string
  reply: string
  /** Bytes the pane wrote since the paste began, and their text. */
  shownBytes: number
  shown: string
  lastOutputAt: number
  lastSignAt: number
  enteredAt: number
  enterAgainAt: number
  enterAgainMs: number
  /** Who asked for it to be stopped. */
  interruptedBy: 'person' | 'deadline' | null
  /** It was taken over after a restart of ours: what is not known then is not lost, but unknown. */
  resumed: boolean
  /** It said more than we keep. */
  cut: boolean
}

/** What turns keep about their place in the record. */
type Place = { record?: string; from?: number; enterAt?: number }

export const createDriver = (deps: {
  turns: Turns
  clock: Clock
  log: Log
  limits: Limits
  /** When a digest turn must be over; null for any other. */
  deadlineOf(turn: Turn): Promise<Date | null>
  emit(event: LuciEvent): void
  changed(): void
}) => {
  const { turns, log, emit } = deps
  const wake = createWake()
  let at: { incarnation: Incarnation; reader: Reader; tail: Tail } | null = null
  let flight: Flight | null = null
  let deadline: Date | null = null
  let held: string | null = null
  /** This program has been ready once: if it is not now, it is busy with something else. */
  let begun = false
  let bytesAt = 0
  let closing = false
  /** Whoever changes the plane waits until the loop is between two steps. */
  let step: Promise<void> = Promise.resolve()
  let loop: Promise<void> = Promise.resolve()

  const now = () => performance.now()

  const exclusively = async <T>(work: () => Promise<T>): Promise<T> => {
    const before = step
    const done = Promise.withResolvers<void>()
    step = done.promise
    await before
    try {
      return await work()
    } finally {
      done.resolve()
    }
  }

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
    const quietMs = await follow()
    await renewRecord()
    if (flight) return Math.min(quietMs, await tend(flight))
    const { ready } = at.reader.now()
    begun ||= ready
    deps.changed()
    if (!ready) return quietMs
    const next = await turns.next()
    if (!next) {
      setHeld(null)
      return quietMs
    }
    return Math.min(quietMs, await deliver(next))
  }

  /** Reads what the record brought and acts on it. Returns how long until silence says more. */
  const follow = async (): Promise<number> => {
    if (!at) return Number.POSITIVE_INFINITY
    const { reader, tail } = at
    const bytes = await tail.read()
    if (bytes.length > 0) {
      bytesAt = now()
      await apply(reader.feed(bytes))
    }
    const quietMs = reader.quietMs()
    if (quietMs === null) return Number.POSITIVE_INFINITY
    const left = quietMs - (now() - bytesAt)
    if (left > 0) return left
    await apply(reader.quiet())
    return 0
  }

  /** A record grown too long is begun anew, when all of it is read or the rest is dropped anyway. */
  const renewRecord = async () => {
    if (!at || at.tail.position() < deps.limits.recordBytesMax || (flight && !flight.cut)) return
    await at.tail.restart(at.reader.seed())
    if (flight) await turns.note(flight.turn.id, { from: 0, enterAt: 0 })
  }

  const apply = async (events: RecordEvent[]) => {
    for (const event of events)
      if (flight && event.turn === flight.turn.id) await learn(flight, event)
  }

  /** One fact of the record, into the row and out to the listeners. */
  const learn = async (of: Flight, event: RecordEvent) => {
    of.lastSignAt = now()
    if (event.type === 'received') {
      of.phase = 'received'
      // Read again after a restart, it is no news.
      if (of.turn.state === 'typed')
        await move(of, 'received', { evidence: { received: event.evidence } })
    } else if (event.type === 'text') {
      hear(of, event.text)
      if (of.turn.state !== 'answering') await move(of, 'answering')
    } else if (event.type === 'blocked') {
      await move(of, 'blocked', { prompt: event.prompt })
    } else {
      const reply = event.reply ?? of.reply
      if (event.type === 'answered' && !of.interruptedBy)
        await move(of, 'answered', {
          reply,
          evidence: { answered: event.evidence },
          ...(of.cut ? { problem: `Cut after ${of.reply.length} characters` } : {}),
        })
      else await endInterrupted(of, reply)
    }
  }

  const endInterrupted = (of: Flight, reply: string) =>
    move(of, 'interrupted', {
      reply,
      ...(of.interruptedBy === 'deadline'
        ? { problem: 'It was not done by its deadline, and stopped' }
        : {}),
    })

  const hear = (of: Flight, said: string) => {
    const text = said.slice(0, deps.limits.replyCharsMax - of.reply.length)
    of.cut ||= text.length < said.length
    if (text === '') return
    emit({ type: 'text', turnId: of.turn.id, from: of.reply.length, text })
    of.reply += text
  }

  const move = async (of: Flight, to: TurnState, progress: TurnProgress = {}) => {
    const moved = await turns.move(of.turn.id, inFlightTurnStates, to, progress)
    if (moved) of.turn = moved
    if (!moved || !isOpenTurn(to)) {
      flight = null
      at?.reader.ended()
    }
    if (moved) {
      if (!isOpenTurn(to)) log.info({ turnId: moved.id, state: to }, 'Turn ended')
      emit({ type: 'turn', turn: withReply(moved, of) })
    }
    deps.changed()
  }

  const setHeld = (why: string | null) => {
    if (held === why) return
    held = why
    deps.changed()
  }

  const deliver = async (next: Turn): Promise<number> => {
    if (!at) return 0
    const { incarnation, reader, tail } = at
    const { pane, profile, recordName } = incarnation
    const look = await pane.look()
    const why = hindrance(look, reader.now().prompt, profile.shell)
    if (why === 'mode') {
      await pane.leaveMode()
      return 0
    }
    setHeld(why)
    if (why) return HOLD_LOOK_MS
    const refusal = refusalOf(() => profile.compose(next, reader.now().bracketed))
    if (refusal) {
      const failed = await turns.move(next.id, ['queued'], 'failed', { problem: refusal })
      if (failed) emit({ type: 'turn', turn: failed })
      return 0
    }
    // The row before any byte; what it returns is what was typed, edited or not.
    const place: Place = { record: recordName, from: tail.position() }
    const turn = await turns.move(next.id, ['queued'], 'typed', {
      profile: profile.name,
      evidence: place,
    })
    if (!turn) return 0
    deadline = await deps.deadlineOf(turn)
    flight = takeOff(turn, profile.compose(turn, reader.now().bracketed), deps.limits)
    emit({ type: 'turn', turn })
    deps.changed()
    reader.begin(turn.id)
    await pane.paste(flight.typed, `mc-${turn.id}`)
    return 0
  }

  /** What a turn in hand needs now. Returns when to look again. */
  const tend = async (of: Flight): Promise<number> => {
    if (deadline && !of.interruptedBy && deps.clock.now() > deadline) await stop(of, 'deadline')
    if (of.phase === 'typing') return enterWhenShown(of)
    if (of.phase === 'entered') return enterAgain(of)
    if (at?.reader.now().ready) {
      // She waits for the next message, so this one has ended without an answer.
      if (of.interruptedBy) await endInterrupted(of, of.reply)
      else await move(of, 'lost', { reply: of.reply, problem: 'She stopped without an answer' })
      return 0
    }
    const stuckIn = of.lastSignAt + deps.limits.stuckAfterMs - now()
    if (stuckIn <= 0) deps.changed()
    return Math.min(stuckIn > 0 ? stuckIn : Number.POSITIVE_INFINITY, untilDeadline())
  }

  const untilDeadline = () =>
    deadline
      ? Math.max(deadline.getTime() - deps.clock.now().getTime() + 1, 1)
      : Number.POSITIVE_INFINITY

  /** Presses Enter once the text stands in the input and the pane is silent. */
  const enterWhenShown = async (of: Flight): Promise<number> => {
    if (!at) return 0
    const { pane } = at.incarnation
    const overdueMs = of.lastSignAt + deps.limits.echoWithinMs - now()
    const silentIn = of.lastOutputAt + deps.limits.quietMs - now()
    if (silentIn > 0) return silentIn
    const look = await pane.look()
    if (look.dead) return DEAD_LOOK_MS
    if (look.inMode) {
      await pane.leaveMode()
      return 0
    }
    if (!standsInInput(look, of.typed) && !shown(of)) {
      if (overdueMs > 0) return Math.min(overdueMs, ECHO_LOOK_MS)
      await move(of, 'unknown', {
        problem: 'Her program did not show the message, so Enter was not pressed',
      })
      return 0
    }
    // The record may lag behind the screen; what is echo must lie before the noted place.
    if (at.incarnation.profile.record === 'pane' && overdueMs > 0) {
      await follow()
      if (recordLag(of) > 0) return ECHO_LOOK_MS
    }
    await turns.note(of.turn.id, { enterAt: at.tail.position() })
    at.reader.entered()
    of.phase = 'entered'
    of.enteredAt = now()
    of.enterAgainAt = of.enteredAt + of.enterAgainMs
    await pane.press(ENTER)
    return of.enterAgainMs
  }

  const recordLag = (of: Flight) =>
    at ? ((of.turn.evidence as Place).from ?? 0) + of.shownBytes - at.tail.position() : 0

  /** Repeats Enter while the text provably stands in the input; gives up in time. */
  const enterAgain = async (of: Flight): Promise<number> => {
    if (!at) return 0
    const wait = of.enterAgainAt - now()
    if (wait > 0) return wait
    const look = await at.incarnation.pane.look()
    if (look.dead) return DEAD_LOOK_MS
    if (now() - of.enteredAt > deps.limits.receiveWithinMs) {
      await move(of, of.resumed ? 'unknown' : 'lost', {
        problem: of.resumed
          ? 'It was typed before a restart, and nothing shows whether she got it'
          : 'It was typed, but her program never acknowledged it',
      })
      return 0
    }
    if (look.inMode) await at.incarnation.pane.leaveMode()
    else if (standsInInput(look, of.typed)) await at.incarnation.pane.press(ENTER)
    of.enterAgainMs *= 2
    of.enterAgainAt = now() + of.enterAgainMs
    return of.enterAgainMs
  }

  const stop = async (of: Flight, by: 'person' | 'deadline') => {
    of.interruptedBy = by
    await at?.incarnation.pane.press(at.incarnation.profile.interrupt)
    // Never entered, so nothing will tell of it.
    if (of.phase === 'typing') await endInterrupted(of, '')
  }

  /** A program is attached: read its record, from the start or from where the turn in hand began. */
  const attach = async (incarnation: Incarnation, fresh: boolean) => {
    const reader = incarnation.profile.reader()
    const [first, ...others] = fresh ? [] : await turns.inFlight()
    for (const other of others) await giveUp(other, 'It was in hand beside another message')
    const place = (first?.evidence ?? {}) as Place
    const known = first !== undefined && place.record === incarnation.recordName
    if (first && !known) await giveUp(first, 'Her program was changed before it ended')
    bytesAt = now()
    const before = place.enterAt ?? place.from ?? 0
    const from = fresh ? 0 : Math.max(0, (known ? before : sizeOf(incarnation.record)) - STORY_MAX)
    const tail = tailFile(incarnation.record, from, wake.ring)
    at = { incarnation, reader, tail }
    begun = false
    if (fresh || !first || !known) return
    // What lies before the turn tells the reader how the program stands.
    reader.feed(await tail.read(before))
    if (reader.quietMs() !== null) reader.quiet()
    flight = takeOff(first, incarnation.profile.compose(first, null), deps.limits)
    flight.resumed = true
    deadline = await deps.deadlineOf(first)
    reader.begin(first.id)
    if (place.enterAt === undefined) return resumeTyping(flight)
    reader.entered()
    flight.phase = first.state === 'typed' ? 'entered' : 'received'
  }

  /** Pasted perhaps, entered certainly not: go on if the text is all there, else nobody knows. */
  const resumeTyping = async (of: Flight) => {
    const look = await at?.incarnation.pane.look()
    if (look && standsInInput(look, of.typed)) return
    await move(of, 'unknown', { problem: 'A restart came while it was being typed' })
  }

  const giveUp = async (turn: Turn, problem: string) => {
    const ended = await turns.move(turn.id, inFlightTurnStates, 'unknown', { problem })
    if (ended) emit({ type: 'turn', turn: ended })
  }

  /** The program is gone: all that its record holds is read, then the turn in hand ends. */
  const detach = async (why: Ending) => {
    if (at) {
      await follow()
      if (ends(why)) await apply(at.reader.quiet())
      await at.tail.close()
    }
    if (flight?.reply) await turns.saveReply(flight.turn.id, flight.reply)
    at = null
    held = null
    if (ends(why)) {
      // After a restart of ours there may be turns that no flight knows.
      for (const turn of await turns.inFlight()) await end(turn, why)
    }
    flight = null
    deadline = null
  }

  const end = async (turn: Turn, why: Ending) => {
    const asked = why === 'stopped' || why === 'switched'
    const received = turn.state !== 'typed'
    const to = asked ? 'interrupted' : received ? 'failed' : 'unknown'
    const reply = flight?.turn.id === turn.id ? flight.reply : turn.reply
    const ended = await turns.move(turn.id, inFlightTurnStates, to, {
      reply,
      problem: problems[why],
    })
    if (ended) emit({ type: 'turn', turn: ended })
  }

  return {
    ring: () => wake.ring(),
    attach: (incarnation: Incarnation, fresh: boolean) =>
      exclusively(() => attach(incarnation, fresh)).then(wake.ring),
    detach: (why: Ending) => exclusively(() => detach(why)),

    output: (text: string, byteCount: number) => {
      if (flight?.phase === 'typing') {
        flight.shown += text
        flight.shownBytes += byteCount
        flight.lastOutputAt = now()
      }
      wake.ring()
    },

    /** Stops the turn in hand; null when there is none, or it is another. */
    interrupt: (turnId?: string): Promise<Turn | null> =>
      exclusively(async () => {
        if (!flight || (turnId && flight.turn.id !== turnId)) return null
        const { turn } = flight
        await stop(flight, 'person')
        wake.ring()
        return turn
      }),

    /** What has been said so far of the turn in hand; null when it is another. */
    replyOf: (turnId: string): string | null => (flight?.turn.id === turnId ? flight.reply : null),

    now: () => ({
      ready: at?.reader.now().ready ?? false,
      begun,
      bracketed: at?.reader.now().bracketed ?? null,
      turn: flight?.turn ?? null,
      stuck: flight !== null && now() - flight.lastSignAt >= deps.limits.stuckAfterMs,
      held,
    }),

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

const ENTER = '0d'
/** So many bytes of an old record tell how its program stands. */
const STORY_MAX = 1 << 20
/** A draft is looked at again at every output of the pane; this is for the rest. */
const HOLD_LOOK_MS = 5_000
const ECHO_LOOK_MS = 100
/** The session learns of a death within half a second and ends the flight. */
const DEAD_LOOK_MS = 1_000

const problems: Record<Ending, string> = {
  detached: '',
  closed: '',
  stopped: 'Luci was stopped',
  switched: 'Luci was switched to another program',
  died: 'Her program ended while it had this message',
  gone: 'The tmux session ended while she had this message',
}

const ends = (why: Ending) => why !== 'detached' && why !== 'closed'

const takeOff = (turn: Turn, typed: string, { enterAgainMs }: Limits): Flight => ({
  turn,
  phase: 'typing',
  typed,
  reply: '',
  shownBytes: 0,
  shown: '',
  lastOutputAt: 0,
  lastSignAt: performance.now(),
  enteredAt: performance.now(),
  enterAgainAt: 0,
  enterAgainMs,
  interruptedBy: null,
  resumed: false,
  cut: false,
})

const sizeOf = (path: string): number => statSync(path, { throwIfNoEntry: false })?.size ?? 0

const shells = ['bash', 'sh', 'dash', 'zsh', 'fish', 'ksh']

/** Why nothing may be typed now, in words for a person; null when it may. */
const hindrance = (look: Look, prompt: string, shell: string | null): 'mode' | string | null => {
  if (look.dead) return 'Her program has ended'
  if (look.inMode) return 'mode'
  if (shells.includes(look.command) && look.command !== shell)
    return `A bare ${look.command} is in the pane; nothing is typed into it`
  const line = (look.screen.split('\n').at(-1) ?? '').trimEnd()
  const bare = prompt.trimEnd()
  // Before the prompt may stand the end of a reply without a last newline.
  if (bare === '' ? line === '' : line.endsWith(bare)) return null
  return 'Somebody has a draft in her input; send or clear it there'
}

/** Whether the text stands before the cursor, wrapped and coloured as it may be. */
export const standsInInput = (look: Pick<Look, 'screen'>, typed: string): boolean =>
  visible(look.screen).endsWith(visible(typed).slice(-200))

/** Whether the pane wrote the whole text since it was pasted. */
const shown = (of: Flight): boolean => visible(of.shown).includes(visible(of.typed))

const refusalOf = (compose: () => string): string | null => {
  try {
    compose()
    return null
  } catch (error) {
    if (error instanceof AppError) return error.message
    throw error
  }
}

const withReply = (turn: Turn, { reply }: Flight): Turn =>
  isOpenTurn(turn.state) ? { ...turn, reply } : turn
