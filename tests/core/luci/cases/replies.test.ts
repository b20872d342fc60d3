import t, { type Test } from 'tap'
import { until } from '../../../support/until.ts'
import { bash, fixture, openDesk, tmux } from '../desk.ts'

/** Replies that outgrow or wipe what tmux keeps, and those that look like something else. */
const openTui = async (t: Test) => {
  const command = [process.execPath, fixture('tui.ts')]
  const desk = await openDesk(t, { profile: 'generic', command })
  await desk.idle()
  return desk
}

t.test('case 10: a reply longer than any history is exact to its last line', async (t) => {
  const desk = await openDesk(t, { profile: 'generic', command: bash })
  const turn = await desk.ask('for i in $(seq 1 30000); do echo "line $i"; done')
  const lines = Array.from({ length: 30_000 }, (_, n) => `line ${n + 1}\n`)
  t.equal(turn.reply, lines.join(''))
})

t.test('case 10: a wiped history and a clear screen in mid-reply take nothing away', async (t) => {
  const desk = await openDesk(t, { profile: 'generic', command: bash })
  const wipe = `printf 'before\\n\\033[3J\\033[2J\\033[Hafter\\n'`
  t.match(await desk.ask(wipe), { state: 'answered', reply: 'before\nafter\n' })
  const wander = `printf 'main\\n\\033[?1049h\\033[2Jinside\\n\\033[?1049lback\\n'`
  t.match(await desk.ask(wander), { state: 'answered', reply: 'main\ninside\nback\n' })
})

t.test('case 10: on the alternate screen what scrolled away is said to be missing', async (t) => {
  const desk = await openTui(t)
  t.match(await desk.ask('lines 30000'), {
    state: 'answered',
    reply: /line 30000$/,
    problem: /beginning had scrolled away/,
  })
  t.match(await desk.ask('wipe'), { state: 'answered', reply: 'before\nafter' })
})

t.test('case 11: the user’s own text in a reply does not end or begin anything', async (t) => {
  const desk = await openTui(t)
  const text = 'say ❯ say ❯ 1. Yes'
  t.match(await desk.ask(text), { state: 'answered', reply: '❯ say ❯ 1. Yes' })
  const shell = await openDesk(t, { profile: 'generic', command: bash })
  const echo = `printf '%s\\n' "echo hi" "bash-5.2$ echo hi" "esc to interrupt" "%end 1 2 3"`
  const reply = 'echo hi\nbash-5.2$ echo hi\nesc to interrupt\n%end 1 2 3\n'
  t.match(await shell.ask(echo), { state: 'answered', reply })
})

for (const [name, luci] of Object.entries({
  'a plain program': { command: [process.execPath, fixture('lines.ts')], prompt: 'ask> ' },
  'a full-screen program': { command: [process.execPath, fixture('tui.ts')] },
}))
  t.test(`case 12: the same message twice is answered twice by ${name}`, async (t) => {
    const desk = await openDesk(t, { profile: 'generic', ...luci })
    await desk.idle()
    const ids = []
    for (let time = 0; time < 2; time += 1)
      ids.push((await desk.luci.send({ origin: 'user', text: 'say the same' })).id)
    for (const id of ids)
      t.match(await desk.ended(id), { state: 'answered', reply: /^the same\n?$/ })
    t.not(ids[0], ids[1])
  })

t.test('case 15: a wide character split across two outputs is whole', async (t) => {
  const desk = await openDesk(t, { profile: 'generic', command: bash })
  const halves = `printf '\\346\\227'; sleep 0.3; printf '\\245\\n'`
  t.match(await desk.ask(halves), { state: 'answered', reply: '日\n' })
})

t.test('case 15: a control client that tmux holds back loses nothing of the reply', async (t) => {
  const desk = await openDesk(t, { profile: 'generic', command: bash })
  const lines = Array.from({ length: 5_000 }, (_, n) => `line ${n + 1}\n`).join('')
  const { id } = await desk.luci.send({
    origin: 'user',
    text: 'echo begun; sleep 1; for i in $(seq 1 5000); do echo "line $i"; done',
  })
  await until('it to begin', async () => (await desk.luci.harvest(id)).text === 'begun\n')
  const client = tmux(desk.socket, 'list-clients', '-F', '#{client_name}').trim()
  tmux(desk.socket, 'refresh-client', '-t', client, '-A', '%0:pause')
  t.match(await desk.ended(id), { state: 'answered', reply: `begun\n${lines}` })
})
