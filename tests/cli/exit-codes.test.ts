import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { startApp } from '../support/app.ts'
import { mcProcessFor } from '../support/mc.ts'
import { freePort } from '../support/postgres.ts'
import { runProgram } from '../support/program.ts'

const mc = (args: string[], env: Record<string, string>) =>
  runProgram('apps/mc/main.ts', args, { env })

t.test('exit codes say what kind of no it was', async (t) => {
  const app = await startApp(t)
  const mc = mcProcessFor(app)
  t.match(await mc(['ticket', 'create', 'x', '--priority', 'urgent']), { exitCode: 1 }, 'refused')
  for (const args of [[], ['nonsense'], ['ticket', 'show'], ['inbox', 'resolve', '1', 'silent']])
    t.match(await mc(args), { exitCode: 2 }, `usage: ${args}`)
  t.match(await mc(['inbox', 'resolve'], { input: 'no json' }), { exitCode: 2, stderr: /JSON/ })
  t.match(await mc(['ticket', 'show', 'MC-9']), { exitCode: 3, stderr: /no ticket MC-9/ })
  await mc(['ticket', 'create', 'a'])
  await mc(['ticket', 'create', 'b'])
  await mc(['ticket', 'link', 'MC-1', 'MC-2'])
  t.match(await mc(['ticket', 'link', 'MC-2', 'MC-1']), { exitCode: 4, stderr: /cannot wait/ })
})

t.test('the agent may not do what is a person’s alone, and a stranger nothing', async (t) => {
  const app = await startApp(t)
  const mc = mcProcessFor(app)
  const agent = { env: { MC_CREDENTIAL: join(app.config.dataDir, 'credentials', 'agent') } }
  t.match(await mc(['luci', 'stop'], agent), { exitCode: 6 })
  t.match(await mc(['ticket', 'create', 'x'], agent), { exitCode: 6, stderr: /--turn/ })
  const turn = await app.luci.send({ text: 'file x', origin: 'user' })
  await app.luci.say(turn.id, 'Filing')
  t.match(await mc(['ticket', 'create', 'x', '--turn', turn.id], agent), {
    exitCode: 0,
    stdout: 'Filed MC-1: x',
  })
  const stranger = join(app.config.dataDir, 'stranger')
  writeFileSync(stranger, 'mc_cli_nobody')
  t.match(await mc(['status'], { env: { MC_CREDENTIAL: stranger } }), { exitCode: 6 })
  t.match(await mc(['status'], { env: { MC_CREDENTIAL: `${stranger}-not-there` } }), {
    exitCode: 6,
    stderr: /no credential at/,
  })
})

t.test('without an api a person is told at once, and the agent waits for it', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'mc-cli-'))
  t.teardown(() => rmSync(folder, { recursive: true, force: true }))
  const credential = join(folder, 'token')
  writeFileSync(credential, 'mc_agent_x')
  const port = await freePort()
  const MC_URL = `http://127.0.0.1:${port}`

  const dataDir = join(folder, 'data')
  const none = await mc(['status'], { MC_URL, MC_DATA_DIR: dataDir })
  t.match(none, { exitCode: 6 }, 'no credential yet')

  const asked = mc(['luci', 'status'], { MC_URL, MC_CREDENTIAL: credential })
  const early = await Promise.race([asked.then(() => 'ended'), freePort().then(() => 'waits')])
  t.equal(early, 'waits')
  const luci = { state: 'idle', profile: 'house', queued: 0, attachCommand: 'tmux' }
  const server = createServer((request, response) => {
    response.setHeader('content-type', 'application/json')
    response.statusCode = request.headers.authorization === 'Bearer mc_agent_x' ? 200 : 401
    response.end(JSON.stringify(luci))
  })
  t.teardown(() => new Promise((resolve) => server.close(resolve)))
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  t.match(await asked, { exitCode: 0, stdout: /idle \(house\)/ })
})

t.test('a person whose Mission Control is down gets code 5 and what to do', async (t) => {
  const app = await startApp(t)
  const mc = mcProcessFor(app)
  const nowhere = { env: { MC_URL: `http://127.0.0.1:${await freePort()}` } }
  t.match(await mc(['status'], nowhere), { exitCode: 5, stderr: /does not answer.*start/s })
  t.match(await mc(['doctor'], nowhere), { exitCode: 1, stdout: /✗ Api +.*does not answer/ })
})

t.test('a password becomes a setting, and a short one is refused', async (t) => {
  const hash = await runProgram('apps/mc/main.ts', ['password-hash'], {
    input: 'correct horse battery\n',
  })
  t.match(hash.stdout, /^MC_PASSWORD_HASH=scrypt:131072:8:1:[\w-]+:[\w-]+$/)
  t.match(await runProgram('apps/mc/main.ts', ['password-hash'], { input: 'short' }), {
    exitCode: 2,
    stderr: /at least 12/,
  })
})
