import { dealOut, fold } from '@mc/api/composer/fold.ts'
import { createTurns } from '@mc/core/turns/turns.ts'
import t, { type Test } from 'tap'
import { startApp } from '../support/app.ts'
import { openPage, type Session, signInBy, submit } from './desk.ts'

const KB = 1_000
const long = (what: string, chars: number) =>
  `${what} `.repeat(Math.ceil(chars / (what.length + 1)))

const furnish = async (t: Test, count: number) => {
  const running = await startApp(t)
  const turns = createTurns(running.db, running.clock)
  for (let n = 0; n < count; n++) {
    const turn = await turns.queue({ text: long(`asked ${n}`, 250 * KB), origin: 'user' })
    await running.luci.say(turn.id, long(`said ${n}`, 250 * KB))
    await running.luci.finish(turn.id)
  }
  return running
}

t.test('a text is folded at its beginning, one that grows at its end', async (t) => {
  t.same(fold('short', 10), { shown: 'short', hidden: 0 })
  t.same(fold('0123456789abcdef', 10), { shown: '0123456789', hidden: 6 })
  t.same(fold('0123456789abcdef', 10, 'tail'), { shown: '6789abcdef', hidden: 6 })
  t.ok(fold('👋'.repeat(10), 3).shown.isWellFormed())
  const charsFor = dealOut()
  const dealt = Array.from({ length: 40 }, () => charsFor(250 * KB))
  t.equal(dealt[0], 4_000)
  t.equal(dealt.at(-1), 300)
  t.ok(dealt.reduce((sum, chars) => sum + chars, 0) < 50 * KB)
})

t.test('a first visit of Home with twenty long messages costs at most 100 kB', async (t) => {
  const running = await furnish(t, 20)
  const session = await signInBy(running)
  const home = await openPage(running, session, '/')
  const assets = [...home.body.matchAll(/(?:src|href)="(\/public\/[^"]+)"/g)].map((one) => one[1])
  t.ok(assets.length > 10)
  const weights = await Promise.all(assets.map((path) => weigh(running, session, path ?? '')))
  const page = await weigh(running, session, '/')
  const bytes = weights.reduce((sum, one) => sum + one, page)
  t.ok(bytes <= 80 * KB, `${bytes} bytes, the page alone ${page}`)
  t.ok(home.rawPayload.length <= 60 * KB, `${home.rawPayload.length} bytes unpacked`)
})

const weigh = async (
  { app }: Awaited<ReturnType<typeof startApp>>,
  { cookie }: Session,
  url: string,
): Promise<number> => {
  const headers = { host: '127.0.0.1:4700', cookie, 'accept-encoding': 'gzip' }
  return (await app.inject({ url, headers })).rawPayload.length
}

t.test('the page of a message has all of it, without script', async (t) => {
  const running = await furnish(t, 1)
  const session = await signInBy(running)
  const home = await openPage(running, session, '/')
  const [, href = ''] = /<a href="(\/turns\/[^"#]+)">Show all/.exec(home.body) ?? []
  t.match(home.body, /246,\d+ more characters/)
  const { statusCode, body } = await openPage(running, session, href)
  t.equal(statusCode, 200)
  t.ok(body.includes(long('asked 0', 250 * KB)), 'the whole message')
  t.ok(body.includes(long('said 0', 250 * KB).trim()), 'the whole reply')
})

t.test('a long message that waits is edited on its own page', async (t) => {
  const running = await startApp(t)
  const session = await signInBy(running)
  const turn = await running.luci.send({ text: long('waits', 50 * KB), origin: 'user' })
  const home = await openPage(running, session, '/')
  t.ok(home.body.includes(`<a class="button small" href="/turns/${turn.id}">Edit</a>`))
  const page = await openPage(running, session, `/turns/${turn.id}`)
  t.match(page.body, `action="/api/v1/turns/${turn.id}/edit"`)
  await submit(running, session, `/api/v1/turns/${turn.id}/edit`, { text: 'short now' })
  t.equal((await createTurns(running.db, running.clock).get(turn.id)).text, 'short now')
})

t.test('a long reply that still grows shows its end, and where it stands', async (t) => {
  const running = await startApp(t)
  const session = await signInBy(running)
  const turn = await running.luci.send({ text: 'Tell me all', origin: 'user' })
  await running.luci.say(turn.id, `${long('so far', 50 * KB)}and now this`)
  const { body } = await openPage(running, session, '/')
  t.match(body, /data-reply data-length="50013">.*and now this<\/p>/s)
  t.match(body, /4[3-6],\d{3} characters<\/span> before this/)
  t.ok(body.length < 40 * KB)
})
