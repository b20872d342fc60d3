#!/usr/bin/env node
import { openStore } from '@mc/core/process/open-store.ts'
import { runMain } from '@mc/core/process/run-main.ts'

/** `pnpm migrate`: brings the database up to date and says what it did. */
await runMain('migrate', async ({ config }) => {
  const { db, applied } = await openStore(config)
  await db.close()
  const what = applied.length > 0 ? `applied ${applied.join(', ')}` : 'is up to date already'
  process.stdout.write(`The ${db.dialect} database ${what}.\n`)
})
