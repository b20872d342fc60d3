import type { Usage } from '../costs/usage.ts'
import { AppError } from '../errors.ts'
import type { Turn, TurnState } from '../turns/turn.ts'
import type { TurnProgress } from '../turns/turns.ts'
import type { Limits } from './limits.ts'
import type { RecordEvent } from './profiles/profile.ts'
import type { Ending } from './session.ts'
import type { Trouble } from './status.ts'
import { visible } from './tmux-words.ts'

/** A turn from its first byte typed to its end, and what is known of it. Times are `performance.now()`. */
export type Flight = {
  turn: Turn
  phase: 'typing' | 'entered' | 'received'
  typed: string
  reply: string
  /** It said more than we keep. */
  cut: boolean
  /** Bytes the pane wrote since the paste began, and their text. */
  shownBytes: number
  shown: string
  lastOutputAt: number
  lastSignAt: number
  enteredAt: number
  enterAgainAt: number
  enterAgainMs: number
  /** When it must be over; null: no limit. */
  deadline: Date | null
  /** Who asked for it to be stopped, and when first. */
  interruptedBy: 'person' | 'deadline' | null
  interruptedAt: number
  /** The interrupt key was pressed once more by us, as she had not taken the first. */
  insisted: number
  /** The interrupt key was pressed again, and in vain before. */
  deaf: boolean
  /** It was taken over after a restart of ours: what is not known then is not lost, but unknown. */
  resumed: boolean
  /** Her program's screen is read: it tells when a question came and went. */
  watched: boolean
  /** What it used by now; null while its program told nothing. */
  usage: Usage | null
}

/**
 * What turns keep about their place in the record: its name, where typing and where Enter came,
 * and where a person answered what the program asked.
 */
export type Place = {
  record?: string
  from?: number
  enterAt?: number
  answeredAt?: number[]
  /** Who asked for it to be stopped, before the key was pressed. */
  interruptedBy?: 'person' | 'deadline'
  /** Where her program's own files stood before the text was typed (bytes), by path. */
  files?: Record<string, number>
}

export const placeOf = (turn: Turn): Place => turn.evidence as Place

/** A move of the turn: where to, and what is written beside it. */
export type Step = { to: TurnState; progress?: TurnProgress }

export const takeOff = (
  turn: Turn,
  typed: string,
  { enterAgainMs }: Pick<Limits, 'enterAgainMs'>,
  { deadline = null, watched = false }: { deadline?: Date | null; watched?: boolean } = {},
): Flight => ({
  turn,
  phase: 'typing',
  typed,
  reply: '',
  cut: false,
  shownBytes: 0,
  shown: '',
  lastOutputAt: 0,
  lastSignAt: performance.now(),
  enteredAt: performance.now(),
  enterAgainAt: 0,
  enterAgainMs,
  deadline,
  interruptedBy: null,
  interruptedAt: 0,
  insisted: 0,
  deaf: false,
  resumed: false,
  watched,
  usage: null,
})

/** Whether the pane wrote the whole text since it was pasted. */
export const isShown = (of: Pick<Flight, 'shown' | 'typed'>): boolean =>
  visible(of.shown).includes(visible(of.typed))

/** What a fact of the record makes of the turn; null when it is no news. `text` was heard already. */
export const stepFor = (of: Flight, event: RecordEvent): Step | null => {
  if (event.type === 'received')
    // Read again after a restart, it is no news.
    return of.turn.state === 'typed'
      ? { to: 'received', progress: { evidence: { received: event.evidence } } }
      : null
  if (event.type === 'text') {
    // Where the screen is read, it alone tells that a question has gone.
    const stays = of.turn.state === 'answering' || (of.watched && of.turn.state === 'blocked')
    return stays ? null : { to: 'answering' }
  }
  if (event.type === 'unproved')
    return of.interruptedBy
      ? interrupted(of, event.reply)
      : { to: 'unknown', progress: { reply: event.reply, problem: event.problem } }
  if (event.type === 'asks' || event.type === 'conversation' || event.type === 'usage') return null
  if (event.type === 'failed')
    return of.interruptedBy
      ? interrupted(of, event.reply ?? of.reply)
      : { to: 'failed', progress: { reply: event.reply ?? of.reply, problem: event.problem } }
  if (event.type === 'blocked') return { to: 'blocked', progress: { prompt: event.prompt } }
  const reply = event.reply ?? of.reply
  if (event.type === 'interrupted' || of.interruptedBy) return interrupted(of, reply)
  return {
    to: 'answered',
    progress: {
      reply,
      evidence: { answered: event.evidence },
      ...(event.problem ? { problem: event.problem } : {}),
      ...(of.cut ? { problem: `Cut after ${of.reply.length} characters` } : {}),
    },
  }
}

export const interrupted = (of: Flight, reply = of.reply): Step => ({
  to: 'interrupted',
  progress: {
    reply,
    ...(of.interruptedBy === 'deadline'
      ? { problem: 'It was not done by its deadline, and stopped' }
      : {}),
  },
})

/** She waits for the next message, so this one has ended, without an answer. */
export const deserted = (of: Flight): Step =>
  of.interruptedBy
    ? interrupted(of)
    : { to: 'lost', progress: { reply: of.reply, problem: 'She stopped without an answer' } }

/** What a turn in hand becomes when its program goes; null: it stays, for who attaches next. */
export const stepAtEnd = (turn: Turn, why: Ending): Step | null => {
  const problem = problems[why]
  if (problem === null) return null
  if (why === 'stopped' || why === 'switched') return { to: 'interrupted', progress: { problem } }
  // Typed and no more: whether she ever had it, nobody knows.
  return { to: turn.state === 'typed' ? 'unknown' : 'failed', progress: { problem } }
}

const problems: Record<Ending, string | null> = {
  detached: null,
  closed: null,
  stopped: 'Luci was stopped',
  switched: 'Luci was switched to another program',
  died: 'Her program ended while it had this message',
  gone: 'The tmux session ended while she had this message',
}

/** How much of what was said is kept. */
export const kept = (of: Pick<Flight, 'reply'>, said: string, charsMax: number): string =>
  said.slice(0, Math.max(0, charsMax - of.reply.length))

/** What a person should know of the turn in hand; null while it goes as it should. */
export const troubleOf = (
  of: Flight,
  now: number,
  { stuckAfterMs }: Pick<Limits, 'stuckAfterMs'>,
): Trouble | null => {
  if (of.deaf)
    return {
      problem: 'She does not react to the interrupt key',
      hint: 'End her with "npx -y pnpm@12 mc luci stop" (and start again), or switch to another program with --force; the turn then ends as interrupted.',
    }
  if (now - of.lastSignAt >= stuckAfterMs)
    return {
      problem: 'She has given no sign for long',
      hint: 'Look into her pane, or interrupt her: npx -y pnpm@12 mc luci interrupt',
    }
  return null
}

/** Why a program cannot take a text, in words; null when it can. */
export const refusalOf = (compose: () => string): string | null => {
  try {
    compose()
    return null
  } catch (error) {
    if (error instanceof AppError) return error.message
    throw error
  }
}
