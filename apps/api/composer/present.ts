import type { SeenAct } from '@mc/core/acts/seen.ts'
import type { Attachment } from '@mc/core/attachments/attachment.ts'
import { withoutNames } from '@mc/core/attachments/naming.ts'
import { readChangesAsked } from '@mc/core/proposals/changes.ts'
import type { Question } from '@mc/core/questions/question.ts'
import { HANDED_OVER } from '@mc/core/trust/decide.ts'
import {
  inFlightTurnStates,
  isOpenTurn,
  type Prompt,
  type Turn,
  type TurnState,
} from '@mc/core/turns/turn.ts'
import { type AttachmentView, presentAttachment } from '../attachments/present.ts'
import { presentActs } from '../autonomy/present.ts'
import { plural } from '../frame/format.ts'
import { linkText } from '../frame/markdown.ts'
import type { ProposalView } from '../proposals/present.ts'
import { presentQuestion, type QuestionView } from '../questions/present.ts'
import { type Fold, fold } from './fold.ts'
import type { Piece } from './live-reply.ts'
import { presentReceipt, type Receipt } from './receipt.ts'

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
  /** Of what is shown of the text. */
  textHtml: string
  /** Set when it asks for changes of a proposal: then the words are the person's alone. */
  changes: { proposal: string; besides: string } | null
  files: AttachmentView[]
  at: string
  receipt: Receipt
  /** Still growing: provisional, piece by piece, until it has ended. */
  open: boolean
  inFlight: boolean
  queued: boolean
  /** Its place in the queue, from 1; 0 when it is not in it. */
  place: number
  /** A person may have it heard before what stands in its way: `stop` it, or go `first`; else null. */
  mayGoNow: 'stop' | 'first' | null
  reply: Fold
  pieces: Piece[]
  /** Of the whole reply so far, in characters. */
  replyLength: number
  problem: string | null
  prompt: AskedPrompt | null
  /** What she asked in it, open or over. */
  questions: QuestionView[]
  /** What she proposed in it, open or decided. */
  proposals: ProposalView[]
  /** What she did in it, with Undo. */
  did: ReturnType<typeof presentActs>
  /** A digest is long and no person wrote it: folded. */
  folded: string | null
  /** And so is what she answered to it, once all is well: what stands in its place. */
  answerFolded: string | null
  /** It ended without an answer, and a person may send it once more. */
  mayAskAgain: boolean
}

const senders: Record<Turn['origin'], string> = {
  user: 'You',
  api: 'You, by mc',
  telegram: 'You, by Telegram',
  digest: 'Inbox digest',
  system: 'Mission Control',
  pane: 'Typed in the terminal',
}

const notAnswered: readonly TurnState[] = ['failed', 'lost', 'interrupted', 'unknown']

/**
 * `reply` may be fresher than the row while the turn is in flight. `charsFor`: how many characters
 * of a text of that length are shown; a reply that still grows shows its end, in `pieces`.
 */
export const presentTurn = (
  turn: Turn,
  given: {
    reply: string
    charsFor: (length: number) => number
    pieces: (text: string, chars: number) => Piece[]
    files: readonly Attachment[]
    pathOf: (file: string) => string
    place: number
    /** Luci has another in hand. */
    isBusy: boolean
    questions: readonly Question[]
    proposals: ProposalView[]
    acts: readonly SeenAct[]
    /** Items she decided in the digest that the turn carried. */
    decided: number
  },
): TurnView => {
  const { reply, charsFor, files } = given
  const own = withoutNames(turn.text, files, given.pathOf)
  const text = fold(own, charsFor(own.length))
  // Of a text that is cut, its end is not known.
  const changes = text.hidden > 0 ? null : readChangesAsked(own)
  const open = isOpenTurn(turn.state)
  const pieces = open && reply ? given.pieces(reply, charsFor(reply.length)) : []
  const before = pieces[0]?.at ?? 0
  return {
    id: turn.id,
    seq: turn.seq,
    from: turn.author === HANDED_OVER ? 'Mission Control' : senders[turn.origin],
    text,
    textHtml: linkText(changes?.words ?? text.shown),
    changes,
    files: files.map(presentAttachment),
    at: turn.createdAt,
    receipt: presentReceipt(turn),
    open,
    inFlight: inFlightTurnStates.includes(turn.state),
    queued: turn.state === 'queued',
    place: given.place,
    mayGoNow: mayGoNow(turn, given),
    reply: open ? { shown: '', hidden: before } : fold(reply, charsFor(reply.length)),
    pieces,
    replyLength: reply.length,
    problem: turn.problem,
    prompt: turn.state === 'blocked' && turn.prompt ? presentPrompt(turn.prompt) : null,
    questions: given.questions.map(presentQuestion),
    proposals: given.proposals,
    did: presentActs(given.acts, turn.id),
    folded: turn.origin === 'digest' ? 'What Mission Control sent to Luci' : null,
    answerFolded:
      turn.origin === 'digest' && turn.state === 'answered' ? answerTo(given.decided) : null,
    mayAskAgain: notAnswered.includes(turn.state) && personOrigins.includes(turn.origin),
  }
}

const answerTo = (decided: number): string =>
  decided > 0 ? `Luci decided ${plural(decided, 'item')}` : 'What Luci said to it'

/** Somebody's message that waits for another; a digest goes by itself. */
const mayGoNow = (
  { state, origin }: Turn,
  { place, isBusy }: { place: number; isBusy: boolean },
): TurnView['mayGoNow'] => {
  if (state !== 'queued' || origin === 'digest') return null
  if (isBusy) return 'stop'
  return place > 1 ? 'first' : null
}

const personOrigins: readonly Turn['origin'][] = ['user', 'api', 'telegram']
