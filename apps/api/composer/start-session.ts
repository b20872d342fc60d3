import { sentences } from '@mc/core/client/sentences.ts'
import type { Delegation } from '@mc/core/delegation/delegation.ts'
import { AppError } from '@mc/core/errors.ts'
import { priorities } from '@mc/core/inbox/item.ts'
import type { Luci } from '@mc/core/luci/luci.ts'
import type { Run } from '@mc/core/runs/run.ts'
import { type Ticket, ticketFromText } from '@mc/core/tickets/ticket.ts'
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
  chatOff: () => Promise<boolean>
}) => {
  const file = (start: SessionStart, by: Actor): Promise<Ticket> => {
    if (start.text.length > TICKET_TEXT_MAX)
      throw new AppError(
        'invalid',
        `Expected a ticket of at most ${TICKET_TEXT_MAX} characters, got ${start.text.length}`,
        { hint: 'Save the long part as a file and say where it is.' },
      )
    const own = start.title ? { title: start.title, body: start.text } : ticketFromText(start.text)
    return deps.tickets.file(
      {
        ...own,
        ...(start.priority ? { priority: start.priority } : {}),
        ...(start.labels ? { labels: start.labels } : {}),
      },
      by,
    )
  }

  const chat = async (start: SessionStart): Promise<SessionStarted> => {
    if (await deps.chatOff())
      throw new AppError('unavailable', 'Chat with Luci is switched off', {
        hint: 'Switch it on under Settings, or file a Quick Ticket.',
      })
    const turn = await deps.luci.send({ text: start.text, origin: 'user', author: 'person' })
    const { state, problem, hint } = deps.luci.status()
    const waits = state === 'unavailable' || state === 'stopped' || state === 'offline'
    return {
      mode: start.mode,
      turn,
      ...(waits ? { note: sentences('Your message waits for Luci.', problem, hint) } : {}),
    }
  }

  return async (start: SessionStart, by: Actor): Promise<SessionStarted> => {
    if (start.mode === 'chat') return chat(start)
    const ticket = await file(start, by)
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
