import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { projectRoot } from '@mc/core/environment.ts'
import { createTurns } from '@mc/core/turns/turns.ts'
import t, { type Test } from 'tap'
import { type RunningApp, startApp } from '../support/app.ts'
import { mcFor } from '../support/mc.ts'
import { bareEnvironment } from '../support/program.ts'
import { until } from '../support/until.ts'

/** `mc send` while it runs: what it has printed so far, and how it ended. */
const sending = (t: Test, app: RunningApp, args: string[]) => {
  const child = spawn(process.execPath, [join(projectRoot, 'apps/mc/main.ts'), 'send', ...args], {
    env: bareEnvironment({ MC_URL: app.url, MC_DATA_DIR: app.config.dataDir }),
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let stdout = ''
  let stderr = ''
  child.stdout.on('data', (chunk) => (stdout += chunk))
  child.stderr.on('data', (chunk) => (stderr += chunk))
  const ended = once(child, 'close').then(([exitCode]) => ({ exitCode, stdout, stderr }))
  t.teardown(() => child.kill())
  return { ended, printed: () => stdout, told: () => stderr }
}

const nextTurn = (app: RunningApp) =>
  until('the message is there', () => createTurns(app.db, app.clock).next())

t.test('a reply is printed while it is given', async (t) => {
  const app = await startApp(t)
  const mc = sending(t, app, ['how', 'are', 'you?'])
  const turn = await nextTurn(app)
  t.equal(turn.text, 'how are you?')
  await app.luci.say(turn.id, 'Quite well, ')
  await until('the first part is printed', () => mc.printed() === 'Quite well, ')
  await app.luci.say(turn.id, '谢谢 👋')
  await app.luci.finish(turn.id)
  t.same(await mc.ended, { exitCode: 0, stdout: 'Quite well, 谢谢 👋\n', stderr: '' })
})

t.test('a message is read from stdin, or only queued', async (t) => {
  const app = await startApp(t)
  const sent = await mcFor(app)(['send', '--no-wait'], { input: 'two\nlines\n' })
  const turn = await nextTurn(app)
  t.equal(turn.text, 'two\nlines')
  const { stdout: other } = await mcFor(app)(['send', '--no-wait', 'milk'])
  const edited = await mcFor(app)(['turn', 'edit', other, 'oat', 'milk'])
  t.equal(edited.stdout, `Turn ${other} is changed; it is still waiting`)
  t.equal((await createTurns(app.db, app.clock).get(other)).text, 'oat milk')
  t.equal((await mcFor(app)(['turn', 'remove', other])).stdout, `Turn ${other} is taken back`)
  const gone = await mcFor(app)(['turn', 'edit', other, 'x'])
  t.match(gone, { exitCode: 3, stderr: /There is no turn/ })
  t.equal(sent.stdout, turn.id)
  t.equal((await mcFor(app)(['turn', 'now', turn.id])).stdout, `Turn ${turn.id} goes next`)
  await app.luci.say(turn.id, 'Later.')
  await app.luci.finish(turn.id)
  t.match((await mcFor(app)(['turn', 'show', turn.id])).stdout, /two\nlines\n\n--- reply\nLater\./)
})

t.test('an interrupted turn, and one that takes too long, are failures', async (t) => {
  const app = await startApp(t)
  const mc = sending(t, app, ['think'])
  const turn = await nextTurn(app)
  await app.luci.say(turn.id, 'Hm')
  await until('it is printed', () => mc.printed() === 'Hm')
  await app.luci.interrupt(turn.id)
  t.match(await mc.ended, { exitCode: 1, stderr: /is interrupted/ })

  const late = await mcFor(app)(['send', 'again', '--wait', '0.2'])
  t.match(late, { exitCode: 1, stderr: /is queued\. See: npx -y pnpm@12 mc turn show/ })
})

t.test('a Luci who is not there is told at once; the message waits for her', async (t) => {
  const app = await startApp(t)
  app.luci.setStatus({ state: 'unavailable', problem: 'tmux is missing.', hint: 'Install it.' })
  const sent = await mcFor(app)(['send', 'hello'])
  t.match(sent, { exitCode: 1, stderr: /Luci is unavailable.*tmux is missing.*Install it/s })
  t.equal((await nextTurn(app)).text, 'hello')
})

t.test('what she asks is shown, with where to answer', async (t) => {
  const app = await startApp(t)
  const mc = sending(t, app, ['delete it'])
  const turn = await nextTurn(app)
  await app.luci.say(turn.id, 'Well')
  const blocked = await createTurns(app.db, app.clock).move(turn.id, ['answering'], 'blocked', {
    prompt: {
      id: 'p1',
      kind: 'permission',
      text: 'May I delete?',
      choices: [{ id: 'y', label: 'Yes' }],
    },
  })
  if (blocked) app.luci.tell({ type: 'turn', turn: blocked })
  await until('the question is shown', () => /May I delete\?\n {2}y: Yes/.test(mc.told()))
  await app.luci.answer({ turnId: turn.id, promptId: 'p1', choice: 'y' })
  await app.luci.finish(turn.id)
  t.match(await mc.ended, { exitCode: 0 })
})

t.test('a message near the limit gets its long reply, to the last character', async (t) => {
  const app = await startApp(t)
  const asked = mcFor(app)(['send'], { input: 'ä'.repeat(900_000) })
  const turn = await nextTurn(app)
  const reply = '谢谢 reply\n'.repeat(30_000)
  await app.luci.say(turn.id, reply.slice(0, 200_000))
  await app.luci.say(turn.id, reply.slice(200_000))
  await app.luci.finish(turn.id)
  const { exitCode, stdout, stderr } = await asked
  t.match({ exitCode, stderr }, { exitCode: 0, stderr: '' })
  t.ok(stdout === reply.trimEnd() || stdout === reply, 'the exact reply')
})
