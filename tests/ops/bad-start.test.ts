import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openDatabase } from '@mc/db/database.ts'
import { migrate } from '@mc/db/migrate.ts'
import { sql } from 'kysely'
import t, { type Test } from 'tap'
import { startMissionControl } from '../support/mission-control.ts'
import { freePort } from '../support/postgres.ts'
import { runProgram } from '../support/program.ts'

const start = (env: Record<string, string>) => runProgram('ops/start.ts', [], { env })

const folderFor = (test: Test): string => {
  const folder = mkdtempSync(join(tmpdir(), 'mc-bad-'))
  test.teardown(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

t.test('bad settings are told all at once', async (t) => {
  const { exitCode, stderr } = await start({
    MC_DATA_DIR: folderFor(t),
    MC_PORT: 'http',
    MC_SCHEDULER: 'sometimes',
    MC_GROUP_WAIT: 'soon',
  })
  t.equal(exitCode, 2)
  t.match(stderr, /3 problem/)
  for (const name of ['MC_PORT', 'MC_SCHEDULER', 'MC_GROUP_WAIT']) t.match(stderr, name)
  t.notMatch(stderr, /at .*\.ts:\d+/, 'no stack')
})

t.test('an occupied port is told with what to do', async (t) => {
  const other = createServer().listen(0, '127.0.0.1')
  await new Promise((resolve) => other.once('listening', resolve))
  t.teardown(() => new Promise((resolve) => other.close(resolve)))
  const { port } = other.address() as { port: number }
  const { exitCode, stderr } = await start({ MC_DATA_DIR: folderFor(t), MC_PORT: String(port) })
  t.equal(exitCode, 1)
  t.match(stderr, `Port ${port} is taken`)
  t.match(stderr, /MC_PORT/)
})

t.test('a data folder that cannot be written to is told with what to do', async (t) => {
  const file = join(folderFor(t), 'file')
  writeFileSync(file, '')
  // Root may write anywhere, so that a mode would prove nothing: a file is no folder for anybody.
  const { exitCode, stderr } = await start({
    MC_DATA_DIR: join(file, 'data'),
    MC_PORT: String(await freePort()),
  })
  t.equal(exitCode, 1)
  t.match(stderr, /cannot be written to/)
  t.match(stderr, /MC_DATA_DIR/)
})

t.test('a database from a newer version is left alone and told', async (t) => {
  const dataDir = folderFor(t)
  const path = join(dataDir, 'mission-control.db')
  const db = openDatabase(path)
  await migrate(db)
  await sql`insert into kysely_migration (name, timestamp) values ('999-later', '2099')`.execute(
    db.kysely,
  )
  await db.close()
  const before = readFileSync(path)
  const { exitCode, stderr } = await start({
    MC_DATA_DIR: dataDir,
    MC_PORT: String(await freePort()),
  })
  t.equal(exitCode, 1)
  t.match(stderr, /newer version.*999-later/s)
  t.same(readFileSync(path), before)
})

t.test('without tmux all but Luci works, and start says the one command', async (t) => {
  // A PATH without tmux, and without apt-get, which root would install it with.
  const bin = join(folderFor(t), 'bin')
  mkdirSync(bin)
  symlinkSync('/bin/sh', join(bin, 'sh'))
  const desk = await startMissionControl(t, { PATH: bin })
  await desk.printed(/sign-in\?token=/)
  t.match(desk.output(), /tmux is missing: install it with "\S*.*tmux"/)
  const client = await desk.client()
  const ticket = await client.post<{ key: string }>('/api/v1/tickets', { title: 'Still works' })
  t.equal(ticket.key, 'MC-1')
  t.match(await client.get('/api/v1/persistent_luci/status'), { state: 'unavailable' })
})
