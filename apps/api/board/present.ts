import { type Ticket, type TicketStatus, ticketStatuses } from '@mc/core/tickets/ticket.ts'
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
  count: number
  tickets: Ticket[]
  empty: string
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

/** One column per status. The two for what is closed hold only the latest. */
export const presentColumns = (
  tickets: Record<TicketStatus, Ticket[]>,
  counts: Record<string, number>,
  only: TicketStatus | undefined,
): Column[] =>
  ticketStatuses
    .filter((status) => !only || status === only)
    .map((status) => ({
      status,
      ...statusWords[status],
      count: counts[status] ?? 0,
      tickets: tickets[status],
      empty: empties[status],
    }))
