import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { systemClock } from '@mc/core/clock.ts'
import { createSettings } from '@mc/core/settings/settings.ts'
import t from 'tap'
import { until } from '../../support/until.ts'
import { type Desk, PATIENCE_MS } from '../battery/desk.ts'
import { openCodex, press } from './desk.ts'

/* What the battery does not ask of every program: what is Codex's own, in one session after another. */

t.setTimeout(900_000)

const desk: Desk = await openCodex(t)

const wasAsked = (id: string) =>
  desk.events.some(
    (event) => event.type === 'turn' && event.turn.id === id && event.turn.state === 'blocked',
  )
const conversation = async () =>
  (await createSettings(desk.now().db, systemClock).get<string>('luci.conversation.codex'))?.value

t.test('the blocks of a turn are one reply, joined by an empty line', async (t) => {
  await desk.idle()
  const turn = await desk.ask('CHAIN:ECHO:First I look. ;; TOOL:echo found')
  t.equal(turn.state, 'answered', turn.problem ?? '')
  t.match(turn.reply, /^First I look\.\n\nTOOLDONE [\s\S]*found$/)
})

t.test(
  'her token stands in no command line, and the person’s configuration is not touched',
  async (t) => {
    await desk.idle()
    const { panePid } = desk.now().luci.status()
    const token = readFileSync(join(desk.folder, 'data', 'credentials', 'agent'), 'utf8').trim()
    const running = execFileSync('ps', ['-o', 'args=', '-p', String(panePid)], { encoding: 'utf8' })
    t.match(running, /mission_control/)
    t.notMatch(running, token)
    t.notMatch(desk.tmux('show-environment', '-t', '=luci'), token)
    const config = readFileSync(join(desk.folder, 'home', '.codex', 'config.toml'), 'utf8')
    t.notMatch(config, /mission_control|hooks|developer_instructions/)
  },
)

t.test('mc outside the sandbox is allowed at once, and nothing beside it', async (t) => {
  await desk.idle()
  const id = await desk.send('ESCALATE:mc status --json')
  const turn = await desk.ended(id)
  t.equal(turn.state, 'answered', turn.problem ?? '')
  t.match(turn.reply, /"database"/)
  t.equal(wasAsked(id), false)
  const two = await desk.send('ESCALATE:mc status --json; touch beside')
  const { prompt } = await desk.reached(two, ['blocked'])
  t.match(prompt?.command, /touch beside$/)
  await desk.now().luci.answer({ turnId: two, promptId: prompt?.id ?? '', choice: 'stop' })
  t.equal((await desk.ended(two)).state, 'interrupted')
  t.equal(desk.isMade('beside'), false)
})

t.test('her MCP tools are there again after the api restarted', async (t) => {
  await desk.idle()
  await desk.restartApi()
  await desk.idle()
  const turn = await desk.ask('MCP:status:{}')
  t.match(turn.reply, /MCPDONE[\s\S]*database/)
})

t.test('stopped after a block, the turn keeps that block', async (t) => {
  await desk.idle()
  const id = await desk.send('CHAIN:ECHO:First I look. ;; TOOL:sleep 60')
  await until('the first block', async () => (await desk.turnOf(id)).reply !== '', PATIENCE_MS)
  await desk.now().luci.interrupt(id)
  t.match(await desk.ended(id), { state: 'interrupted', reply: 'First I look.' })
  t.equal((await desk.ask('ECHO:after')).reply, 'after')
})

t.test('another conversation begun in the pane is the one that is gone on with', async (t) => {
  await desk.idle()
  const before = await conversation()
  press(desk, '-l', '/new')
  await until('the command to stand there', () => /› \/new/.test(desk.screen()))
  press(desk, '-H', '0d')
  await until('it to be gone', () => !/› \/new/.test(desk.screen()), PATIENCE_MS)
  await desk.idle()
  t.equal((await desk.ask('ECHO:anew')).reply, 'anew')
  const after = await conversation()
  t.ok(after)
  t.not(after, before)
})

t.test(
  'killed in mid-turn: it failed, and she goes on with the conversation and her brief',
  async (t) => {
    await desk.idle()
    t.equal((await desk.ask('ECHO:remember-me')).reply, 'remember-me')
    const id = await desk.send('SLOW:1000:60')
    await desk.reached(id, ['received', 'answering'])
    const { panePid } = desk.now().luci.status()
    process.kill(panePid as number, 'SIGKILL')
    const turn = await desk.ended(id)
    t.equal(turn.state, 'failed')
    t.match(turn.problem, /ended/)
    await until('another process', () => desk.now().luci.status().panePid !== panePid, PATIENCE_MS)
    await desk.idle()
    t.equal((await desk.ask('ECHO:resumed')).reply, 'resumed')
    const heard = JSON.stringify(desk.model.about('ECHO:resumed').at(-1)?.body)
    t.match(heard, /remember-me/)
    t.match(heard, /You are Luci/)
  },
)

t.test('after the conversation was compacted her brief is there', async (t) => {
  await desk.idle()
  press(desk, '-l', '/compact')
  await until('the command to stand there', () => /› \/compact/.test(desk.screen()))
  press(desk, '-H', '0d')
  await until('it to be compacted', () => /compacted/i.test(desk.screen()), PATIENCE_MS)
  t.equal((await desk.ask('ECHO:compacted')).reply, 'compacted')
  const heard = JSON.stringify(desk.model.about('ECHO:compacted').at(-1)?.body)
  t.match(heard, /You are Luci/)
  t.match(heard, /mission_control/)
})
