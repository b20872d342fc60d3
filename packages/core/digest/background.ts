import type { Database } from '@mc/db/database.ts'
import { toldStates } from '../alerts/alert.ts'
import { type Clock, inboxTime } from '../clock.ts'
import type { Item } from '../inbox/item.ts'
import { ticketKey } from '../tickets/ticket.ts'
import { fingerprintFor } from '../triage/outcome.ts'
import type { Background } from './digest.ts'

const DAY_MS = 86_400_000

/** What the desk knows of the items' troubles: how often today, the open ticket, whether it was told. */
export const backgroundOf = async (
  db: Database,
  clock: Clock,
  items: readonly Item[],
): Promise<(fingerprint: string) => Background> => {
  const here = new Map<string, number>()
  for (const item of items) {
    const fingerprint = fingerprintFor(item)
    here.set(fingerprint, (here.get(fingerprint) ?? 0) + 1)
  }
  // No digest has room for more, and no statement for any number of parameters.
  const fingerprints = [...here.keys()].slice(0, 1_000)
  if (fingerprints.length === 0) return () => ({ today: 0, ticket: null, told: false })
  const counts = await db.kysely
    .selectFrom('orchestrator_inbox')
    .select((eb) => ['fingerprint', eb.fn.countAll<number>().as('count')])
    .where('fingerprint', 'in', fingerprints)
    .where('created_at', '>', inboxTime(new Date(clock.now().getTime() - DAY_MS)))
    .groupBy('fingerprint')
    .execute()
  const tickets = await db.kysely
    .selectFrom('tickets')
    .select(['id', 'fingerprint'])
    .where('fingerprint', 'in', fingerprints)
    .where('closed_at', 'is', null)
    .execute()
  const alerts = await db.kysely
    .selectFrom('alerts')
    .select('fingerprint')
    .where('fingerprint', 'in', fingerprints)
    .where('state', 'in', toldStates)
    .execute()
  const told = new Set(alerts.map((row) => row.fingerprint))
  const today = new Map(counts.map((row) => [row.fingerprint, Number(row.count)]))
  const open = new Map(tickets.map((row) => [row.fingerprint, ticketKey(row.id)]))
  return (fingerprint) => ({
    today: Math.max(today.get(fingerprint) ?? 0, here.get(fingerprint) ?? 0),
    ticket: open.get(fingerprint) ?? null,
    told: told.has(fingerprint),
  })
}
