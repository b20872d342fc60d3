import type { Database } from '@mc/db/database.ts'
import { sql } from 'kysely'
import { toldStates } from '../alerts/alert.ts'
import { type Clock, inboxTime, parseTime } from '../clock.ts'
import type { Item } from '../inbox/item.ts'
import { ticketKey } from '../tickets/ticket.ts'
import { isFlapping } from '../triage/flapping.ts'
import { outcomesOf } from '../triage/history.ts'
import { isFailureKind, outcomeOf } from '../triage/outcome.ts'
import { withCounts } from '../triage/streak.ts'
import type { Background } from './entries.ts'
import { type Group, groupsOf } from './groups.ts'

const DAY_MS = 86_400_000

/** No digest has room for more troubles, and no statement for any number of parameters. */
const TROUBLES_MAX = 100

/** So often is often: no row of a trouble beyond these is looked at. */
const COUNTED_MAX = 500

/**
 * What the desk knows of the items' troubles beside them: how often today, when before, the open
 * ticket, whether it was told, whether it flaps.
 */
export const backgroundOf = async (
  db: Database,
  clock: Clock,
  items: readonly Item[],
): Promise<(fingerprint: string) => Background> => {
  const groups = groupsOf(items).slice(0, TROUBLES_MAX)
  if (groups.length === 0) return () => ({ today: 0, ticket: null, told: false })
  const fingerprints = groups.map(({ fingerprint }) => fingerprint)
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
  const today = await countsToday(db, fingerprints, clock.now())
  const open = new Map(tickets.map((row) => [row.fingerprint, ticketKey(row.id)]))
  const seen = await seenBefore(db, groups)
  const failing = new Map<string, { failures: number; flapping: boolean }>()
  for (const { fingerprint, newest } of groups)
    if (isFailureKind(newest.kind)) failing.set(fingerprint, await streakAndFlapping(db, newest))
  return (fingerprint) => ({
    ...failing.get(fingerprint),
    today: today.get(fingerprint) ?? 0,
    ticket: open.get(fingerprint) ?? null,
    told: told.has(fingerprint),
    before: seen.get(fingerprint) ?? null,
  })
}

/** Of the newest of each trouble: what came since this time yesterday. */
const countsToday = async (
  db: Database,
  fingerprints: readonly string[],
  now: Date,
): Promise<Map<string, number>> => {
  const newest = fingerprints.map(
    (fingerprint) => sql`
      select * from (
        select fingerprint, created_at from orchestrator_inbox
        where fingerprint = ${fingerprint} order by id desc limit ${sql.lit(COUNTED_MAX)}) newest`,
  )
  const { rows } = await sql<{ fingerprint: string; count: number }>`
    select fingerprint, count(*) as count from (${sql.join(newest, sql` union all `)}) counted
    where created_at > ${inboxTime(new Date(now.getTime() - DAY_MS))}
    group by fingerprint`.execute(db.kysely)
  return new Map(rows.map(({ fingerprint, count }) => [fingerprint, Number(count)]))
}

const streakAndFlapping = async (db: Database, item: Item) => {
  const { consecutiveFailures, sameFingerprint } = outcomeOf(await withCounts(db, item))
  return {
    failures: Math.max(consecutiveFailures, sameFingerprint),
    flapping: isFlapping(await outcomesOf(db, item)),
  }
}

/** When each trouble came in last before the digest's own items, each by one step in an index. */
const seenBefore = async (db: Database, groups: readonly Group[]): Promise<Map<string, Date>> => {
  const last = groups.map(
    ({ fingerprint, items }) => sql`
      select * from (
        select fingerprint, created_at from orchestrator_inbox
        where fingerprint = ${fingerprint} and id < ${items[0]?.id ?? 0}
        order by id desc limit 1) earlier`,
  )
  const { rows } = await sql<{ fingerprint: string; created_at: string | null }>`
    ${sql.join(last, sql` union all `)}`.execute(db.kysely)
  return new Map(
    rows.flatMap(({ fingerprint, created_at }) => {
      const at = parseTime(created_at)
      return at ? [[fingerprint, at]] : []
    }),
  )
}
