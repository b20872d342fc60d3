import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { socketPathOf } from '@mc/core/luci/socket.ts'
import t from 'tap'
import { until } from '../../support/until.ts'
import { openDesk, tmux, tmuxSocket } from './desk.ts'

const ticket = {
  key: 'MC-1',
  title: 'Buy milk',
  status: 'todo',
  priority: 'normal',
  source: 'luci',
  occurrences: 1,
  labels: [],
  body: '',
  resolution: null,
}

t.test('a message is answered by the house responder, streamed and recorded', async (t) => {
  const desk = await openDesk(t)
  const turn = await desk.ask('hello')
  t.match(turn, {
    state: 'answered',
    profile: 'house',
    reply: /^Hello\. Ask me/,
    problem: null,
    evidence: { received: /^record:/, answered: /^record:/ },
  })
  for (const time of [turn.typedAt, turn.receivedAt, turn.answeringAt, turn.endedAt]) t.ok(time)
  const states = desk.events.flatMap((event) => (event.type === 'turn' ? [event.turn.state] : []))
  t.same(states, ['typed', 'received', 'answering', 'answered'])
  const texts = desk.events.filter((event) => event.type === 'text')
  t.equal(texts.map(({ text }) => text).join(''), turn.reply)
  let from = 0
  for (const text of texts) {
    t.equal(text.from, from)
    from += text.text.length
  }
})

t.test('a longer reply comes in several pieces, and harvest gives each once', async (t) => {
  const desk = await openDesk(t)
  const { id } = await desk.luci.send({ origin: 'user', text: 'help' })
  let after = 0
  let text = ''
  await until('the reply to be harvested', async () => {
    const harvest = await desk.luci.harvest(id, after)
    text += harvest.text
    after = harvest.next
    return harvest.done
  })
  const turn = await desk.ended(id)
  t.equal(text, turn.reply)
  t.same(await desk.luci.harvest(id, after), { turn, text: '', next: after, done: true })
  t.ok(desk.events.filter((event) => event.type === 'text').length > 1)
})

t.test('an order is carried out in the right of its turn', async (t) => {
  const calls: unknown[] = []
  const desk = await openDesk(t, {
    api: (method, path, body, turn) => {
      calls.push({ method, path, body, turn })
      return path === '/api/v1/tickets' ? ticket : undefined
    },
  })
  const turn = await desk.ask('file: Buy milk')
  t.equal(turn.reply, 'Filed **MC-1**: Buy milk')
  t.same(calls, [
    { method: 'POST', path: '/api/v1/tickets', body: { title: 'Buy milk' }, turn: turn.id },
  ])
})

t.test('a long message, and one of several lines, is pulled, not typed', async (t) => {
  const texts = new Map<string, string>()
  const desk = await openDesk(t, {
    api: (_method, path, body) => {
      if (path === '/api/v1/proposals')
        return { proposal: { id: 'abcdef', state: 'open', content: body }, note: '' }
      const id = /^\/api\/v1\/turns\/([0-9a-f]{6})$/.exec(path)?.[1] ?? ''
      return { id, origin: 'user', text: texts.get(id) }
    },
  })
  const text = `Move the office:\n- pack\n- hire a van\n${'- unpack\n'.repeat(3)}`
  const sent = await desk.luci.send({ origin: 'user', text })
  texts.set(sent.id, text)
  const turn = await desk.ended(sent.id)
  t.match(turn.reply, /^I propose 5 tickets: \[Move the office\]\(\/proposals\/abcdef\)/)
  t.match(tmux(desk.socket, 'capture-pane', '-p'), `[mc ${turn.id}] run: mc turn show ${turn.id}`)
})

t.test('any text arrives as it was written, and nothing of it is a key', async (t) => {
  const desk = await openDesk(t)
  const nasty: [string, string][] = [
    ['Enter', 'Enter'],
    ['-x', '-x'],
    [';', ';'],
    ['foo;', 'foo;'],
    ['a \u001b[201~\rfile: evil', ''],
    ['stop \u0003 here', 'stop  here'],
    ['👩‍👩‍👧 日本 é', '👩‍👩‍👧 日本 é'],
    ['a\tb "c" $(d) `e` #{f} %g ~h \\n \\', 'a\tb "c" $(d) `e` #{f} %g ~h \\n \\'],
    ['$HOME', '$HOME'],
    ['~', '~'],
    ['{', '{'],
    ['%1', '%1'],
    ['#comment', '#comment'],
  ]
  for (const [text, typed] of nasty) {
    const turn = await desk.ask(text)
    t.equal(turn.state, 'answered', text)
    const record = readFileSync(join(desk.dataDir, 'luci', String(turn.evidence.record)), 'utf8')
    const line = record.split('\n').find((one) => one.includes(`"received","turn":"${turn.id}"`))
    if (typed !== '') t.equal(JSON.parse(line ?? '{}').text, typed)
  }
})

t.test('a person is served before a digest, and each in the order of arrival', async (t) => {
  const order: string[] = []
  const desk = await openDesk(t, {
    api: (_method, path) => ({ id: path.slice(-6), origin: 'digest', text: 'no digest' }),
  })
  await desk.idle()
  await desk.luci.stop()
  const sent = []
  for (const [origin, text] of [
    ['digest', 'first digest'],
    ['user', 'hello'],
    ['telegram', 'thanks'],
    ['digest', 'second digest'],
  ] as const)
    sent.push(await desk.luci.send({ origin, text }))
  t.equal(desk.luci.status().queued, 4)
  desk.luci.on((event) => {
    if (event.type === 'turn' && event.turn.state === 'typed') order.push(event.turn.text)
  })
  await desk.luci.start()
  for (const { id } of sent) await desk.ended(id)
  t.same(order, ['hello', 'thanks', 'first digest', 'second digest'])
})

t.test('a draft in her input is neither merged with nor wiped: the message waits', async (t) => {
  const desk = await openDesk(t)
  await desk.idle()
  tmux(desk.socket, 'send-keys', '-t', 'luci', '-l', 'half a thought')
  await until('the draft to be shown', () =>
    tmux(desk.socket, 'capture-pane', '-p').includes('› half a thought'),
  )
  const sent = await desk.luci.send({ origin: 'user', text: 'hello' })
  await until('Luci to say so', () => desk.luci.status().state === 'needs_you')
  t.match(desk.luci.status(), { problem: /draft in her input/, queued: 1 })
  t.equal(await desk.stateOf(sent.id), 'queued')
  tmux(desk.socket, 'send-keys', '-t', 'luci', 'C-u')
  t.match(await desk.ended(sent.id), { state: 'answered', reply: /^Hello/ })
  t.equal(desk.luci.status().problem, null)
})

t.test('copy mode is left before anything is typed', async (t) => {
  const desk = await openDesk(t)
  await desk.idle()
  tmux(desk.socket, 'copy-mode', '-t', 'luci')
  t.match(await desk.ask('hello'), { state: 'answered' })
})

t.test('what a person types into the pane is answered there and is no turn', async (t) => {
  const desk = await openDesk(t)
  await desk.idle()
  tmux(desk.socket, 'send-keys', '-t', 'luci', '-l', 'thanks')
  tmux(desk.socket, 'send-keys', '-t', 'luci', 'Enter')
  await until('the answer', () =>
    tmux(desk.socket, 'capture-pane', '-p').includes('You are welcome'),
  )
  t.match(await desk.ask('hello'), { state: 'answered', reply: /^Hello/ })
})

t.test('the pane knows the api and mc, and nothing of our secrets', async (t) => {
  const desk = await openDesk(t, { env: { ...process.env, MC_TEST_SECRET: 'hunter2' } })
  const pid = (await until('a program', () => desk.luci.status().panePid)) as number
  const pairs = readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0')
  t.ok(pairs.includes(`MC_URL=${desk.apiUrl}`))
  t.ok(pairs.includes(`MC_CREDENTIAL=${join(desk.dataDir, 'credentials', 'agent')}`))
  t.ok(pairs.some((pair) => pair.startsWith(`PATH=${join(desk.dataDir, 'luci', 'bin')}:`)))
  t.notOk(pairs.some((pair) => /hunter2|agent-token|MC_TEST/.test(pair)))
  t.notMatch(tmux(desk.socket, 'show-environment', '-g'), /hunter2/)
})

t.test('stop ends the session and is remembered; start brings it back', async (t) => {
  const desk = await openDesk(t)
  await desk.idle()
  t.match(await desk.luci.stop(), { state: 'stopped', panePid: null })
  t.throws(() => tmux(desk.socket, 'has-session', '-t', '=luci'))
  t.notOk(existsSync(socketPathOf(desk.socket, process.env)), 'no socket is left behind')
  await desk.luci.close()
  const again = await desk.open()
  t.match(again.status(), { state: 'stopped' })
  const sent = await again.send({ origin: 'user', text: 'hello' })
  await again.start()
  t.match(await desk.ended(sent.id), { state: 'answered' })
  t.same(await desk.items(), [])
})

t.test('a message of white space is refused, and a program that is not there too', async (t) => {
  const desk = await openDesk(t, { env: { ...process.env, PATH: '/usr/bin:/bin' } })
  await t.rejects(desk.luci.send({ origin: 'user', text: ' \n\t ' }), { code: 'invalid' })
  await t.rejects(desk.luci.switch({ profile: 'codex' }), {
    code: 'invalid',
    message: /"codex" was not found on PATH/,
  })
  await t.rejects(desk.luci.switch({ profile: 'generic' }), {
    code: 'invalid',
    hint: /MC_LUCI_COMMAND/,
  })
})

t.test('a second owner of the same folder, or of the same tmux server, is refused', async (t) => {
  const desk = await openDesk(t)
  await t.rejects(desk.open(), { code: 'conflict', hint: /MC_DATA_DIR/ })
  tmux(desk.socket, 'set-option', '-s', '@mc_owner', `${process.pid} /somewhere/else`)
  await desk.luci.close()
  await t.rejects(desk.open(), { code: 'conflict', hint: /MC_TMUX_SOCKET/ })
})

t.test('without tmux Luci is unavailable, says what to do, and keeps what is sent', async (t) => {
  const desk = await openDesk(t, { env: { PATH: join(import.meta.dirname, 'nowhere') } })
  t.match(desk.luci.status(), { state: 'unavailable', problem: /tmux/, hint: /Install/ })
  const sent = await desk.luci.send({ origin: 'user', text: 'hello' })
  t.equal(sent.state, 'queued')
  t.match(await desk.luci.stop(), { state: 'stopped' })
})

t.test('the house responder is interrupted while it waits for the api', async (t) => {
  const desk = await openDesk(t, { api: () => new Promise(() => {}) })
  const sent = await desk.luci.send({ origin: 'user', text: 'status' })
  await until('it to have it', async () => (await desk.stateOf(sent.id)) === 'received')
  t.match(await desk.luci.interrupt(), { id: sent.id, state: 'interrupted', problem: null })
  t.match(await desk.ask('hello'), { state: 'answered' })
  t.equal(await desk.luci.interrupt(), null)
})

t.test('the attach command shows her screen and takes no key but to leave', async (t) => {
  const desk = await openDesk(t)
  await desk.idle()
  const watcher = tmuxSocket(t)
  const { attachCommand } = desk.luci.status()
  tmux(watcher, '-f', '/dev/null', 'new-session', '-d', `env -u TMUX ${attachCommand}`)
  await until('her screen', () => tmux(watcher, 'capture-pane', '-p').includes('C-b d leaves'))
  tmux(watcher, 'send-keys', '-l', 'not let in')
  t.match(await desk.ask('hello'), { state: 'answered' })
  t.notMatch(tmux(desk.socket, 'capture-pane', '-p'), 'not let in')
})

t.test(
  'a person with a small terminal sees a part of her window, and squeezes nothing',
  async (t) => {
    const desk = await openDesk(t)
    await desk.idle()
    const size = () =>
      tmux(desk.socket, 'display-message', '-p', '-t', '=luci:', '#{window_width}x#{window_height}')
    t.equal(size(), '200x50\n')
    const { attachCommand } = desk.luci.status()
    for (const command of [attachCommand, attachCommand.replace(' -r ', ' ')]) {
      const small = tmuxSocket(t)
      const terminal = ['-f', '/dev/null', 'new-session', '-d', '-x', '80', '-y', '24']
      tmux(small, ...terminal, `env -u TMUX ${command}`)
      await until('her screen', () => tmux(small, 'capture-pane', '-p').includes('C-b d leaves'))
      t.match(
        tmux(desk.socket, 'list-clients', '-F', '#{client_width}x#{client_height}'),
        /^80x24$/m,
      )
      t.equal(size(), '200x50\n', command)
      t.match(await desk.ask('hello'), { state: 'answered' })
    }
    t.equal(size(), '200x50\n')
  },
)

t.test('a record that grew too long begins anew, and a restart knows how she stands', async (t) => {
  const desk = await openDesk(t, { limits: { recordBytesMax: 300 } })
  const first = await desk.ask('hello')
  const record = join(desk.dataDir, 'luci', String(first.evidence.record))
  await until('it to begin anew', () => readFileSync(record, 'utf8').length < 100)
  await desk.luci.close()
  await desk.open()
  t.match(await desk.ask('thanks'), { state: 'answered', reply: 'You are welcome.' })
})
