import { priorities } from '@mc/core/inbox/item.ts'
import { parseTicketKey, ticketKey, ticketStatuses } from '@mc/core/tickets/ticket.ts'
import type { TicketFilter } from '@mc/core/tickets/tickets.ts'
import { type Static, Type } from 'typebox'

const none = Type.Literal('')

/** What the board shows is in its address, so that it can be kept and sent. An empty field is none. */
export const BoardQuery = Type.Object({
  status: Type.Optional(Type.Union([Type.Enum(ticketStatuses), none])),
  priority: Type.Optional(Type.Union([Type.Enum(priorities), none])),
  label: Type.Optional(Type.String({ maxLength: 50 })),
  source: Type.Optional(Type.String({ maxLength: 50 })),
  text: Type.Optional(Type.String({ maxLength: 200 })),
  parent: Type.Optional(Type.String({ maxLength: 20 })),
  before: Type.Optional(Type.Integer({ minimum: 1 })),
})
export type BoardQuery = Static<typeof BoardQuery>

/** Everything but the column: what each of them is narrowed by. A parent that is no key finds none. */
export const filterOf = (query: BoardQuery): Omit<TicketFilter, 'status'> => ({
  ...(query.priority ? { priority: query.priority } : {}),
  ...(query.label ? { label: query.label } : {}),
  ...(query.source ? { source: query.source } : {}),
  ...(query.text?.trim() ? { text: query.text.trim() } : {}),
  ...(query.parent ? { parentId: parseTicketKey(query.parent) ?? -1 } : {}),
})

/** The board's address with some of it changed; undefined leaves a field out. */
export const boardUrl = (
  query: BoardQuery,
  over: Partial<Record<keyof BoardQuery, string | undefined>>,
) => {
  const { before: _, ...rest } = query
  const filled = Object.entries({ ...rest, ...over }).filter(
    (entry): entry is [string, string] => typeof entry[1] === 'string' && entry[1] !== '',
  )
  return filled.length === 0 ? '/board' : `/board?${new URLSearchParams(filled)}`
}

/** What is set, each with the address of the board without it. */
export const chipsOf = (query: BoardQuery) =>
  (
    [
      ['priority', (value: string) => `${value} priority`],
      ['label', (value: string) => `#${value}`],
      ['source', (value: string) => `from ${value}`],
      ['text', (value: string) => `“${value}”`],
      [
        'parent',
        (value: string) => {
          const id = parseTicketKey(value)
          return `parts of ${id ? ticketKey(id) : value}`
        },
      ],
    ] as const
  ).flatMap(([field, words]) => {
    const value = query[field]
    return value ? [{ text: words(value), without: boardUrl(query, { [field]: undefined }) }] : []
  })
