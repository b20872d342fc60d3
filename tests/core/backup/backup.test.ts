import { spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  keepNewest,
  listBackups,
  makeBackup,
  type Sources,
  verifyBackup,
} from '@mc/core/backup/backup.ts'
import { restoreBackup } from '@mc/core/backup/restore.ts'
import { systemClock } from '@mc/core/clock.ts'
import { createCredentials } from '@mc/core/credentials/credentials.ts'
import { createInbox } from '@mc/core/inbox/inbox.ts'
import { occupy } from '@mc/core/process/occupy.ts'
import { createWorkers } from '@mc/core/workers/workers.ts'
import { type Database, openDatabase } from '@mc/db/database.ts'
import { migrate } from '@mc/db/migrate.ts'
import t, { type Test } from 'tap'
import { until } from '../../support/until.ts'

const NOW = new Date('2026-03-02T10:00:00Z')

/** A data folder in use: its database is open, with rows and an attached file. */
const openFolder = async (t: Test): Promise<{ from: Sources; db: Database; into: string }> => {
  const dataDir = mkdtempSync(join(tmpdir(), 'mc-backup-'))
  const database = join(dataDir, 'mission-control.db')
  const db = openDatabase(database)
  await migrate(db)
  t.teardown(async () => {
    await db.close()
    rmSync(dataDir, { recursive: true, force: true })
  })
  mkdirSync(join(dataDir, 'attachments', '2026-03'), { recursive: true })
  writeFileSync(join(dataDir, 'attachments', '2026-03', 'a.png'), 'picture')
  writeFileSync(join(dataDir, 'tasks.yaml'), 'tasks: []\n')
  await post(db, 'one')
  const files = [join(dataDir, 'tasks.yaml'), join(dataDir, 'there-is-none.yaml')]
  return {
    from: { database, dataDir, files, version: '1.2.3' },
    db,
    into: join(dataDir, 'backups'),
  }
}

/** Another process that posts without pause. */
const startWriter = (t: Test, path: string) => {
  const child = spawn(
    process.execPath,
    [join(import.meta.dirname, '../../fixtures/posts.ts'), path],
    {
      stdio: ['ignore', 'ignore', 'inherit'],
    },
  )
  t.teardown(async () => {
    const ended = once(child, 'exit')
    if (child.kill('SIGKILL')) await ended
  })
  return child
}

const post = (db: Database, message: string) =>
  createInbox(db, systemClock).post({ source: 'test', message })

const messages = async (path: string): Promise<string[]> => {
  const db = openDatabase(path)
  try {
    const rows = await db.kysely.selectFrom('orchestrator_inbox').select('message').execute()
    return rows.map(({ message }) => message)
  } finally {
    await db.close()
  }
}

t.test('a backup is made while others write, whole, as of one moment', async (t) => {
  const { from, into } = await openFolder(t)
  const writer = startWriter(t, from.database)
  await until('the other to write', async () => (await messages(from.database)).length > 20)
  const { folder, manifest } = await makeBackup(from, into, NOW)
  t.equal(writer.exitCode, null, 'it wrote all the time')
  t.match(folder, /2026-03-02T100000Z$/)
  t.same(await verifyBackup(folder), [])
  t.same(
    manifest.files.map(({ path }) => path),
    ['attachments/2026-03/a.png', 'files/tasks.yaml', 'mission-control.db'],
  )
  t.equal(
    (await messages(join(folder, 'mission-control.db'))).length,
    manifest.database.rows.orchestrator_inbox,
  )
  t.same(readdirSync(into), ['2026-03-02T100000Z'], 'nothing half made is left')
})

t.test('a backup that was cut, changed or stripped of a file is told', async (t) => {
  const { from, into } = await openFolder(t)
  const { folder } = await makeBackup(from, into, NOW)
  const wrong = async (act: (folder: string) => void): Promise<string[]> => {
    const { folder: other } = await makeBackup(from, join(into, String(Math.random())), NOW)
    act(other)
    return verifyBackup(other)
  }
  t.same(await wrong((at) => appendFileSync(join(at, 'mission-control.db'), 'x')), [
    'mission-control.db is not what was copied',
  ])
  t.same(await wrong((at) => rmSync(join(at, 'attachments'), { recursive: true })), [
    'attachments/2026-03/a.png is missing',
  ])
  await t.rejects(
    wrong((at) => writeFileSync(join(at, 'manifest.json'), '{"format":')),
    { code: 'invalid', message: /not a manifest of ours/ },
  )
  t.same(await verifyBackup(folder), [], 'and the one beside it is whole')
})

t.test('a restore brings back what was, and moves aside what came after', async (t) => {
  const { from, db, into } = await openFolder(t)
  const credentials = createCredentials(db, systemClock)
  const session = await credentials.issue('browser', { ttlMs: 60_000 })
  const { folder } = await makeBackup(from, into, NOW)
  await post(db, 'two')
  await db.close()
  const { aside } = await restoreBackup(folder, from, NOW)
  t.same(await messages(from.database), ['one'])
  t.same(await messages(join(aside ?? '', 'mission-control.db')), ['one', 'two'])
  t.equal(readFileSync(join(from.dataDir, 'attachments', '2026-03', 'a.png'), 'utf8'), 'picture')
  const restored = openDatabase(from.database)
  const verified = await createCredentials(restored, systemClock).verify(session.token, ['browser'])
  await restored.close()
  t.equal(verified, null, 'nobody is signed in')
})

t.test('a damaged backup restores nothing', async (t) => {
  const { from, db, into } = await openFolder(t)
  const { folder } = await makeBackup(from, into, NOW)
  await post(db, 'two')
  await db.close()
  appendFileSync(join(folder, 'mission-control.db'), 'x')
  await t.rejects(restoreBackup(folder, from, NOW), { code: 'unavailable' })
  t.same(await messages(from.database), ['one', 'two'])
})

t.test('a backup of a newer version is refused, and says so', async (t) => {
  const { from, db, into } = await openFolder(t)
  await db.kysely
    .insertInto('kysely_migration' as never)
    .values({ name: '999-from-the-future', timestamp: NOW.toISOString() } as never)
    .execute()
  await t.rejects(makeBackup(from, into, NOW), {
    code: 'unavailable',
    message: /cannot be used/,
  })
  t.same(readdirSync(into), [], 'and leaves nothing')
})

t.test('while anything runs on the folder nothing is restored', async (t) => {
  const { from, db, into } = await openFolder(t)
  const { folder } = await makeBackup(from, into, NOW)
  const occupied = occupy(from.dataDir, 'api')
  await t.rejects(restoreBackup(folder, from, new Date()), { code: 'conflict' })
  occupied.release()
  const worker = await createWorkers(db, systemClock).hello('pickup')
  await t.rejects(restoreBackup(folder, from, new Date()), {
    code: 'conflict',
    message: `Still running on this database: pickup (pid ${process.pid})`,
  })
  await worker.goodbye()
  await t.resolves(restoreBackup(folder, from, new Date()))
})

t.test('the newest are kept, and never none', async (t) => {
  const { from, into } = await openFolder(t)
  for (const day of ['01', '02', '03'])
    await makeBackup(from, into, new Date(`2026-03-${day}T10:00:00Z`))
  writeFileSync(join(into, 'mine.txt'), 'not a backup')
  t.equal((await keepNewest(into, 2)).length, 1)
  t.match(
    (await listBackups(into)).map(({ folder }) => folder),
    [/-03T/, /-02T/],
  )
  await keepNewest(into, 0)
  t.equal((await listBackups(into)).length, 1)
  t.ok(readdirSync(into).includes('mine.txt'))
})

t.test('Postgres has a program of its own, which is named', async (t) => {
  const { from, into } = await openFolder(t)
  const there = { ...from, database: 'postgres://localhost/x' }
  await t.rejects(makeBackup(there, into, NOW), { code: 'invalid', hint: /pg_dump/ })
  await t.rejects(restoreBackup(into, there, NOW), { code: 'invalid', hint: /pg_restore/ })
})
