import { createClient } from '@mc/core/client/client.ts'
import { createInbox } from '@mc/core/inbox/inbox.ts'
import t, { type Test } from 'tap'
import { type RunningApp, startApp } from '../support/app.ts'
import { until } from '../support/until.ts'

type Heard = { id: string; event: string; data: unknown }

/** Listens until the test ends; what was heard so far is in the list. */
const listen = (
  test: Test,
  { url, cliToken }: RunningApp,
  lastEventId?: string,
  path = '/api/v1/events',
) => {
  const heard: Heard[] = []
  const stop = new AbortController()
  const client = createClient({ url, token: cliToken })
  const options = { signal: stop.signal, ...(lastEventId ? { lastEventId } : {}) }
  const done = (async () => {
    try {
      for await (const event of client.events(path, options)) heard.push(event as Heard)
    } catch (error) {
      if (!stop.signal.aborted) throw error
    }
  })()
  const end = async () => {
    stop.abort()
    await done
  }
  test.teardown(end)
  return { heard, end }
}

const texts = (heard: Heard[]) =>
  heard
    .filter((one) => one.event === 'text')
    .map((one) => (one.data as { text: string }).text)
    .join('')

t.test('what Luci says is heard as she says it', async (t) => {
  const running = await startApp(t)
  const { heard } = listen(t, running)
  // A new listener is told nothing of the past; the first change proves that it is there.
  const turn = await running.luci.send({ text: 'Hello', origin: 'user' })
  await until('the listener is connected', async () => {
    running.luci.setStatus({ state: 'working' })
    return heard.some((one) => one.event === 'status')
  })
  await running.luci.say(turn.id, 'Good ')
  await running.luci.say(turn.id, 'morning')
  await running.luci.finish(turn.id)
  await until('the end', () =>
    heard.some((one) => (one.data as { state?: string }).state === 'answered'),
  )
  t.equal(texts(heard), 'Good morning')
  t.match(
    heard.filter((one) => one.event === 'text').map((one) => one.data),
    [
      { turnId: turn.id, from: 0, text: 'Good ' },
      { turnId: turn.id, from: 5, text: 'morning' },
    ],
  )
})

t.test('who returns with the last id gets what came after, once', async (t) => {
  const running = await startApp(t)
  const first = listen(t, running)
  await until('the listener is connected', async () => {
    running.luci.setStatus({ state: 'working' })
    return first.heard.some((one) => one.event === 'status')
  })
  const turn = await running.luci.send({ text: 'Hello', origin: 'user' })
  await running.luci.say(turn.id, 'One ')
  await until('the first text', () => texts(first.heard) === 'One ')
  await first.end()
  await running.luci.say(turn.id, 'two ')
  const second = listen(t, running, first.heard.at(-1)?.id)
  await running.luci.say(turn.id, 'three')
  await until('the rest', () => texts(second.heard).endsWith('three'))
  t.equal(texts(first.heard) + texts(second.heard), 'One two three')
})

t.test('an id of another life of the api gets a snapshot', async (t) => {
  const running = await startApp(t)
  const { heard } = listen(t, running, 'deadbeef-12')
  await until('the snapshot', () => heard.length > 0)
  t.equal(heard[0]?.event, 'snapshot')
  t.match(heard[0]?.id, /^[0-9a-f]{8}-\d+$/)
})

t.test('a change of another process is told by its table', async (t) => {
  const running = await startApp(t)
  const { heard } = listen(t, running)
  const inbox = createInbox(running.db, running.clock)
  await until('the news of the inbox', async () => {
    await inbox.post({ source: 'test', message: 'x' })
    return heard.some(
      (one) =>
        one.event === 'changed' && (one.data as { tables: string[] }).tables.includes('inbox'),
    )
  })
  t.notOk(
    heard.some((one) => (one.data as { tables?: string[] }).tables?.includes('tickets')),
    'and nothing that did not change',
  )
})

t.test('the api closes though somebody listens', async (t) => {
  const running = await startApp(t)
  const { heard } = listen(t, running, 'deadbeef-1')
  await until('the listener is connected', () => heard.length > 0)
  await running.stop()
  t.pass('closed')
})

t.test('no message is too long for those who listen; its event says how long it is', async (t) => {
  const running = await startApp(t)
  const { heard } = listen(t, running, 'deadbeef-1')
  await until('the listener is connected', () => heard.length > 0)
  const text = 'm'.repeat(900_000)
  const reply = 'r'.repeat(300_000)
  const turn = await running.luci.send({ text, origin: 'user' })
  await running.luci.say(turn.id, reply)
  await running.luci.say(turn.id, ' and more')
  await running.luci.finish(turn.id)
  await until('the end', () =>
    heard.some((one) => (one.data as { state?: string }).state === 'answered'),
  )
  const told = heard.findLast((one) => one.event === 'turn')?.data as Record<string, string>
  t.match(told, { textLength: 900_000, replyLength: 300_009 })
  t.equal(told.text?.length, 2_000)
  t.equal(told.reply?.length, 2_000)
  t.match(
    heard.filter((one) => one.event === 'text').map((one) => one.data),
    [
      { from: 300_000, text: '' },
      { from: 300_000, text: ' and more' },
    ],
    'a long piece is a gap that is fetched',
  )
  t.ok(heard.every((one) => JSON.stringify(one).length < 20_000))

  // All of it at once, many times over: who returns is not cut off either.
  for (let n = 0; n < 200; n++) running.luci.tell({ type: 'turn', turn })
  const back = listen(t, running, heard[0]?.id)
  await until('an answer', () => back.heard.length > 0)
  t.equal(back.heard[0]?.event, 'snapshot', 'too much was missed: look again')
})

t.test('a page hears a reply as HTML, a program as words, and each only its own', async (t) => {
  const running = await startApp(t)
  const page = listen(t, running, 'deadbeef-1', '/api/v1/events?as=page')
  const program = listen(t, running, 'deadbeef-1')
  await until('both are connected', () => page.heard.length > 0 && program.heard.length > 0)
  const turn = await running.luci.send({ text: 'Hello', origin: 'user' })
  await running.luci.say(turn.id, 'It is **do')
  await running.luci.say(turn.id, 'ne**')
  const last = () => page.heard.findLast((one) => one.event === 'html')?.data
  await until('the whole reply', () => JSON.stringify(last())?.includes('<strong>done</strong>'))
  t.match(last(), { turnId: turn.id, pieces: [{ at: 0, to: 14 }] })
  await until('the words', () => texts(program.heard) === 'It is **done**')
  t.equal(texts(page.heard), '')
  t.notOk(program.heard.some((one) => one.event === 'html'))
})
