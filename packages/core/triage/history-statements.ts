import type { BuildStatement, MakeHole } from '@mc/db/statement.ts'
import { sql } from 'kysely'

/** The reads of a history. Literals where a partial index, or SQLite's planner, needs them. */

/** Runs are looked at up to the one at hand, or all of them when it is not kept any more. */
const upToRun = (hole: MakeHole) =>
  sql<boolean>`seq <= coalesce((select seq from runs where id = ${hole('run_id')}), 9007199254740991)`

/** A task's last runs of these ends. */
export const lastRuns =
  (statuses: readonly string[], limit: number): BuildStatement =>
  (db, hole) =>
    db
      .selectFrom('runs')
      .select('status')
      .where('task_id', '=', hole('task'))
      .where('status', 'in', [...statuses])
      .where(upToRun(hole))
      .orderBy('seq', 'desc')
      .limit(limit)

/** A task's last runs that have ended, however. */
export const endedRuns =
  (limit: number): BuildStatement =>
  (db, hole) =>
    db
      .selectFrom('runs')
      .select(['status', 'fingerprint'])
      .where('task_id', '=', hole('task'))
      .where('ended_at', 'is not', null)
      .where(upToRun(hole))
      .orderBy('seq', 'desc')
      .limit(limit)

/** How the items under a fingerprint went, up to the one at hand. */
export const lastOutcomes =
  (limit: number): BuildStatement =>
  (db, hole) =>
    db
      .selectFrom('orchestrator_inbox')
      .select('kind')
      .where('fingerprint', '=', hole('fingerprint'))
      .where('id', '<=', hole('id'))
      .where('kind', 'in', ['ok', 'failed', 'timeout', 'could_not_start', 'auth'])
      .orderBy('id', 'desc')
      .limit(limit)

/** More of a message than a title is not needed to tell it from others. */
const row = sql`source_id, kind, fingerprint, substr(message, 1, 2000) as message, created_at`

export const before =
  (limit: number): BuildStatement =>
  (db, hole) => ({
    compile: () =>
      sql`select ${row} from orchestrator_inbox
          where source_type = ${hole('source')} and source_type <> 'scheduler' and id < ${hole('id')}
          order by id desc limit ${sql.lit(limit)}`.compile(db),
  })

/** Those that had come when it was decided: claimed together they are seen together. */
export const after =
  (limit: number): BuildStatement =>
  (db, hole) => ({
    compile: () =>
      sql`select ${row} from orchestrator_inbox
          where source_type = ${hole('source')} and source_type <> 'scheduler' and id > ${hole('id')}
            and created_at <= ${hole('now')}
          order by id limit ${sql.lit(limit)}`.compile(db),
  })

export const missedAround =
  (limit: number): BuildStatement =>
  (db, hole) => ({
    compile: () =>
      sql`select * from (select ${row} from orchestrator_inbox
            where kind = 'missed' and kind <> 'ok' and id < ${hole('id')}
            order by id desc limit ${sql.lit(limit)}) earlier
          union all
          select * from (select ${row} from orchestrator_inbox
            where kind = 'missed' and kind <> 'ok' and id > ${hole('id')}
              and created_at <= ${hole('now')}
            order by id limit ${sql.lit(limit)}) later`.compile(db),
  })

export const lastTickets: BuildStatement = (db, hole) =>
  db
    .selectFrom('tickets')
    .select(['id', 'fingerprint', 'status', 'resolution', 'updated_at', 'closed_at'])
    .where('fingerprint', 'in', [hole('own'), hole('task'), hole('flapping'), hole('group')])
    .where('created_at', '<=', hole('now'))
    .orderBy('id')
