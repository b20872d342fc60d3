import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Status } from '@mc/core/client/status.ts'
import { occupy } from '@mc/core/process/occupy.ts'
import { openDatabase } from '@mc/db/database.ts'
import { migrate } from '@mc/db/migrate.ts'
import { sql } from 'kysely'
import t, { type Test } from 'tap'
import { startMissionControl } from '../support/mission-control.ts'
import { freePort } from '../support/postgres.ts'
import { runProgram } from '../support/program.ts'
import { until } from '../support/until.ts'

const start = (env: Record<string, string>) => runProgram('ops/start.ts', [], { env })

const folderFor = (test: Test): string => {
  const folder = mkdtempSync(join(tmpdir(), 'mc-bad-'))
  test.teardown(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }))
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

t.test('a settings file that is not there is told', async (t) => {
  const file = join(folderFor(t), 'my.env')
  const { exitCode, stderr } = await start({ MC_ENV_FILE: file })
  t.equal(exitCode, 2)
  t.match(stderr, `MC_ENV_FILE: expected a file with settings, but there is no "${file}"`)
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
  t.equal(exitCode, 3)
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
  t.match(desk.output(), /Luci +\S.*[.] \S.*[.]\n/, 'what is wrong, and what to do')
  t.match(await desk.mc('luci', 'status'), { stdout: /unavailable/ })
  for (const text of [desk.output(), (await desk.mc('luci', 'status')).stdout])
    t.notMatch(text, /tmux -L|attach -r|; Install/, 'no line to attach with')
})

t.test('a second start on the same data folder is refused once, and says who has it', async (t) => {
  const first = await startMissionControl(t)
  const client = await first.client()
  const port = String(await freePort())
  const second = await start({ ...first.env, MC_PORT: port })
  t.equal(second.exitCode, 3)
  t.match(second.stderr, `already runs on ${first.dataDir} (process ${first.pid}, at ${first.url})`)
  t.match(second.stderr, /MC_DATA_DIR and MC_PORT/)
  t.equal(second.stdout, '', 'nothing was started')
  t.match(await client.get('/api/v1/persistent_luci/status'), { profile: 'house' })

  const api = await runProgram('apps/api/main.ts', [], { env: { ...first.env, MC_PORT: port } })
  t.equal(api.exitCode, 3, 'nor does an api alone')
  t.match(api.stderr, /already runs on .*at http/)
  t.notMatch(api.stderr, /listening/)
})

t.test('a part that cannot be mended by a restart stops them all, said once', async (t) => {
  const desk = await startMissionControl(t)
  const client = await desk.client()
  // Another has the api's place while it is down: what it then says is not repeated for ever.
  const { workers } = await client.get<Status>('/api/v1/status')
  process.kill(workers.find((one) => one.name === 'api')?.worker?.pid ?? 0, 'SIGKILL')
  const thief = await until('its place is free', () => {
    try {
      return occupy(desk.dataDir, 'api')
    } catch {
      return null
    }
  })
  t.teardown(thief.release)
  await desk.printed(/ended with exit code 3; starting it again cannot mend that, so all stop/)
  await desk.printed(/Mission Control has stopped/)
  t.equal(desk.output().match(/already runs on/g)?.length, 1)
  t.equal(await desk.ended(), 3)
})
