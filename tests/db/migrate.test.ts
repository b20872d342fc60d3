import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { claimAgedLow, claimByRank, expired, oldestLow, stray } from '@mc/core/inbox/statements.ts'
import { toStop } from '@mc/core/runs/statements.ts'
import type { Database } from '@mc/db/database.ts'
import { migrate } from '@mc/db/migrate.ts'
import { migrations } from '@mc/db/migrations/index.ts'
import { type BuildStatement, compileStatement } from '@mc/db/statement.ts'
import { nextDue } from '@mc/scheduler/statements.ts'
import { CompiledQuery, sql } from 'kysely'
import t from 'tap'
import { onEachDatabase, sqliteDatabase } from '../support/database.ts'

onEachDatabase('a database that is up to date is left alone', async (t, db) => {
  t.same(await migrate(db), { applied: [] })
})

onEachDatabase('a database from a newer version is refused and not touched', async (t, db) => {
  await sql`insert into kysely_migration (name, timestamp) values ('999-from-the-future', '2030-01-01T00:00:00.000Z')`.execute(
    db.kysely,
  )
  await t.rejects(migrate(db), { code: 'database_from_future' })
  await t.rejects(migrate(db), { message: /newer version.*999-from-the-future/ })
})

t.test('several processes may migrate at once', async (t) => {
  const db = await sqliteDatabase(t)
  const migrateFresh = () =>
    promisify(execFile)(process.execPath, [
      join(import.meta.dirname, '../fixtures/migrates.ts'),
      `${db.path}.fresh`,
    ])
  const results = await Promise.all([migrateFresh(), migrateFresh(), migrateFresh()])
  t.same(results.map(({ stdout }) => stdout.trim()).sort(), [
    '0',
    '0',
    String(Object.keys(migrations).length),
  ])
})

t.test('the inbox is the proposal’s to the letter (sqlite)', async (t) => {
  const db = await sqliteDatabase(t)
  const columns = await sql<{
    name: string
    type: string
    dflt_value: string | null
    notnull: number
  }>`
    select name, type, dflt_value, "notnull" from pragma_table_info('orchestrator_inbox') limit 9`.execute(
    db.kysely,
  )
  t.same(
    columns.rows.map(({ name, type, dflt_value, notnull }) => [name, type, dflt_value, notnull]),
    [
      ['id', 'INTEGER', null, 0],
      ['source_type', 'TEXT', null, 1],
      ['source_id', 'TEXT', null, 0],
      ['message', 'TEXT', null, 1],
      ['priority', 'TEXT', "'normal'", 0],
      ['status', 'TEXT', "'pending'", 0],
      ['created_at', 'TEXT', "datetime('now')", 0],
      ['processed_at', 'TEXT', null, 0],
      ['claim_expires_at', 'TEXT', null, 0],
    ],
  )
  const index = await sql<{ sql: string }>`
    select sql from sqlite_master where name = 'idx_orchestrator_inbox'`.execute(db.kysely)
  t.equal(
    index.rows[0]?.sql,
    'CREATE INDEX idx_orchestrator_inbox ON orchestrator_inbox(status, priority, created_at)',
  )
})

t.test('every column beyond the nine may be left out (sqlite)', async (t) => {
  const db = await sqliteDatabase(t)
  const beyond = await sql<{ name: string; notnull: number }>`
    select name, "notnull" from pragma_table_info('orchestrator_inbox') where cid >= 9`.execute(
    db.kysely,
  )
  t.ok(beyond.rows.length > 0)
  t.same(
    beyond.rows.filter((column) => column.notnull),
    [],
  )
})

t.test('draining reads the partial indexes and sorts nothing (sqlite)', async (t) => {
  const db = await sqliteDatabase(t)
  for (const [statement, index] of [
    [claimByRank('sqlite', 50), 'orchestrator_inbox_pending'],
    [claimAgedLow('sqlite', 12), 'orchestrator_inbox_pending'],
    [oldestLow('sqlite'), 'orchestrator_inbox_pending'],
    [expired('sqlite'), 'orchestrator_inbox_claimed'],
    [stray('sqlite'), 'orchestrator_inbox_stray'],
  ] as const) {
    const detail = await planOf(db, statement)
    t.match(detail, index)
    t.notMatch(detail, /TEMP B-TREE|SCAN orchestrator_inbox(?! USING)/)
  }
})

t.test('what is to stop is read from its own index, however many runs there are', async (t) => {
  const db = await sqliteDatabase(t)
  for (const statement of [nextDue, toStop]) {
    const detail = await planOf(db, statement)
    t.match(detail, 'runs_to_stop')
    t.notMatch(detail, /TEMP B-TREE|SCAN runs/)
  }
})

/** How SQLite would go about it, in its own words. */
const planOf = async (db: Database, statement: BuildStatement): Promise<string> => {
  const { sql: text } = compileStatement('plan', db.kysely, statement)
  const plan = await db.kysely.executeQuery<{ detail: string }>(
    CompiledQuery.raw(`explain query plan ${text}`, text.match(/\?/g)?.map(() => 1) ?? []),
  )
  return plan.rows.map((row) => row.detail).join('; ')
}
