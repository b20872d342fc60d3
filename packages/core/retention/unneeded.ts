import { type RawBuilder, type SqlBool, sql } from 'kysely'
import { toldStates } from '../alerts/alert.ts'

/**
 * A run `r` that belongs to no open problem. Kept whatever their age are those
 * - of a task that fails now, since its row of failures began, and its last success before;
 * - of an open ticket, or with a fingerprint that has an open ticket or an alert that is not over;
 * - told by an item that is not settled.
 */
export const unneeded: RawBuilder<SqlBool> = sql<SqlBool>`(
  r.ended_at is not null
  and not exists (
    select 1 from tasks t where t.id = r.task_id and t.failing_since is not null
      and (r.ended_at >= t.failing_since or r.seq = (
        select max(seq) from runs good where good.task_id = t.id and good.status = 'ok')))
  and not exists (
    select 1 from tickets k where k.closed_at is null
      and (k.id = r.ticket_id or k.fingerprint = r.fingerprint or k.fingerprint = 'task:' || r.task_id))
  and not exists (
    select 1 from alerts a where a.fingerprint = r.fingerprint
      and a.state in (${sql.join([...toldStates])}))
  and not exists (
    select 1 from orchestrator_inbox i where i.run_id = r.id
      and (i.status is null or i.status not in ('processed', 'ignored'))))`

/** Runs of a task that have at least so many newer ones: all up to this seq. Null when it has fewer. */
export const lastButNewest = (count: number, taskId: RawBuilder<unknown>) => sql<number | null>`(
  select seq from runs newer where newer.task_id = ${taskId}
  order by newer.seq desc limit 1 offset ${sql.lit(count)})`
