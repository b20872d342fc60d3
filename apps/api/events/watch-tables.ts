import type { Workers } from '@mc/core/workers/workers.ts'
import type { Database } from '@mc/db/database.ts'
import { sql } from 'kysely'

export type WatchedTable =
  | 'tickets'
  | 'turns'
  | 'inbox'
  | 'tasks'
  | 'runs'
  | 'alerts'
  | 'digests'
  | 'questions'
  | 'settings'
  | 'proposals'
  | 'acts'
  | 'workers'

/**
 * A few cheap facts of each table (ends of indexes, the small sets of what is open) that differ
 * after any change worth showing. The bell says that something changed, this says what.
 */
const facts: Record<Exclude<WatchedTable, 'workers'>, string> = {
  tickets: `select (select max(id) from tickets) a, (select max(id) from ticket_events) b`,
  turns: `select (select max(seq) from turns) a, (select count(*) from turns where state = 'queued') b,
    (select max(ended_at) from (select ended_at from turns order by seq desc limit 20) last) c`,
  inbox: `select (select max(id) from orchestrator_inbox) a,
    (select count(*) from orchestrator_inbox where status = 'claimed') b,
    (select max(claim_expires_at) from orchestrator_inbox where status = 'claimed') c,
    (select max(processed_at) from orchestrator_inbox where status = 'processed' and processed_at is not null) d,
    (select max(processed_at) from orchestrator_inbox where status = 'ignored' and processed_at is not null) e`,
  tasks: `select max(updated_at) a, max(next_run_at) b, sum(consecutive_failures) c,
    count(run_requested_at) d, count(paused_at) e, count(*) f from tasks`,
  runs: `select (select max(seq) from runs) a,
    (select count(*) from runs where status = 'queued') b,
    (select count(*) from runs where status = 'running') c,
    (select count(*) from runs where cancel_asked_at is not null and ended_at is null) d`,
  alerts: `select max(id) a, max(acknowledged_at) b, max(snoozed_until) c, max(resolved_at) d,
    max(sent_at) e, sum(occurrences) f, sum(case state when 'undelivered' then 1 when 'expired' then 1 else 0 end) g,
    (select max(id) from alert_events) h, (select max(id) from mutes) i,
    (select count(*) from mutes where ended_at is null) j
    from (select * from alerts order by id desc limit 500) last`,
  digests: `select max(opened_at) a, max(settled_at) b, max(sealed_at) c
    from (select * from digests order by opened_at desc limit 20) last`,
  questions: `select (select max(id) from questions) a, (select max(answered_at) from (
    select answered_at from questions order by id desc limit 20) last) b,
    (select count(*) from questions where state = 'open') c`,
  proposals: `select max(seq) a, sum(version) b from (select seq, version from proposals order by seq desc limit 200) last`,
  acts: `select max(id) a, max(decided_at) b, max(corrected_at) c from (select * from acts order by id desc limit 500) last`,
  settings: `select count(*) a, max(set_at) b from settings`,
}

/** The tables that differ from the last time it was asked; the first time none. */
export const watchTables = (db: Database, workers: Workers) => {
  const last = new Map<WatchedTable, string>()
  const see = (table: WatchedTable, fact: string): boolean => {
    const before = last.get(table)
    last.set(table, fact)
    return before !== undefined && before !== fact
  }
  return {
    async changed(): Promise<WatchedTable[]> {
      const changed: WatchedTable[] = []
      for (const [table, query] of Object.entries(facts) as [keyof typeof facts, string][]) {
        const { rows } = await sql.raw(query).execute(db.kysely)
        if (see(table, JSON.stringify(rows[0]))) changed.push(table)
      }
      const health = await workers.health()
      if (see('workers', health.map((one) => `${one.name}:${one.state}`).join()))
        changed.push('workers')
      return changed
    },
  }
}

export type WatchTables = ReturnType<typeof watchTables>
