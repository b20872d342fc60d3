import { createAlerts } from '@mc/core/alerts/alerts.ts'
import { inboxTime } from '@mc/core/clock.ts'
import { backgroundOf } from '@mc/core/digest/background.ts'
import { type Item, toItem } from '@mc/core/inbox/item.ts'
import { fingerprintFor, outcomeOf } from '@mc/core/triage/outcome.ts'
import { withCounts } from '@mc/core/triage/streak.ts'
import type { Database } from '@mc/db/database.ts'
import { toPerform } from '@mc/pickup/follow-up.ts'
import { listOfRefused } from '@mc/pickup/refused.ts'
import { CompiledQuery } from 'kysely'
import t from 'tap'
import { createTestClock } from '../support/clock.ts'
import { onEachDatabase, sqliteDatabase } from '../support/database.ts'

// What a round reads must not grow with the inbox.

t.test('verdicts to perform are looked up from the verdicts (sqlite)', async (t) => {
  const db = await sqliteDatabase(t)
  const { sql: text, parameters } = toPerform(db).compile()
  const plan = await db.kysely.executeQuery<{ detail: string }>(
    CompiledQuery.raw(`explain query plan ${text}`, [...parameters]),
  )
  const detail = plan.rows.map((row) => row.detail).join('; ')
  t.match(detail, 'verdicts_to_perform')
  t.match(detail, 'SEARCH orchestrator_inbox USING INTEGER PRIMARY KEY')
})

/** One of now, and after it so many whose time is long ago: what an index by id comes upon first. */
const oneBehind = async (db: Database, count: number, kind: 'auth' | 'failed'): Promise<Item> => {
  const now = inboxTime(createTestClock().now())
  const row = {
    source_type: 'ci',
    message: 'refused',
    status: 'processed',
    kind,
    fingerprint: 'auth:registry',
    detail: '{"credential":"registry"}',
  }
  const rows = [
    { ...row, source_id: 'one', created_at: now },
    ...Array.from({ length: count }, (_, n) => ({
      ...row,
      source_id: `old-${n}`,
      created_at: '2020-01-01 00:00:00',
    })),
    { ...row, source_id: 'last', created_at: now },
  ]
  for (let from = 0; from < rows.length; from += 100)
    await db.kysely
      .insertInto('orchestrator_inbox')
      .values(rows.slice(from, from + 100))
      .execute()
  const last = await db.kysely
    .selectFrom('orchestrator_inbox')
    .selectAll()
    .where('source_id', '=', 'last')
    .executeTakeFirstOrThrow()
  return toItem(last)
}

for (const [count, seen] of [
  [20, true],
  [600, false],
] as const) {
  const how = seen ? 'a few rows before are looked at' : 'no more rows than a limit are looked at'

  onEachDatabase(`${how} for who was refused a credential`, async (t, db) => {
    const item = await oneBehind(db, count, 'auth')
    const { alert } = await createAlerts(db, createTestClock(), { repeatIntervalMs: 1 }).raise({
      fingerprint: fingerprintFor(item),
      kind: 'auth',
      title: 'x',
      text: '',
    })
    const words = await listOfRefused(db, item, alert, '')
    t.equal(words?.text.trim(), seen ? 'Tasks: last, one' : undefined)
  })

  onEachDatabase(`${how} for how often a trouble came today`, async (t, db) => {
    const item = await oneBehind(db, count, 'failed')
    const { sameFingerprint } = outcomeOf(await withCounts(db, item))
    t.equal(sameFingerprint, seen ? 2 : 1)
    const background = await backgroundOf(db, createTestClock(), [item])
    t.match(background('auth:registry'), { today: seen ? 2 : 1 })
  })
}
