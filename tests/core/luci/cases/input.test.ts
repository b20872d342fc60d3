import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import type { Told } from '../../../fixtures/agents/story.ts'
import { until } from '../../../support/until.ts'
import { bash, fixture, openDesk, tmux } from '../desk.ts'

/** What may stand in the input, or in the pane, before we type: cases 7 to 9. */
const openTui = async (t: Test, ...how: string[]) => {
  const command = [process.execPath, fixture('tui.ts'), ...how]
  const desk = await openDesk(t, { profile: 'generic', command })
  await desk.idle()
  return { ...desk, ...paneOf(desk.socket) }
}

const paneOf = (socket: string) => ({
  keys: (...keys: string[]) => tmux(socket, 'send-keys', '-t', '=luci:', ...keys),
  screen: () => tmux(socket, 'capture-pane', '-p', '-t', '=luci:'),
})

const taken = (dataDir: string): string[] =>
  readFileSync(join(dataDir, 'cwd', 'told.jsonl'), 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Told)
    .flatMap((one) => ('took' in one ? [one.took] : []))

t.test('case 7: a grey suggestion is no draft, and is never sent', async (t) => {
  const desk = await openTui(t, 'hint')
  t.match(desk.screen(), /❯ try "fix the build"/)
  t.match(await desk.ask('say ours'), { state: 'answered', reply: 'ours' })
  t.same(taken(desk.dataDir), ['say ours'])
})

t.test(
  'case 7: a person types while a digest is due: it waits, and both are answered',
  async (t) => {
    const program = [process.execPath, fixture('misbehaves.ts'), 'holds']
    const desk = await openDesk(t, { houseProgram: program })
    await desk.idle()
    const { keys, screen } = paneOf(desk.socket)
    const draft = 'half a tho'
    keys('-l', '--', draft)
    await until('the draft to be shown', () => screen().includes(`› ${draft}`))
    const digest = await desk.luci.send({ origin: 'digest', text: 'ten outcomes' })
    await until('it to be held', () => desk.luci.status().problem?.includes('draft'))
    keys('-l', '--', 'ught')
    await until('the draft to grow', () => screen().trimEnd().endsWith('› half a thought'))
    t.equal(await desk.stateOf(digest.id), 'queued')
    keys('-H', '0d')
    t.match(await desk.ended(digest.id), { state: 'answered' })
    t.same(taken(desk.dataDir), ['half a thought', `run: mc turn show ${digest.id}`])
  },
)

t.test('case 8: copy mode is left, and the message comes whole and once', async (t) => {
  const desk = await openTui(t)
  tmux(desk.socket, 'copy-mode', '-t', '=luci:')
  t.match(await desk.ask('say after copy mode'), { state: 'answered', reply: 'after copy mode' })
  t.same(taken(desk.dataDir), ['say after copy mode'])
})

t.test('case 9: nothing is typed into a shell that was left where the agent ended', async (t) => {
  const agent = `${process.execPath} ${fixture('lines.ts')}`
  const command = [
    'env',
    'bash',
    '--norc',
    '--noprofile',
    '-ic',
    `${agent}; exec ${bash.join(' ')}`,
  ]
  const desk = await openDesk(t, { profile: 'generic', command, prompt: 'ask> |[^\\n]*[$#] ' })
  const { screen } = paneOf(desk.socket)
  t.match(await desk.ask('say here'), { state: 'answered' })
  const shell = desk.luci.status().panePid as number
  const children = readFileSync(`/proc/${shell}/task/${shell}/children`, 'utf8')
  process.kill(Number(children.trim().split(' ')[0]), 'SIGKILL')
  await until('the shell', () => /[$#]$/m.test(screen()))
  const { id } = await desk.luci.send({ origin: 'user', text: 'touch never' })
  await until('it to be held', () => desk.luci.status().problem)
  t.match(desk.luci.status(), { state: 'needs_you', problem: /bare bash/ })
  t.equal(await desk.stateOf(id), 'queued')
  t.notMatch(screen(), 'touch never')
})

t.test(
  'case 9: a dead pane is not typed into, the next program gets the message once',
  async (t) => {
    const desk = await openTui(t)
    const pid = desk.luci.status().panePid as number
    process.kill(pid, 'SIGKILL')
    const turn = await desk.ask('say to the next')
    t.match(turn, { state: 'answered', reply: 'to the next' })
    t.not(desk.luci.status().panePid, pid)
    t.same(taken(desk.dataDir), ['say to the next'])
  },
)
