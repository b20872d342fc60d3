import type { ItemKind } from '@mc/core/inbox/item.ts'
import type { Found, Noun } from '@mc/core/search/search.ts'
import type { TicketStatus } from '@mc/core/tickets/ticket.ts'
import { statusWords } from '../board/present.ts'
import type { IconName } from '../frame/icons.ts'
import { kindWords as itemWords } from '../inbox/present.ts'

export const kindWords: Record<Noun, { label: string; one: string; icon: IconName }> = {
  ticket: { label: 'Tickets', one: 'Ticket', icon: 'board' },
  turn: { label: 'Conversation', one: 'Message', icon: 'home' },
  item: { label: 'Inbox', one: 'Item', icon: 'inbox' },
}

export const presentTabs = (q: string, kind: Noun | undefined) => {
  const href = (one?: Noun) =>
    `/search?${new URLSearchParams({ q, ...(one ? { kind: one } : {}) })}`
  return [
    { label: 'All', href: href(), current: kind === undefined },
    ...(Object.keys(kindWords) as Noun[]).map((one) => ({
      label: kindWords[one].label,
      href: href(one),
      current: one === kind,
    })),
  ]
}

const stateOf = ({ kind, state }: Found['hits'][number]): string =>
  (kind === 'item'
    ? itemWords[state as ItemKind]?.label
    : statusWords[state as TicketStatus]?.label) ?? state.replaceAll('_', ' ')

export const presentHits = ({ hits }: Found) =>
  hits.map((hit) => ({
    ...hit,
    icon: kindWords[hit.kind].icon,
    name: hit.kind === 'ticket' ? hit.ref : kindWords[hit.kind].one,
    state: stateOf(hit),
  }))
