import type { Database } from '@mc/db/database.ts'
import type { Schema } from '@mc/db/schema.ts'
import { sql } from 'kysely'

type Exported = {
  table: keyof Schema
  /** Names one row, and the order it is told in. */
  key: readonly string[]
  /** Columns that hold JSON text. */
  json?: readonly string[]
}

/**
 * What an export holds, in an order in which it can be read back. Left out: credentials, and what
 * is only good for this installation (idempotency keys, search words, buttons, leases of senders).
 */
export const exported: readonly Exported[] = [
  { table: 'tickets', key: ['id'], json: ['labels'] },
  { table: 'ticket_events', key: ['id'] },
  { table: 'ticket_links', key: ['ticket_id', 'blocked_by_id'] },
  { table: 'turns', key: ['seq'], json: ['evidence', 'prompt'] },
  { table: 'attachments', key: ['id'] },
  { table: 'proposals', key: ['id'], json: ['content', 'accepted', 'asked_content'] },
  { table: 'questions', key: ['id'], json: ['options'] },
  { table: 'orchestrator_inbox', key: ['id'], json: ['detail'] },
  { table: 'digests', key: ['id'] },
  { table: 'verdicts', key: ['item_id', 'digest_id'] },
  { table: 'effects', key: ['item_id', 'effect'] },
  { table: 'corrections', key: ['id'] },
  {
    table: 'item_days',
    key: ['day', 'source_type', 'source_id', 'kind', 'verdict', 'decided_by'],
  },
  { table: 'alerts', key: ['id'] },
  { table: 'alert_events', key: ['id'] },
  { table: 'alert_deliveries', key: ['id'] },
  { table: 'tasks', key: ['id'], json: ['definition'] },
  { table: 'runs', key: ['seq'], json: ['command'] },
  { table: 'run_totals', key: ['task_id', 'status'] },
  { table: 'settings', key: ['name'], json: ['value'] },
]

const ROWS_AT_ONCE = 500

/**
 * One JSON document, piece by piece, so that memory stays flat whatever there is. Rows are as they
 * are stored, JSON columns as JSON. What is written meanwhile may be in it or not; for one exact
 * moment there is the backup.
 */
export async function* exportAll(
  db: Database,
  about: { version: string; at: string },
): AsyncGenerator<string> {
  yield `{"format":"mission-control-export-1","version":${JSON.stringify(about.version)},"exportedAt":${JSON.stringify(about.at)},"tables":{`
  let isFirst = true
  for (const one of exported) {
    yield `${isFirst ? '' : ',\n'}${JSON.stringify(one.table)}:[`
    isFirst = false
    yield* rowsOf(db, one)
    yield ']'
  }
  yield '}}\n'
}

async function* rowsOf(db: Database, { table, key, json = [] }: Exported): AsyncGenerator<string> {
  const columns = sql.join(key.map((column) => sql.ref(column)))
  let after: unknown[] | null = null
  for (;;) {
    const from: ReturnType<typeof sql> = after
      ? sql`where (${columns}) > (${sql.join(after)})`
      : sql``
    const { rows }: { rows: Record<string, unknown>[] } = await sql<
      Record<string, unknown>
    >`select * from ${sql.table(table)} ${from} order by ${columns} limit ${sql.lit(ROWS_AT_ONCE)}`.execute(
      db.kysely,
    )
    if (rows.length > 0)
      yield (after ? ',\n' : '\n') +
        rows.map((row) => JSON.stringify(parsed(row, json))).join(',\n')
    if (rows.length < ROWS_AT_ONCE) return
    const last: Record<string, unknown> = rows.at(-1) ?? {}
    after = key.map((column) => last[column])
  }
}

const parsed = (row: Record<string, unknown>, json: readonly string[]): Record<string, unknown> => {
  const whole = { ...row }
  for (const column of json)
    if (typeof whole[column] === 'string') whole[column] = asJson(whole[column])
  return whole
}

/** Another program may have written what is no JSON: it stays the text it is. */
const asJson = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}
