import { execFileSync } from 'node:child_process'
import { openBell } from '@mc/core/bell.ts'
import { systemClock } from '@mc/core/clock.ts'
import { openDatabase } from '@mc/db/database.ts'
import t from 'tap'
import { onEachDatabase, sqliteDatabase } from '../support/database.ts'

const insert = { source_type: 'test', message: 'ring' }

onEachDatabase('a change by another connection rings', async (t, db) => {
  const bell = await openBell(db, systemClock)
  t.teardown(() => bell.close())
  const other = openDatabase(db.dialect === 'sqlite' ? db.path : db.url)
  t.teardown(() => other.close())
  const rung = new Promise<void>((resolve) => bell.listen(resolve))
  await other.kysely.insertInto('orchestrator_inbox').values(insert).execute()
  await rung
  t.pass('it rang')
})

onEachDatabase('many changes in a burst are few rings', async (t, db) => {
  const bell = await openBell(db, systemClock)
  t.teardown(() => bell.close())
  let rings = 0
  const first = new Promise<void>((resolve) => {
    bell.listen(() => {
      rings++
      resolve()
    })
  })
  await db.transaction(async (tx) => {
    for (let n = 0; n < 50; n++)
      await tx.kysely.insertInto('orchestrator_inbox').values(insert).execute()
  })
  await first
  t.ok(rings < 10, `${rings} rings for 50 rows`)
})

onEachDatabase('who stopped listening hears nothing more', async (t, db) => {
  const bell = await openBell(db, systemClock)
  t.teardown(() => bell.close())
  let heard = 0
  const unlisten = bell.listen(() => heard++)
  unlisten()
  const rung = new Promise<void>((resolve) => bell.listen(resolve))
  await db.kysely.insertInto('orchestrator_inbox').values(insert).execute()
  await rung
  t.equal(heard, 0)
})

onEachDatabase('a wait ends at its signal', async (t, db) => {
  const bell = await openBell(db, systemClock)
  t.teardown(() => bell.close())
  const stop = new AbortController()
  const wait = bell.wait(3_600_000, stop.signal)
  stop.abort()
  await wait
  t.pass('it ended')
})

t.test('another program’s insert rings (sqlite)', async (t) => {
  const db = await sqliteDatabase(t)
  const bell = await openBell(db, systemClock)
  t.teardown(() => bell.close())
  const rung = new Promise<void>((resolve) => bell.listen(resolve))
  execFileSync(process.execPath, [
    '--input-type=module',
    '-e',
    `import { DatabaseSync } from 'node:sqlite'
     new DatabaseSync(${JSON.stringify(db.path)})
       .exec("insert into orchestrator_inbox(source_type, source_id, message) values ('cron', 'x', 'hello')")`,
  ])
  await rung
  t.pass('it rang')
})
