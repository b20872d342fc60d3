import {
  isClosed,
  type Ticket,
  type TicketStatus,
  ticketStatuses,
} from '@mc/core/tickets/ticket.ts'
import { countUp } from '../frame/format.ts'
import type { IconName } from '../frame/icons.ts'
import type { Tone } from '../frame/pill.ts'

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

export type Column = {
  status: TicketStatus
  label: string
  icon: IconName
  tone: Tone
  /** As it is shown; with a label only what is here is known. */
  count: string
  tickets: Ticket[]
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

type TicketPage = { items: Ticket[]; next: string | null }

/** One column per status that was asked for. The two of what is closed hold only the latest. */
export const presentColumns = (
  pages: readonly (readonly [TicketStatus, TicketPage])[],
  counts: Record<string, number>,
  label: string | undefined,
): Column[] =>
  pages.map(([status, { items, next }]) => ({
    status,
    ...statusWords[status],
    count: label ? `${items.length}${next ? '+' : ''}` : countUp(counts[status] ?? 0),
    tickets: items,
    more: next
      ? `/board?${new URLSearchParams({ status, ...(label ? { label } : {}), ...(pages.length === 1 ? { before: next } : {}) })}`
      : null,
    empty: label ? 'None with this label.' : empties[status],
    closed: isClosed(status) && pages.length > 1,
  }))
