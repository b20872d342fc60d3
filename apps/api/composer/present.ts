import {
  inFlightTurnStates,
  isOpenTurn,
  type Prompt,
  type Turn,
  type TurnState,
} from '@mc/core/turns/turn.ts'
import type { IconName } from '../frame/icons.ts'
import type { Tone } from '../frame/pill.ts'
import { FOLDED_CHARS, type Fold, fold } from './fold.ts'

/** In the order of Alt+1, 2, 3. */
export const modes = [
  {
    id: 'chat',
    label: 'Chat with Luci',
    verb: 'Send',
    hint: 'Ask Luci, or tell her what you want done',
  },
  {
    id: 'quick_ticket',
    label: 'Quick Ticket',
    verb: 'File ticket',
    hint: 'First line is the title, the rest the description',
  },
  {
    id: 'implement_now',
    label: 'Luci do it now',
    verb: 'Do it now',
    hint: 'Files a ticket and hands it to the worker at once',
  },
] as const

/** A question of hers as its card shows it. */
export type AskedPrompt = Prompt & { title: string }

const askedFor: Record<Prompt['kind'], string> = {
  permission: 'Luci asks for permission',
  question: 'Luci asks you',
  login: 'Luci’s program wants you to sign in',
  unknown: 'Luci’s screen shows something that Mission Control does not know',
}

export const presentPrompt = (prompt: Prompt): AskedPrompt => ({
  ...prompt,
  title: askedFor[prompt.kind],
})

export type TurnView = {
  id: string
  seq: number
  from: string
  text: Fold
  at: string
  receipt: { text: string; icon: IconName; tone: Tone }
  /** Still growing: shown as plain text until it has ended. */
  open: boolean
  inFlight: boolean
  queued: boolean
  reply: Fold
  /** Of the whole reply so far, in characters. */
  replyLength: number
  problem: string | null
  prompt: AskedPrompt | null
  /** A digest is long and no person wrote it: folded. */
  folded: string | null
}

const receipts: Record<TurnState, { text: string; icon: IconName; tone: Tone }> = {
  queued: { text: 'Waiting for its turn', icon: 'clock', tone: 'quiet' },
  typed: { text: 'Typed, not yet confirmed', icon: 'dots', tone: 'busy' },
  received: { text: 'Received by Luci', icon: 'check', tone: 'busy' },
  answering: { text: 'Luci is answering', icon: 'dots', tone: 'busy' },
  answered: { text: 'Answered', icon: 'check', tone: 'good' },
  blocked: { text: 'Luci asks you something', icon: 'hand', tone: 'warn' },
  interrupted: { text: 'Interrupted', icon: 'stop', tone: 'quiet' },
  failed: { text: 'Failed', icon: 'cross', tone: 'bad' },
  lost: { text: 'Lost: not answered, and not sent again', icon: 'cross', tone: 'bad' },
  unknown: {
    text: 'Unknown: nobody can say how it went; not sent again',
    icon: 'question',
    tone: 'warn',
  },
}

const senders: Record<Turn['origin'], string> = {
  user: 'You',
  api: 'You, by mc',
  telegram: 'You, by Telegram',
  digest: 'Inbox digest',
  system: 'Mission Control',
  pane: 'Typed in the terminal',
}

/**
 * `reply` may be fresher than the row while the turn is in flight. `charsFor`: how many characters
 * of a text of that length are shown; a reply that still grows shows its end.
 */
export const presentTurn = (
  turn: Turn,
  reply: string = turn.reply,
  charsFor: (length: number) => number = () => FOLDED_CHARS,
): TurnView => ({
  id: turn.id,
  seq: turn.seq,
  from: senders[turn.origin],
  text: fold(turn.text, charsFor(turn.text.length)),
  at: turn.createdAt,
  receipt: receipts[turn.state],
  open: isOpenTurn(turn.state),
  inFlight: inFlightTurnStates.includes(turn.state),
  queued: turn.state === 'queued',
  reply: fold(reply, charsFor(reply.length), isOpenTurn(turn.state) ? 'tail' : 'head'),
  replyLength: reply.length,
  problem: turn.problem,
  prompt: turn.state === 'blocked' && turn.prompt ? presentPrompt(turn.prompt) : null,
  folded: turn.origin === 'digest' ? 'What Mission Control sent to Luci' : null,
})
