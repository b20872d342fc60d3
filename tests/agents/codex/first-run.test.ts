import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { until } from '../../support/until.ts'
import { PATIENCE_MS } from '../battery/desk.ts'
import { asked, configure, openCodex, press } from './desk.ts'

/* What stands in the way before her first message, and how a person takes it away. */

t.setTimeout(600_000)

t.test('a new home asks for a login; it is answered from here, and a message waits', async (t) => {
  const desk = await openCodex(t, { fresh: true })
  const login = await asked(desk, /Choose how you want to use Codex/)
  t.equal(login.kind, 'login')
  t.equal(login.choices.length, 3)
  t.equal(desk.now().luci.status().state, 'needs_you')
  const id = await desk.send('ECHO:hello')
  const other = login.choices.find(({ label }) => /another way/.test(label))
  await desk.now().luci.answer({ turnId: null, promptId: login.id, choice: other?.id ?? '' })
  const ways = await asked(desk, /Sign in another way/)
  await t.rejects(
    desk.now().luci.answer({ turnId: null, promptId: login.id, choice: '1' }),
    { code: 'conflict' },
    'that question is over',
  )
  await desk.now().luci.answer({ turnId: null, promptId: ways.id, choice: '1' })
  await until(
    'the field for a key',
    () => /Paste or type your API key/.test(desk.screen()),
    PATIENCE_MS,
  )
  t.equal((await desk.turnOf(id)).state, 'queued', 'nothing was typed into all that')
  press(desk, '-l', 'sk-scripted-0123456789')
  press(desk, '-H', '0d')
  const turn = await desk.ended(id)
  t.match(turn, { state: 'answered', reply: 'hello' })
})

t.test('a folder with settings of its own is trusted by the person alone', async (t) => {
  const desk = await openCodex(t, { strange: true })
  await desk.idle()
  mkdirSync(join(desk.cwd, '.codex'))
  writeFileSync(join(desk.cwd, '.codex', 'config.toml'), 'model_reasoning_effort = "low"\n')
  mkdirSync(join(desk.cwd, '.git'))
  await configure(desk, '')
  const trust = await asked(desk, /Trust this folder\?/)
  const id = await desk.send('ECHO:hello')
  t.equal((await desk.turnOf(id)).state, 'queued')
  const yes = trust.choices.find(({ label }) => /^Trust/.test(label))
  await desk.now().luci.answer({ turnId: null, promptId: trust.id, choice: yes?.id ?? '' })
  t.match(await desk.ended(id), { state: 'answered', reply: 'hello' })
})

t.test('when her hooks do not run, a message ends unknown and says why', async (t) => {
  const desk = await openCodex(t)
  await desk.idle()
  await configure(desk, '[features]\nhooks = false\n')
  await desk.idle()
  const turn = await desk.ask('ECHO:hello')
  t.equal(turn.state, 'unknown')
  t.match(turn.problem, /hook/)
})

t.test('a question with options is answered from here', async (t) => {
  const desk = await openCodex(t)
  await desk.idle()
  // Its question tool is for its Plan mode, unless the person wants it everywhere.
  await configure(desk, '[features]\ndefault_mode_request_user_input = true\n')
  await desk.idle()
  const id = await desk.send('ASK:Which colour?|Red|Blue')
  const { prompt } = await desk.reached(id, ['blocked'])
  t.match(prompt, { kind: 'question', text: /Which colour\?/ })
  const blue = prompt?.choices.find(({ label }) => /^Blue/.test(label))
  await desk.now().luci.answer({ turnId: id, promptId: prompt?.id ?? '', choice: blue?.id ?? '' })
  const turn = await desk.ended(id)
  t.equal(turn.state, 'answered', turn.problem ?? '')
  t.match(turn.reply, /ASKDONE[\s\S]*Blue/)
})
