import { toldStates } from '@mc/core/alerts/alert.ts'
import { tellRecovered } from '@mc/core/alerts/recovery.ts'
import { createTickets } from '@mc/core/tickets/tickets.ts'
import { isFlapping } from '@mc/core/triage/flapping.ts'
import { lastOutcomes } from '@mc/core/triage/history.ts'
import { FLAPPING } from '@mc/core/triage/trouble.ts'
import type { Database } from '@mc/db/database.ts'
import { lockName } from '@mc/db/lock.ts'
import type { Desk } from './desk.ts'

/** Looked for so often: what goes well again posts nothing that would say so. */
export const CALM_LOOK_MS = 10 * 60_000

/**
 * What flapped and does no more: its alert ends, who was told hears so once, its ticket is told.
 * Only what a person can still see is looked at, so that this costs nothing on a quiet desk.
 */
export const tellOfCalm = async (desk: Desk): Promise<void> => {
  const open = await desk.db.kysely
    .selectFrom('alerts')
    .select(['fingerprint', 'title'])
    .where('state', 'in', toldStates)
    .where('fingerprint', 'like', `${FLAPPING}%`)
    .execute()
  for (const { fingerprint, title } of open) {
    const outcomes = await lastOutcomes(desk.db, fingerprint.slice(FLAPPING.length))
    if (isFlapping(outcomes) || outcomes.at(-1) !== false) continue
    const text = 'It has gone well for a while.'
    await desk.db.transaction(async (tx) => {
      await lockName(tx, `alert:${fingerprint}`)
      if (!(await isOpen(tx, fingerprint))) return
      const tickets = createTickets(tx, desk.clock)
      const ticket = await tickets.openFor(fingerprint)
      if (ticket) await tickets.comment(ticket.id, `Calm again. ${text}`, { actor: 'pickup' })
      await tellRecovered(tx, desk.clock, {
        fingerprints: [fingerprint],
        title: `Calm again: ${title}`.slice(0, 200),
        text,
        repeatIntervalMs: desk.triage.repeatIntervalMs,
      })
    })
  }
}

/** Another pickup may have been first. */
const isOpen = async (tx: Database, fingerprint: string): Promise<boolean> => {
  const row = await tx.kysely
    .selectFrom('alerts')
    .select('id')
    .where('fingerprint', '=', fingerprint)
    .where('state', 'in', toldStates)
    .limit(1)
    .executeTakeFirst()
  return row !== undefined
}
