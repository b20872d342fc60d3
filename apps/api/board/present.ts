import {
  isClosed,
  type Ticket,
  type TicketStatus,
  ticketStatuses,
} from '@mc/core/tickets/ticket.ts'
import { countUp, shortDay } from '../frame/format.ts'
import type { IconName } from '../frame/icons.ts'
import type { Words } from '../frame/outcome-words.ts'
import type { Tone } from '../frame/pill.ts'
import { type Seen, stateOf } from '../tickets/state.ts'
import { type BoardQuery, boardUrl } from './filters.ts'

export const statusWords: Record<TicketStatus, { label: string; icon: IconName; tone: Tone }> = {
  parked: { label: 'Parked', icon: 'pause', tone: 'quiet' },
  todo: { label: 'To do', icon: 'clock', tone: 'quiet' },
  doing: { label: 'Doing', icon: 'dots', tone: 'busy' },
  blocked: { label: 'Blocked', icon: 'hand', tone: 'warn' },
  review: { label: 'Review', icon: 'question', tone: 'warn' },
  done: { label: 'Done', icon: 'check', tone: 'good' },
  cancelled: { label: 'Cancelled', icon: 'cross', tone: 'quiet' },
}

export const statusChoices = ticketStatuses.map((id) => ({ id, label: statusWords[id].label }))

export type Card = Ticket & {
  /** What its column does not say of it: its worker failed, or has not begun. */
  mark: Words | null
  /** Its day as words, and whether it has passed. */
  day: { text: string; isPast: boolean } | null
}

export type Column = {
  status: TicketStatus
  label: string
  icon: IconName
  tone: Tone
  /** As it is shown; narrowed, only what is here is known. */
  count: string
  tickets: Card[]
  /** Where the rest is; null when all is here. */
  more: string | null
  empty: string
  /** Folded until it is asked for. */
  closed: boolean
}

const empties: Record<TicketStatus, string> = {
  parked: 'Nothing put aside.',
  todo: 'Nothing waits to be done.',
  doing: 'Nobody works on anything.',
  blocked: 'Nothing is held up.',
  review: 'Nothing to look over.',
  done: 'Nothing finished yet.',
  cancelled: 'Nothing given up.',
}

type TicketPage = { items: Seen[]; next: string | null }

/** One column per status that was asked for. The two of what is closed hold only the latest. */
export const presentColumns = (
  pages: readonly (readonly [TicketStatus, TicketPage])[],
  counts: Record<string, number>,
  { query, isNarrowed, now }: { query: BoardQuery; isNarrowed: boolean; now: Date },
): Column[] =>
  pages.map(([status, { items, next }]) => ({
    status,
    ...statusWords[status],
    count: isNarrowed ? `${items.length}${next ? '+' : ''}` : countUp(counts[status] ?? 0),
    tickets: items.map((ticket) => ({
      ...ticket,
      day: presentDay(ticket, now),
      mark: markOf(ticket),
    })),
    more: next ? boardUrl(query, { status, before: next }) : null,
    empty: isNarrowed ? 'None of these.' : empties[status],
    closed: isClosed(status) && pages.length > 1,
  }))

const markOf = (ticket: Seen): Words | null => {
  const state = stateOf(ticket)
  return state.label === statusWords[ticket.status].label ? null : state
}

const DAY_MS = 86_400_000

/** The day a ticket is due, on this machine's calendar; null when it is over or has none. */
export const presentDay = (
  { due, closedAt }: Pick<Ticket, 'due' | 'closedAt'>,
  now: Date,
): Card['day'] => {
  if (due === null || closedAt !== null) return null
  const today = new Date(now.getTime() - now.getTimezoneOffset() * 60_000)
    .toISOString()
    .slice(0, 10)
  const days = Math.round((Date.parse(due) - Date.parse(today)) / DAY_MS)
  const text =
    days === 0
      ? 'due today'
      : days === 1
        ? 'due tomorrow'
        : `${days < 0 ? 'was due' : 'due'} ${shortDay(due)}`
  return { text, isPast: days < 0 }
}
