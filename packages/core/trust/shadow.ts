import type { Database } from '@mc/db/database.ts'
import { sql } from 'kysely'
import { type Clock, isoTime } from '../clock.ts'
import type { ActionClass } from './classes.ts'
import { createReplay, type PastAct, type Policy, type Replayed } from './replay.ts'

export type Shadow = {
  days: number
  since: string
  trusted: readonly ActionClass[]
  classes: Replayed[]
  /** What rules decide about items is replayed by its own command. */
  items: string
}

const BATCH = 1_000

/**
 * What would have been done at once over the last days under that policy, and what a person then
 * made of it. Changes nothing; reads batch by batch, whatever there is.
 */
export const shadowRun = async (
  db: Database,
  clock: Clock,
  { days, policy }: { days: number; policy: Policy },
): Promise<Shadow> => {
  const since = isoTime(new Date(clock.now().getTime() - days * 86_400_000))
  const replay = createReplay(policy)
  let decision: PastAct[] = []
  for await (const act of pastActs(db, since)) {
    if (decision[0] && !isSame(decision[0], act)) {
      replay.decide(decision)
      decision = []
    }
    decision.push(act)
  }
  replay.decide(decision)
  return {
    days,
    since,
    trusted: policy.trusted,
    classes: replay.end(),
    items: 'Verdicts on items: npx -y pnpm@12 mc triage try',
  }
}

/** The acts of a proposal are written in one transaction, one after the other. */
const isSame = (one: PastAct, other: PastAct): boolean =>
  one.proposalId !== null && one.proposalId === other.proposalId

async function* pastActs(db: Database, since: string): AsyncGenerator<PastAct> {
  let after = 0
  for (;;) {
    const rows = await db.kysely
      .selectFrom('acts')
      .leftJoin('proposals', 'proposals.id', 'acts.proposal_id')
      .leftJoin('turns', 'turns.id', 'acts.turn_id')
      .selectAll('acts')
      // Turns go with the years, proposals stay.
      .select(sql<string | null>`coalesce(proposals.origin, turns.origin)`.as('origin'))
      .where('acts.created_at', '>=', since)
      .where('acts.id', '>', after)
      .orderBy('acts.id')
      .limit(BATCH)
      .execute()
    for (const row of rows) {
      // She did it because she was asked: no policy has a say in that.
      if (row.state === 'done' && row.at_once === 0) continue
      yield {
        id: Number(row.id),
        class: row.class as ActionClass,
        proposalId: row.proposal_id,
        state: row.state,
        atOnce: row.at_once === 1,
        correction: row.correction,
        correctedAt: row.corrected_at,
        createdAt: row.created_at,
        decidedAt: row.decided_at,
        fromPerson: row.origin === null || ['user', 'telegram', 'api'].includes(row.origin),
      }
    }
    const last = rows.at(-1)
    if (!last || rows.length < BATCH) return
    after = Number(last.id)
  }
}
