import { symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { systemClock } from '@mc/core/clock.ts'
import { createTrust } from '@mc/core/trust/trust.ts'
import { createTurns } from '@mc/core/turns/turns.ts'
import t, { type Test } from 'tap'
import { until } from '../../support/until.ts'
import { fixture, openDesk, tmux } from './desk.ts'

const soon = { echoWithinMs: 1_500, receiveWithinMs: 2_000, enterAgainMs: 100, stuckAfterMs: 500 }

const deskWith = (t: Test, how: string, limits = {}) =>
  openDesk(t, { houseProgram: [process.execPath, fixture('misbehaves.ts'), how], limits })

t.test('an Enter that is swallowed is pressed again, and the message comes once', async (t) => {
  const desk = await deskWith(t, 'swallows')
  const turn = await desk.ask('hello')
  t.match(turn, { state: 'answered', reply: 'You said: hello' })
  t.equal(tmux(desk.socket, 'capture-pane', '-p').split(`[mc ${turn.id}]`).length, 2)
})

t.test('a slow answer is streamed as it comes', async (t) => {
  const desk = await deskWith(t, 'slow')
  const turn = await desk.ask('x')
  t.equal(turn.reply, 'one two three (x)')
  const texts = desk.events.flatMap((event) => (event.type === 'text' ? [event.text] : []))
  t.same(texts, ['one ', 'two ', 'three ', '(x)'])
})

t.test(
  'a message never acknowledged is lost; its text waits for a person to clear it',
  async (t) => {
    const desk = await deskWith(t, 'silent', soon)
    const turn = await desk.ask('hello')
    t.match(turn, { state: 'lost', reply: '', problem: /never acknowledged/ })
    const next = await desk.luci.send({ origin: 'user', text: 'next' })
    const says = { state: 'needs_you', problem: new RegExp(`Our own text of turn ${turn.id}`) }
    await until('the next to wait for the unsent text', () => desk.luci.status().problem)
    t.match(desk.luci.status(), { ...says, hint: /mc luci interrupt/ })
    t.equal(await desk.stateOf(next.id), 'queued')

    await desk.luci.close()
    const again = await desk.open()
    await until('a restart to know it too', () => again.status().problem)
    t.match(again.status(), says)

    t.equal(await again.interrupt(next.id), null)
    t.match(await again.interrupt(), { id: turn.id, state: 'lost' })
    await until('the next to be typed', async () => (await desk.stateOf(next.id)) !== 'queued')
  },
)

t.test('a text of ours that a person wrote on is theirs: it is not cleared', async (t) => {
  const desk = await deskWith(t, 'silent', soon)
  const turn = await desk.ask('hello')
  tmux(desk.socket, 'send-keys', '-t', 'luci', '-l', ' and more')
  await desk.luci.send({ origin: 'user', text: 'next' })
  await until('the next to wait', () => desk.luci.status().problem)
  t.match(desk.luci.status(), { problem: /Somebody has a draft/ })
  t.equal(await desk.luci.interrupt(turn.id), null)
  t.match(tmux(desk.socket, 'capture-pane', '-p'), 'hello and more')
})

t.test('an agent that ignores the interrupt key is told of, with what else helps', async (t) => {
  const desk = await deskWith(t, 'deaf', { obeyWithinMs: 300 })
  const sent = await desk.luci.send({ origin: 'user', text: 'think' })
  await until('it to begin', async () => (await desk.stateOf(sent.id)) === 'answering')
  t.match(await desk.luci.interrupt(), { state: 'answering' })
  t.match(desk.luci.status(), { state: 'working', problem: null })
  t.match(await desk.luci.interrupt(), { state: 'answering' })
  t.match(desk.luci.status(), {
    state: 'stuck',
    problem: /does not react/,
    hint: /luci stop.*--force/,
  })
  t.match(await desk.luci.stop(), { state: 'stopped', problem: null })
  t.match(await desk.ended(sent.id), { state: 'interrupted' })
})

t.test('a message that is taken from the input and dropped is lost', async (t) => {
  const desk = await deskWith(t, 'drops', soon)
  t.match(await desk.ask('hello'), { state: 'lost', receivedAt: null })
  t.match(await desk.ask('again'), { state: 'lost' })
})

t.test('where the text cannot be seen, Enter is not pressed', async (t) => {
  const desk = await deskWith(t, 'blind', soon)
  t.match(await desk.ask('hello'), {
    state: 'unknown',
    problem: /Enter was not pressed/,
    receivedAt: null,
  })
})

t.test('what looks like the protocol, or like a prompt, is a reply like any other', async (t) => {
  const desk = await deskWith(t, 'fakes')
  const reply = '%end 1 2 3\n%output %0 hello\n%begin 1 2 1\n%exit\n› \n[mc 000000] not yours\n'
  t.match(await desk.ask('one'), { state: 'answered', reply })
  t.match(await desk.ask('two'), { state: 'answered', reply })
})

t.test('a turn without a sign for long looks stuck, and can be interrupted', async (t) => {
  const desk = await deskWith(t, 'forever', soon)
  const sent = await desk.luci.send({ origin: 'user', text: 'think' })
  await until('her to look stuck', () => desk.luci.status().state === 'stuck')
  t.match(desk.luci.status(), { turnId: sent.id })
  t.equal(await desk.luci.interrupt('000000'), null)
  t.match(await desk.luci.interrupt(sent.id), { state: 'interrupted', reply: 'I am thinking' })
  const second = await desk.luci.send({ origin: 'user', text: 'second' })
  await until('the second to begin', async () => (await desk.luci.harvest(second.id)).text !== '')
  await desk.luci.stop()
  t.match(await desk.ended(second.id), { state: 'interrupted', problem: /stopped/ })
})

t.test(
  'a digest past its deadline is interrupted by us, and one in hand when a person pauses',
  async (t) => {
    const desk = await deskWith(t, 'forever')
    const turns = createTurns(desk.db, systemClock)
    const at = new Date(Date.now() + 1_500).toISOString()
    await desk.db.kysely
      .insertInto('digests')
      .values({ id: 'd1', state: 'sealed', opened_at: at, due_at: at, verdict_deadline: at })
      .execute()
    const digest = await turns.queue({ origin: 'digest', text: 'digest', digestId: 'd1' })
    t.match(await desk.ended(digest.id), { state: 'interrupted', problem: /deadline/ })
    const late = new Date(Date.now() + 3_600_000).toISOString()
    await desk.db.kysely
      .insertInto('digests')
      .values({ id: 'd2', state: 'sealed', opened_at: at, due_at: at, verdict_deadline: late })
      .execute()
    const second = await turns.queue({ origin: 'digest', text: 'digest', digestId: 'd2' })
    await until('it to begin', async () => (await desk.luci.harvest(second.id)).text !== '')
    const first = { switches: { autonomy: 'advisor' }, autonomy: { trusted: [] } } as const
    await createTrust(desk.db, systemClock, { first }).pause(
      { by: 'person' },
      { cancelRun: async () => {} },
    )
    t.match(await desk.ended(second.id), { state: 'interrupted' })
  },
)

t.test('a program that is not there leaves Luci offline, and the queue as it is', async (t) => {
  const desk = await openDesk(t, { profile: 'generic', command: ['no-such-program'] })
  const sent = await desk.luci.send({ origin: 'user', text: 'hello' })
  const says = {
    state: 'offline',
    problem: '"no-such-program" was not found on PATH (MC_LUCI_COMMAND)',
    hint: /switch house/,
  }
  t.match(desk.luci.status(), says)
  t.match(await desk.luci.start(), says)
  t.equal(await desk.stateOf(sent.id), 'queued')
  t.match(await desk.luci.switch({ profile: 'house' }), { profile: 'house', problem: null })
  t.match(await desk.ended(sent.id), { state: 'answered' })
  await t.rejects(desk.luci.switch({ profile: 'generic' }), {
    code: 'invalid',
    message: says.problem,
  })
  t.match(await desk.ask('hello'), { state: 'answered', profile: 'house' })
  t.same(await desk.items(), [])
})

t.test('a program is found relative to its folder too, and once it is installed', async (t) => {
  const desk = await openDesk(t, { profile: 'generic', command: ['./agent'] })
  t.match(desk.luci.status(), { state: 'offline', problem: /^"\.\/agent" was not found as a/ })
  symlinkSync('/bin/bash', join(desk.dataDir, 'cwd', 'agent'))
  await desk.luci.start()
  t.match(desk.luci.status(), { problem: null })
})

t.test('a program that never stays up is told of once, and tried ever less often', async (t) => {
  const desk = await openDesk(t, { houseProgram: ['bash', '-c', 'exit 3'] })
  await until('it to be no accident', () => /3 times/.test(desk.luci.status().problem ?? ''))
  t.match(desk.luci.status(), {
    state: 'offline',
    problem: /ended soon after its start, 3 times in a row; the next try is in \d+ s/,
    hint: /attach -r.*luci start/,
  })
  t.match(await desk.items(), [{ source_type: 'self_heal', message: /started again/ }])
  t.equal((await desk.items()).length, 1)
})
