import type { Database } from '@mc/db/database.ts'
import { sql } from 'kysely'

type TotalsTable = 'turn_totals' | 'alert_totals'
type Row = { keys: Record<string, string>; sums: Record<string, number> }

/** Adds rows that are let go of to their totals, those of the same keys together. */
export const addUp = async (
  tx: Database,
  table: TotalsTable,
  rows: readonly Row[],
): Promise<void> => {
  for (const [, same] of Map.groupBy(rows, ({ keys }) => JSON.stringify(Object.values(keys)))) {
    const [first] = same
    if (!first) continue
    const names = Object.keys(first.sums)
    const sums = names.map((name) => same.reduce((sum, row) => sum + (row.sums[name] ?? 0), 0))
    const columns = [...Object.keys(first.keys), ...names]
    await sql`
      insert into ${sql.table(table)} (${sql.join(columns.map((name) => sql.ref(name)))})
      values (${sql.join([...Object.values(first.keys), ...sums])})
      on conflict (${sql.join(Object.keys(first.keys).map((name) => sql.ref(name)))}) do update set
        ${sql.join(
          names.map(
            (name) =>
              sql`${sql.ref(name)} = ${sql.ref(`${table}.${name}`)} + ${sql.ref(`excluded.${name}`)}`,
          ),
        )}`.execute(tx.kysely)
  }
}
