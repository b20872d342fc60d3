import { AppError } from '@mc/core/errors.ts'
import type { Proposals } from '@mc/core/proposals/proposals.ts'
import type { Ticket } from '@mc/core/tickets/ticket.ts'
import type { Caller } from '../safety/caller.ts'

/**
 * Refuses Luci what would change the orders of a worker, or keep it from them: a person said yes
 * to the ticket as it was. `isTitle`: other tickets' workers are told this one's title too.
 */
export const refuseWhileDelegated = async (
  proposals: Proposals,
  { kind }: Caller,
  { id, key }: Pick<Ticket, 'id' | 'key'>,
  { isTitle = false }: { isTitle?: boolean } = {},
): Promise<void> => {
  if (kind !== 'agent') return
  const run = isTitle ? await proposals.runToldOf(id) : await proposals.runOn(key)
  if (run === null) return
  throw new AppError('forbidden', `A worker was given ${key} as it is (run ${run})`, {
    hint: 'Comment on it; once the run has ended, or the person has cancelled it, it can be changed.',
  })
}
