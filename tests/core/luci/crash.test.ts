import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { systemClock } from '@mc/core/clock.ts'
import type { Config } from '@mc/core/config.ts'
import { isOpenTurn, type Turn } from '@mc/core/turns/turn.ts'
import { createTurns } from '@mc/core/turns/turns.ts'
import { openDatabase } from '@mc/db/database.ts'
import { migrate } from '@mc/db/migrate.ts'
import t, { type Test } from 'tap'
import { until } from '../../support/until.ts'
import { bash, fixture, openDesk, tempFolder, tmux, tmuxSocket } from './desk.ts'

/** An owner in a process of its own, that can be killed and started again. */
const openOwner = async (t: Test, luci: Partial<Config['luci']>, houseProgram?: string[]) => {
  const socket = tmuxSocket(t)
  const dataDir = tempFolder(t)
  const database = join(dataDir, 'desk.db')
  const db = openDatabase(database)
  await migrate(db)
  let child: ChildProcess | undefined
  const kill = async () => {
    if (!child || child.exitCode !== null || child.signalCode !== null) return
    child.kill('SIGKILL')
    await once(child, 'exit')
  }
  const start = async () => {
    const config = {
      ...{ tmuxSocket: socket, profile: 'house', command: null, prompt: null },
      ...{ cwd: join(dataDir, 'cwd'), ...luci },
    }
    const given = { database, dataDir, apiUrl: 'http://127.0.0.1:9', config, houseProgram }
    child = spawn(process.execPath, [fixture('owner.ts'), JSON.stringify(given)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    await once(child.stdout as NodeJS.ReadableStream, 'data')
  }
  t.teardown(async () => {
    await kill()
    await db.close()
  })
  await start()
  const turns = createTurns(db, systemClock)
  return {
    socket,
    turns,
    kill,
    start,
    reached: (id: string, ...states: Turn['state'][]) =>
      until(`turn ${id} to be ${states.join(' or ')}`, async () =>
        states.includes((await turns.get(id)).state),
      ),
    ended: (id: string) =>
      until(`turn ${id} to end`, async () => {
        const turn = await turns.get(id)
        return isOpenTurn(turn.state) ? null : turn
      }),
    items: () => db.kysely.selectFrom('orchestrator_inbox').selectAll().execute(),
  }
}

t.test('an owner killed in mid-turn and started again finishes the turn, once', async (t) => {
  const owner = await openOwner(t, {}, [process.execPath, fixture('misbehaves.ts'), 'slow'])
  const { id } = await owner.turns.queue({ origin: 'user', text: 'hold on' })
  const second = await owner.turns.queue({ origin: 'user', text: 'next' })
  await owner.reached(id, 'answering')
  await owner.kill()
  t.equal((await owner.turns.get(id)).state, 'answering')
  await owner.start()
  t.match(await owner.ended(id), { state: 'answered', reply: 'one two three (hold on)' })
  t.match(await owner.ended(second.id), { state: 'answered', reply: 'one two three (next)' })
  const screen = tmux(owner.socket, 'capture-pane', '-p')
  t.equal(screen.split(`[mc ${id}]`).length, 2, 'it was typed once')
  t.same(await owner.items(), [])
})

t.test('what a plain program wrote while nobody listened is in the reply', async (t) => {
  const owner = await openOwner(t, { profile: 'generic', command: bash })
  const text = 'echo begin; sleep 1; for i in $(seq 1 30000); do echo "line $i"; done'
  const { id } = await owner.turns.queue({ origin: 'user', text })
  await owner.reached(id, 'answering', 'received')
  await owner.kill()
  await until('the program to have ended', () =>
    tmux(owner.socket, 'capture-pane', '-p').includes('line 30000'),
  )
  await owner.start()
  const lines = Array.from({ length: 30_000 }, (_, n) => `line ${n + 1}\n`)
  const turn = await owner.ended(id)
  t.equal(turn.state, 'answered')
  t.equal(turn.reply, `begin\n${lines.join('')}`)
})

t.test('killed before Enter: what stands in the input is entered, and only entered', async (t) => {
  const owner = await openOwner(t, { profile: 'generic', command: bash })
  const { id } = await owner.turns.queue({ origin: 'user', text: 'echo settled' })
  const { evidence } = await owner.ended(id)
  await owner.kill()
  const half = await owner.turns.queue({ origin: 'user', text: 'echo half' })
  // As a crash between paste and Enter leaves it.
  await owner.turns.move(half.id, ['queued'], 'typed', {
    evidence: { record: evidence.record, from: 0 },
  })
  tmux(owner.socket, 'send-keys', '-t', 'luci', '-l', 'echo half')
  await until('the text to be shown', () =>
    /[#$] echo half/.test(tmux(owner.socket, 'capture-pane', '-p')),
  )
  await owner.start()
  t.match(await owner.ended(half.id), { state: 'answered', reply: 'half\n' })
})

t.test(
  'killed while typing, with nothing in the input: unknown, and never sent again',
  async (t) => {
    const owner = await openOwner(t, { profile: 'generic', command: bash })
    const { id } = await owner.turns.queue({ origin: 'user', text: 'echo settled' })
    const { evidence } = await owner.ended(id)
    await owner.kill()
    const lost = await owner.turns.queue({ origin: 'user', text: 'echo lost' })
    await owner.turns.move(lost.id, ['queued'], 'typed', {
      evidence: { record: evidence.record, from: 0 },
    })
    await owner.start()
    t.match(await owner.ended(lost.id), { state: 'unknown', problem: /restart/ })
    const after = await owner.turns.queue({ origin: 'user', text: 'echo after' })
    t.match(await owner.ended(after.id), { reply: 'after\n' })
    t.notMatch(tmux(owner.socket, 'capture-pane', '-p'), 'echo lost')
  },
)

t.test('a program that is killed is started again, and the inbox hears of it', async (t) => {
  const desk = await openDesk(t)
  await desk.idle()
  const pid = desk.luci.status().panePid as number
  process.kill(pid, 'SIGKILL')
  await until('another program', () => {
    const { state, panePid } = desk.luci.status()
    return state === 'idle' && panePid !== null && panePid !== pid
  })
  t.match(await desk.items(), [
    { source_type: 'self_heal', source_id: 'luci', kind: 'self_heal', message: /started again/ },
  ])
  t.match(await desk.ask('hello'), { state: 'answered' })
})

t.test('a program that dies with a message fails that turn and serves the next', async (t) => {
  const desk = await openDesk(t, {
    houseProgram: [process.execPath, fixture('misbehaves.ts'), 'dies'],
  })
  const turn = await desk.ask('goodbye')
  t.match(turn, { state: 'failed', problem: /ended while/ })
  await desk.idle()
  t.equal((await desk.items()).length, 1)
})

t.test('a tmux server that is killed is started again, and the inbox hears of it', async (t) => {
  const desk = await openDesk(t, { profile: 'generic', command: bash })
  const busy = await desk.luci.send({ origin: 'user', text: 'echo begun; sleep 60' })
  await until('it to begin', async () => (await desk.luci.harvest(busy.id)).text === 'begun\n')
  tmux(desk.socket, 'kill-server')
  t.match(await desk.ended(busy.id), { state: 'failed', reply: 'begun\n', problem: /tmux/ })
  t.match(await desk.ask('echo back'), { state: 'answered', reply: 'back\n' })
  t.match(await desk.items(), [{ source_type: 'self_heal', message: /tmux server was gone/ }])
  t.equal((await desk.items()).length, 1)
})

t.test(
  'a tmux server that died while nobody watched is missed, unless it was stopped',
  async (t) => {
    const desk = await openDesk(t)
    await desk.idle()
    t.same(await desk.items(), [], 'a first start misses nothing')
    await desk.luci.close()
    tmux(desk.socket, 'kill-server')
    const second = await desk.open()
    await desk.idle()
    t.match(await desk.items(), [{ source_type: 'self_heal', message: /tmux server was gone/ }])

    await second.stop()
    await second.start()
    await desk.idle()
    await second.stop()
    await second.close()
    const third = await desk.open()
    await third.start()
    await desk.idle()
    t.equal((await desk.items()).length, 1)
  },
)

t.test('a control client that is thrown out comes back and loses nothing', async (t) => {
  const desk = await openDesk(t, { profile: 'generic', command: bash })
  const busy = await desk.luci.send({ origin: 'user', text: 'echo a; sleep 1; echo b' })
  await until('it to begin', async () => (await desk.luci.harvest(busy.id)).text === 'a\n')
  tmux(desk.socket, 'detach-client', '-s', 'luci')
  t.match(await desk.ended(busy.id), { state: 'answered', reply: 'a\nb\n' })
  t.same(await desk.items(), [])
})
