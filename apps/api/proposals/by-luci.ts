import { AppError } from '@mc/core/errors.ts'
import type { Proposals, Wanted } from '@mc/core/proposals/proposals.ts'
import { isClosed, type Ticket, type TicketChange } from '@mc/core/tickets/ticket.ts'
import type { Caller } from '../safety/caller.ts'
import { noteOf } from './routes.ts'

/** The answer (202) to a call of Luci's that a person must say yes to first. */
export const waits = ({ proposal }: Extract<Wanted, { outcome: 'proposed' }>) => ({
  proposal,
  note: noteOf(proposal),
})

/**
 * A change that would close a ticket, or change why it was closed, when Luci asks for it: done at
 * once or proposed. Null: anybody’s change, which the route makes.
 */
export const closesAsLuci = async (
  proposals: Proposals,
  { turn, kind }: Caller,
  ticket: Ticket,
  change: TicketChange,
): Promise<Wanted | null> => {
  if (kind !== 'agent' || !turn) return null
  const { version, status = ticket.status, resolution, ...others } = change
  const saysMore = resolution !== undefined && resolution !== ticket.resolution
  if (!isClosed(status) || (status === ticket.status && !saysMore)) return null
  if (isClosed(ticket.status))
    throw new AppError(
      'forbidden',
      `${ticket.key} is ${ticket.status}, and how is the person’s word`,
      {
        hint: 'Comment on it, or move it back to todo.',
      },
    )
  if (Object.keys(others).length > 0)
    throw new AppError('invalid', 'Closing a ticket is a call of its own: it may have to wait', {
      hint: `Change ${Object.keys(others).join(', ')} first, then close it.`,
    })
  if (version !== undefined && version !== ticket.version)
    throw new AppError('conflict', `${ticket.key} was changed by somebody else meanwhile`, {
      hint: 'Look at it again, then repeat your change on what is there now.',
      stale: true,
    })
  return proposals.wants(turn, {
    do: 'close',
    name: 'close',
    ticket: ticket.key,
    status: status === 'done' ? 'done' : 'cancelled',
    ...(resolution ? { resolution } : {}),
  })
}

/** A ticket that Luci would hand to a worker. Null: it is not Luci who asks. */
export const delegatesAsLuci = async (
  proposals: Proposals,
  { turn, kind }: Caller,
  ticket: Ticket,
  { folder, review }: { folder?: string; review?: boolean } = {},
): Promise<Wanted | null> =>
  kind !== 'agent' || !turn
    ? null
    : proposals.wants(turn, {
        do: 'delegate',
        name: 'delegate',
        ticket: ticket.key,
        // Nobody said that it is harmless.
        risk: ticket.risk ?? 'medium',
        ...(folder ? { folder } : {}),
        ...(review === undefined ? {} : { review }),
      })
