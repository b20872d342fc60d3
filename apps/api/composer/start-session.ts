import { type Attachment, FILES_MAX } from '@mc/core/attachments/attachment.ts'
import type { Attachments } from '@mc/core/attachments/attachments.ts'
import { nameInTicket, nameToLuci } from '@mc/core/attachments/naming.ts'
import { sentences } from '@mc/core/client/sentences.ts'
import type { Clock } from '@mc/core/clock.ts'
import type { Delegation } from '@mc/core/delegation/delegation.ts'
import { AppError } from '@mc/core/errors.ts'
import { priorities } from '@mc/core/inbox/item.ts'
import type { Luci } from '@mc/core/luci/luci.ts'
import type { Run } from '@mc/core/runs/run.ts'
import { localDay, readQuickTicket } from '@mc/core/tickets/quick-ticket.ts'
import { Day, type Ticket } from '@mc/core/tickets/ticket.ts'
import type { Actor, Tickets } from '@mc/core/tickets/tickets.ts'
import type { Turn } from '@mc/core/turns/turn.ts'
import { TURN_TEXT_MAX } from '@mc/core/turns/turns.ts'
import { type Static, Type } from 'typebox'

export const composerModes = ['chat', 'quick_ticket', 'implement_now'] as const
export type ComposerMode = (typeof composerModes)[number]

export const SessionStart = Type.Object(
  {
    mode: Type.Enum(composerModes),
    text: Type.String({ minLength: 1, maxLength: TURN_TEXT_MAX, pattern: '\\S' }),
    title: Type.Optional(Type.String({ minLength: 1, maxLength: 200 })),
    priority: Type.Optional(Type.Enum(priorities)),
    labels: Type.Optional(
      Type.Array(Type.String({ minLength: 1, maxLength: 50 }), { maxItems: 20 }),
    ),
    due: Type.Optional(Day),
    /** The person's day, which `due:fri` in the text is counted from; without it this machine's. */
    today: Type.Optional(Day),
    /** Ids of files uploaded before. */
    attachments: Type.Optional(
      Type.Array(Type.String({ minLength: 1, maxLength: 40 }), { maxItems: FILES_MAX }),
    ),
  },
  { additionalProperties: false },
)
export type SessionStart = Static<typeof SessionStart>

export type SessionStarted = {
  mode: ComposerMode
  ticket?: Ticket
  run?: Run
  turn?: Turn
  /** What else the person should know, in words. */
  note?: string
}

/** The longest text that a ticket takes. */
const TICKET_TEXT_MAX = 65_536

/**
 * The composer's three ways. Quick Ticket and Luci do it now never touch Luci, so that they work
 * while she is down; with no worker to do it the ticket waits in todo and the note says so.
 */
export const createSessionStart = (deps: {
  luci: Luci
  tickets: Tickets
  delegation: Delegation
  attachments: Attachments
  clock: Clock
  chatOff: () => Promise<boolean>
}) => {
  const { attachments } = deps

  const file = async (
    start: SessionStart,
    files: readonly Attachment[],
    by: Actor,
  ): Promise<Ticket> => {
    if (start.text.length > TICKET_TEXT_MAX)
      throw new AppError(
        'invalid',
        `Expected a ticket of at most ${TICKET_TEXT_MAX} characters, got ${start.text.length}`,
        { hint: 'Save the long part as a file and attach it.' },
      )
    const read = readQuickTicket(start.text, start.today ?? localDay(deps.clock.now()))
    const own = start.title ? { title: start.title, body: start.text } : read
    const priority = start.priority ?? (start.title ? null : read.priority)
    const due = start.due ?? (start.title ? null : read.due)
    const labels = [...new Set([...(start.labels ?? []), ...(start.title ? [] : read.labels)])]
    const ticket = await deps.tickets.file(
      {
        title: own.title,
        body: nameInTicket(own.body, files, attachments.path),
        ...(priority ? { priority } : {}),
        ...(due ? { due } : {}),
        ...(labels.length > 0 ? { labels } : {}),
      },
      by,
    )
    await attachments.give(files, { ticketId: ticket.id })
    return ticket
  }

  const chat = async (
    start: SessionStart,
    files: readonly Attachment[],
  ): Promise<SessionStarted> => {
    if (await deps.chatOff())
      throw new AppError('unavailable', 'Chat with Luci is switched off', {
        hint: 'Switch it on under Settings, or file a Quick Ticket.',
      })
    const text = nameToLuci(start.text, files, attachments.path)
    const turn = await deps.luci.send({ text, origin: 'user', author: 'person' })
    await attachments.give(files, { turnId: turn.id })
    const { state, problem, hint } = deps.luci.status()
    const waits = state === 'unavailable' || state === 'stopped' || state === 'offline'
    return {
      mode: start.mode,
      turn,
      ...(waits ? { note: sentences('Your message waits for Luci.', problem, hint) } : {}),
    }
  }

  return async (start: SessionStart, by: Actor): Promise<SessionStarted> => {
    const files = await attachments.waiting(start.attachments ?? [])
    if (start.mode === 'chat') return chat(start, files)
    const ticket = await file(start, files, by)
    if (start.mode === 'quick_ticket') return { mode: start.mode, ticket }
    try {
      const run = await deps.delegation.queue(ticket.id, by.actor)
      return { mode: start.mode, ticket: await deps.tickets.get(ticket.id), run }
    } catch (error) {
      // No worker is configured: the ticket is filed all the same.
      if (!(error instanceof AppError) || error.code !== 'unavailable') throw error
      const filed = `${ticket.key} is filed and waits in todo.`
      return { mode: start.mode, ticket, note: sentences(filed, error.message, error.hint) }
    }
  }
}
