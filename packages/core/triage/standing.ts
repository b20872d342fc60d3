import type { Database } from '@mc/db/database.ts'
import { lockName } from '@mc/db/lock.ts'
import { toldStates } from '../alerts/alert.ts'
import type { Tickets } from '../tickets/tickets.ts'

/**
 * The name under which the trouble's ticket is filed: the first of `names` that has an open one,
 * else `own`. Holds all names until the transaction ends, so that nobody files beside it.
 */
export const standingTicket = async (
  tx: Database,
  tickets: Tickets,
  own: string,
  names: readonly string[],
): Promise<string> => {
  const candidates = [...new Set([own, ...names])]
  // In one order, so that two of us never wait for each other.
  for (const name of [...candidates].sort()) await lockName(tx, `ticket:${name}`)
  for (const name of candidates) if (await tickets.openFor(name)) return name
  return own
}

/** The name under which it is told: that of the latest alert on any of `names`, else `own`. */
export const standingAlert = async (
  tx: Database,
  own: string,
  names: readonly string[],
): Promise<string> => {
  const open = await tx.kysely
    .selectFrom('alerts')
    .select('fingerprint')
    .where('fingerprint', 'in', [...new Set([own, ...names])])
    .where('state', 'in', toldStates)
    .orderBy('id', 'desc')
    .limit(1)
    .executeTakeFirst()
  return open?.fingerprint ?? own
}
