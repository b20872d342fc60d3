/** Whether the database is whole (SQLite) or answers (Postgres). Ends with 1 when it is not. */
import { join } from 'node:path'
import { findProblems } from '@mc/db/integrity.ts'

const began = performance.now()
const path = join(process.env.MC_DATA_DIR ?? 'data', 'mission-control.db')
const target = process.env.DATABASE_URL || path
const problems = await findProblems(target)
for (const problem of problems) console.error(`Error: ${problem}`)
if (problems.length > 0) process.exitCode = 1
else {
  const tookMs = Math.round(performance.now() - began)
  console.log(`The database is whole (${target === path ? 'SQLite' : 'Postgres'}, ${tookMs} ms)`)
}
