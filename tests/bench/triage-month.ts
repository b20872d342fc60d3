/** A replayed month: `node tests/bench/triage-month.ts [days]`. Numbers, and whether all adds up. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createTokenCounter } from '@mc/core/digest/tokens.ts'
import { openDatabase } from '@mc/db/database.ts'
import { migrate } from '@mc/db/migrate.ts'
import { sql } from 'kysely'
import { startBotApi } from '../support/bot-api.ts'
import { type Plan, playMonth } from './month.ts'
import { accountFor } from './month-account.ts'

const days = Number(process.argv[2] ?? 30)
const at = (day: number, hour: number) => (day - 1) * 1_440 + hour * 60
const plan: Plan = {
  minutes: days * 1_440,
  afterMinutes: 12 * 60,
  telegramOut: [
    { fromMinute: at(5, 2), minutes: 180, how: 'hang_up' },
    { fromMinute: at(18, 10), minutes: 420, how: 'server_error' },
  ],
  luciDown: [{ fromMinute: at(14, 0), minutes: 1_440 }],
  luciSilent: [{ fromMinute: at(22, 8), minutes: 300 }],
  // The second time while Telegram is away.
  expires: [at(9, 9) + 20, at(18, 12)],
}

const folder = mkdtempSync(join(tmpdir(), 'mc-month-'))
const ends: (() => unknown)[] = []
const bot = await startBotApi({ teardown: (end: () => unknown) => void ends.push(end) } as never)
const db = openDatabase(join(folder, 'month.db'))
try {
  await migrate(db)
  // A play, not a desk: what a power cut would take is played again.
  await sql`pragma synchronous = off`.execute(db.kysely)
  const began = performance.now()
  const played = await playMonth(db, bot, plan)
  const { wrong, ...account } = await accountFor(db, played, createTokenCounter())
  console.log(JSON.stringify(account, null, 2))
  for (const { at: expiredAt, firstFailureAt, toldAt } of played.expired)
    console.log(
      `credential expired ${new Date(expiredAt).toISOString()}: first failure to message ${
        firstFailureAt && toldAt ? `${((toldAt - firstFailureAt) / 1_000).toFixed(1)} s` : 'never'
      }`,
    )
  console.log(`${wrong.length} things do not add up`, wrong.slice(0, 40))
  console.log(`${days} days in ${((performance.now() - began) / 1_000).toFixed(0)} s`)
} finally {
  for (const end of ends) await end()
  await db.close()
  rmSync(folder, { recursive: true, force: true })
}
