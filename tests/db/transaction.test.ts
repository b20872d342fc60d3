import { lockName } from '@mc/db/lock.ts'
import t from 'tap'
import { onEachDatabase, postgresDatabase } from '../support/database.ts'

onEachDatabase('a transaction that throws leaves nothing', async (t, db) => {
  await t.rejects(
    db.transaction(async (tx) => {
      await tx.kysely
        .insertInto('orchestrator_inbox')
        .values({ source_type: 'test', message: 'undone' })
        .execute()
      throw new Error('no')
    }),
  )
  t.same(await db.kysely.selectFrom('orchestrator_inbox').select('id').execute(), [])
})

onEachDatabase('a transaction inside a transaction joins it', async (t, db) => {
  await t.rejects(
    db.transaction(async (tx) => {
      await tx.transaction((inner) =>
        inner.kysely
          .insertInto('orchestrator_inbox')
          .values({ source_type: 'test', message: 'undone too' })
          .execute(),
      )
      throw new Error('no')
    }),
  )
  t.same(await db.kysely.selectFrom('orchestrator_inbox').select('id').execute(), [])
})

t.test(
  'two that wait for each other both end, the victim by running again (postgres)',
  async (t) => {
    const db = await postgresDatabase(t)
    const held = { a: Promise.withResolvers<void>(), b: Promise.withResolvers<void>() }
    let runs = 0
    const lockBoth = (first: 'a' | 'b', second: 'a' | 'b') =>
      db.transaction(async (tx) => {
        runs++
        await lockName(tx, first)
        held[first].resolve()
        await held[second].promise
        await lockName(tx, second)
        return first
      })
    t.same(await Promise.all([lockBoth('a', 'b'), lockBoth('b', 'a')]), ['a', 'b'])
    t.equal(runs, 3)
  },
)
