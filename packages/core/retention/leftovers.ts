import { createMutes } from '../alerts/mutes.ts'
import { isoTime } from '../clock.ts'
import { createCredentials } from '../credentials/credentials.ts'
import { forgetButtons } from '../telegram/buttons.ts'
import { createOutgoing } from '../telegram/outgoing.ts'
import { createWorkers } from '../workers/workers.ts'
import type { Sweeping } from './retention.ts'

/** A repeated request within a day gets the first answer. */
export const ANSWERS_KEPT_MS = 86_400_000
/** A beat so old is of a process that nobody asks about any more. */
const BEATS_KEPT_MS = 7 * 86_400_000
/** A credential that was taken back says in the list for so long that it was. */
const REVOKED_KEPT_MS = 90 * 86_400_000
/** Of a mute nobody asks any more why something was not told. */
const MUTES_KEPT_MS = 90 * 86_400_000

/** Rows that lose their use by themselves. Returns how many went. */
export const forgetLeftovers = async ({ db, clock, keep }: Sweeping): Promise<number> => {
  const before = (ms: number) => new Date(clock.now().getTime() - ms)
  const answers = await db.kysely
    .deleteFrom('idempotency_keys')
    .where('created_at', '<', isoTime(before(ANSWERS_KEPT_MS)))
    .executeTakeFirst()
  const revoked = await db.kysely
    .deleteFrom('credentials')
    .where('kind', 'in', ['sign_in', 'browser'])
    .where('revoked_at', '<', isoTime(before(REVOKED_KEPT_MS)))
    .executeTakeFirst()
  await createCredentials(db, clock).forget(clock.now())
  const beats = await createWorkers(db, clock).forget(before(BEATS_KEPT_MS))
  const mutes = await createMutes(db, clock).forget(before(MUTES_KEPT_MS))
  // What was asked is in the turn that asked, its answer in another: they go together.
  const questions = await db.kysely
    .deleteFrom('questions')
    .where('state', '!=', 'open')
    .where('answered_at', '<', isoTime(before(keep.turnsMs)))
    .executeTakeFirst()
  const telegram = (await createOutgoing(db, clock).forget()) + (await forgetButtons(db, clock))
  const rows = [answers, revoked, questions].reduce(
    (sum, one) => sum + Number(one.numDeletedRows),
    0,
  )
  return rows + beats + mutes + telegram
}
