import type { Database } from '@mc/db/database.ts'
import { sql } from 'kysely'
import { type Clock, isoTime } from '../clock.ts'
import type { ActionClass } from './classes.ts'
import { HANDED_OVER } from './decide.ts'
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

/** Why one waited that no class could have let through: the beginnings of its reason. */
const OTHER_REASONS = ['It waits for you: %', 'A worker has %']

async function* pastActs(db: Database, since: string): AsyncGenerator<PastAct> {
  const wasPaused = await pauses(db)
  let after = 0
  for (;;) {
    const rows = await db.kysely
      .selectFrom('acts')
      .leftJoin('proposals', 'proposals.id', 'acts.proposal_id')
      .leftJoin('proposals as earlier', 'earlier.id', 'proposals.replaces')
      .leftJoin('turns', 'turns.id', 'acts.turn_id')
      .selectAll('acts')
      // Turns go with the years, proposals stay.
      .select(sql<string | null>`coalesce(proposals.origin, turns.origin)`.as('origin'))
      .select((eb) =>
        eb
          .case()
          .when(
            eb.or([
              // A text that says the same has its quotes escaped.
              eb('proposals.content', 'like', '%"questions":[{%'),
              eb('earlier.asked_turn_id', 'is not', null),
              eb('turns.evidence', 'like', '%"swayed":%'),
              eb('turns.author', '=', HANDED_OVER),
              ...OTHER_REASONS.map((reason) => eb('proposals.reason', 'like', reason)),
            ]),
          )
          .then(1)
          .else(0)
          .end()
          .as('waits'),
      )
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
        alwaysWaits: Number(row.waits) === 1 || wasPaused(row.created_at),
      }
    }
    const last = rows.at(-1)
    if (!last || rows.length < BATCH) return
    after = Number(last.id)
  }
}

/** Whether a moment was in a pause; a refusal takes the place of the reason that said so. */
const pauses = async (db: Database): Promise<(at: string) => boolean> => {
  const events = await db.kysely
    .selectFrom('autonomy_events')
    .select(['at', 'kind'])
    .where('kind', 'in', ['paused', 'resumed'])
    .orderBy('id')
    .execute()
  return (at) => events.findLast((event) => event.at <= at)?.kind === 'paused'
}
