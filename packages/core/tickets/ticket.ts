import type { TicketEventsTable, TicketsTable } from '@mc/db/schema.ts'
import type { Selectable } from 'kysely'
import { type Static, Type } from 'typebox'
import { type Priority, priorities } from '../inbox/item.ts'

export const ticketStatuses = [
  'parked',
  'todo',
  'doing',
  'blocked',
  'review',
  'done',
  'cancelled',
] as const
export type TicketStatus = (typeof ticketStatuses)[number]

export const closedStatuses: readonly TicketStatus[] = ['done', 'cancelled']

/** Who does a ticket: a person, Luci in a turn, or a headless worker. */
export const doers = ['person', 'luci', 'worker'] as const
export type Doer = (typeof doers)[number]

export const risks = ['low', 'medium', 'high'] as const
export type Risk = (typeof risks)[number]

/** Why a ticket was closed. `wont_fix` mutes its fingerprint for a week. */
export const resolutions = ['fixed', 'recovered', 'wont_fix', 'duplicate', 'failed'] as const
export type Resolution = (typeof resolutions)[number]

export type Ticket = {
  id: number
  /** `MC-<id>`: how people and Luci name it. */
  key: string
  title: string
  /** Markdown. */
  body: string
  status: TicketStatus
  resolution: Resolution | null
  priority: Priority
  labels: string[]
  /** composer, luci, pickup, scheduler, cli, … */
  source: string
  fingerprint: string | null
  parentId: number | null
  /** How often the same trouble came in while it was open. */
  occurrences: number
  /** Grows by one with every change. */
  version: number
  createdAt: string
  updatedAt: string
  closedAt: string | null
  /** The day it is due, `2026-12-01`; null when it is not. */
  due: string | null
  /** Null when nobody was named. */
  does: Doer | null
  risk: Risk | null
  /** Where its worker works; null: the folder of all workers. */
  folder: string | null
  /** Whether a worker's success waits in review, or its ticket is done with it; null: nobody said. */
  review: boolean | null
  /** The proposal that it was filed from. */
  proposalId: string | null
}

export type TicketEvent = {
  id: number
  ticketId: number
  at: string
  actor: string
  /** created, commented, moved, edited, linked, unlinked, counted, reopened, run. */
  kind: string
  body: string | null
  before: string | null
  after: string | null
}

/** A day as `2026-12-01`. */
export const Day = Type.String({
  pattern: '^\\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\\d|3[01])$',
  description: 'A day, e.g. 2026-12-01',
})

export const NewTicket = Type.Object(
  {
    title: Type.String({
      minLength: 1,
      maxLength: 200,
      description: 'What is to be done, in a line',
    }),
    body: Type.Optional(Type.String({ maxLength: 65_536, description: 'Markdown' })),
    status: Type.Optional(
      Type.Enum(ticketStatuses, { description: 'todo unless you say otherwise' }),
    ),
    priority: Type.Optional(Type.Enum(priorities)),
    labels: Type.Optional(
      Type.Array(Type.String({ minLength: 1, maxLength: 50 }), { maxItems: 20 }),
    ),
    fingerprint: Type.Optional(
      Type.String({ maxLength: 200, description: 'Of the trouble it is about, if it has one' }),
    ),
    parentId: Type.Optional(
      Type.Integer({ minimum: 1, description: 'The number of the ticket that it is a part of' }),
    ),
    due: Type.Optional(Day),
  },
  { additionalProperties: false },
)
export type NewTicket = Static<typeof NewTicket>

/** What may change; `version` is the one the editor saw. */
export const TicketChange = Type.Object(
  {
    version: Type.Optional(Type.Integer({ minimum: 1 })),
    title: Type.Optional(Type.String({ minLength: 1, maxLength: 200 })),
    body: Type.Optional(Type.String({ maxLength: 65_536 })),
    status: Type.Optional(Type.Enum(ticketStatuses)),
    resolution: Type.Optional(Type.Enum(resolutions)),
    priority: Type.Optional(Type.Enum(priorities)),
    labels: Type.Optional(
      Type.Array(Type.String({ minLength: 1, maxLength: 50 }), { maxItems: 20 }),
    ),
    due: Type.Optional(Type.Union([Day, Type.Null()])),
  },
  { additionalProperties: false },
)
export type TicketChange = Static<typeof TicketChange>

export const ticketKey = (id: number): string => `MC-${id}`

/** The id of `MC-12`, `mc-12` or `12`; null when the text is no key. */
export const parseTicketKey = (text: string): number | null => {
  const match = /^(?:MC-)?(\d{1,15})$/i.exec(text.trim())
  return match ? Number(match[1]) : null
}

export const isClosed = (status: TicketStatus): boolean => closedStatuses.includes(status)

/**
 * A ticket from one text as a person types it: the first line is the title (cut at 200
 * characters, the whole text then stays in the body), the rest the body.
 */
export const ticketFromText = (text: string): { title: string; body: string } => {
  const [first = '', ...rest] = text.trim().split('\n')
  if (first.length <= 200) return { title: first.trim(), body: rest.join('\n').trim() }
  return { title: `${first.slice(0, 199).trim()}…`, body: text.trim() }
}

export const toTicket = (row: Selectable<TicketsTable>): Ticket => ({
  id: row.id,
  key: ticketKey(row.id),
  title: row.title,
  body: row.body,
  status: row.status as TicketStatus,
  resolution: row.resolution as Resolution | null,
  priority: row.priority as Priority,
  labels: JSON.parse(row.labels) as string[],
  source: row.source,
  fingerprint: row.fingerprint,
  parentId: row.parent_id,
  occurrences: row.occurrences,
  version: row.version,
  createdAt: row.created_at,
  updatedAt: row.updated_at,
  closedAt: row.closed_at,
  due: row.due,
  does: row.does as Doer | null,
  risk: row.risk as Risk | null,
  folder: row.folder,
  review: row.review === null ? null : row.review === 1,
  proposalId: row.proposal_id,
})

export const toTicketEvent = (row: Selectable<TicketEventsTable>): TicketEvent => ({
  id: row.id,
  ticketId: row.ticket_id,
  at: row.at,
  actor: row.actor,
  kind: row.kind,
  body: row.body,
  before: row.before,
  after: row.after,
})
