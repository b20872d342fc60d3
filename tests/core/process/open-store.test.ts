import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { AppError } from '@mc/core/errors.ts'
import { describeFailure } from '@mc/core/process/failure.ts'
import { openStore } from '@mc/core/process/open-store.ts'
import t, { type Test } from 'tap'
import { freePort } from '../../support/postgres.ts'

const folderFor = (test: Test): string => {
  const folder = mkdtempSync(join(tmpdir(), 'mc-store-'))
  test.teardown(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

const failureOf = (config: { dataDir: string; database: string }): Promise<unknown> =>
  openStore(config).then(
    () => null,
    (error) => error,
  )

t.test('the data folder is made for its user alone, and the database migrated', async (t) => {
  const dataDir = join(folderFor(t), 'deep', 'data')
  const { db, applied } = await openStore({ dataDir, database: join(dataDir, 'x.db') })
  await db.close()
  t.equal(statSync(dataDir).mode & 0o777, 0o700)
  t.ok(applied.length > 0)
})

t.test('a Postgres that is away is told without its password', async (t) => {
  const url = `postgres://me:hunter2@127.0.0.1:${await freePort()}/desk`
  const error = await failureOf({ dataDir: folderFor(t), database: url })
  t.match(error, { code: 'unavailable', message: /me@127\.0\.0\.1.*ECONNREFUSED/ })
  t.notMatch((error as Error).message, 'hunter2')
})

t.test('a file that is no database is told, and stays as it is', async (t) => {
  const dataDir = folderFor(t)
  const database = join(dataDir, 'x.db')
  writeFileSync(database, 'These are my notes, and no database at all. '.repeat(50))
  const { size } = statSync(database)
  t.match(await failureOf({ dataDir, database }), { code: 'unavailable', message: /NOTADB/ })
  t.equal(statSync(database).size, size)
})

t.test('an expected failure is told in words, with its code; a bug is not', (t) => {
  const wrong = new AppError('invalid', 'Two are wrong', { problems: ['a', 'b'], hint: 'Mend.' })
  t.same(describeFailure(wrong), { text: 'Two are wrong\n  - a\n  - b\nMend.', exitCode: 2 })
  t.match(describeFailure(new AppError('conflict', 'Taken')), { exitCode: 3, text: 'Taken' })
  t.match(describeFailure(new AppError('unavailable', 'Away')), { exitCode: 1, text: 'Away' })
  t.same(describeFailure(new TypeError('x is undefined')), { text: null, exitCode: 1 })
  t.end()
})
