import { once } from 'node:events'
import { get, type IncomingMessage } from 'node:http'
import { browserName } from '@mc/api/safety/browser-name.ts'
import t from 'tap'
import { type RunningApp, startApp } from '../support/app.ts'
import { createTestClock } from '../support/clock.ts'
import { until } from '../support/until.ts'
import { asAgent, asCli, HOST, openPage, type Session, signInBy, submit } from './desk.ts'

const FIREFOX = 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0'

type Listed = { id: string; browser: string; current: boolean; seenAt: string | null }

const list = async (running: RunningApp, { cookie }: Session): Promise<Listed[]> => {
  const answer = await running.app.inject({
    url: '/api/v1/sessions',
    headers: { host: HOST, cookie, 'user-agent': FIREFOX },
  })
  return answer.json<{ items: Listed[] }>().items
}

t.test('a person sees which browsers are signed in, and which one is this', async (t) => {
  const running = await startApp(t, { listen: false, clock: createTestClock() })
  const [mine] = [await signInBy(running), await signInBy(running)]
  const listed = await list(running, mine)
  t.equal(listed.length, 2)
  t.match(
    listed.filter(({ current }) => current),
    [{ browser: /./ }],
  )
  const page = await openPage(running, mine, '/settings')
  t.match(page.body, /this browser/)
  t.match(page.body, /Sign out every other browser/)
})

t.test('a browser that is signed out is asked to sign in, and hears nothing more', async (t) => {
  const running = await startApp(t)
  const [mine, other] = [await signInBy(running), await signInBy(running)]
  const stream = await listen(running, other)
  const theirs = (await list(running, mine)).find(({ current }) => !current)
  await submit(running, mine, `/api/v1/sessions/${theirs?.id}/end`, { _back: '/settings' })
  await until('the stream to be cut', () => stream.destroyed)
  t.equal((await openPage(running, other, '/')).statusCode, 401)
  t.equal((await openPage(running, mine, '/')).statusCode, 200)
  const again = await asCli(running, 'POST', `/api/v1/sessions/${theirs?.id}/end`)
  t.match(again.json(), { status: 404, detail: /There is no session/ })
})

t.test('who signs out hears nothing more, in any tab', async (t) => {
  const running = await startApp(t)
  const mine = await signInBy(running)
  const stream = await listen(running, mine)
  await submit(running, mine, '/sign-out', {})
  await until('the stream to be cut', () => stream.destroyed)
  t.equal((await openPage(running, mine, '/')).statusCode, 401)
})

t.test('every other browser is signed out at once, and with a token every one', async (t) => {
  const running = await startApp(t, { listen: false })
  const [mine, second, third] = [
    await signInBy(running),
    await signInBy(running),
    await signInBy(running),
  ]
  await submit(running, mine, '/api/v1/sessions/end_others', {})
  const status = async (session: Session) => (await openPage(running, session, '/')).statusCode
  t.same([await status(mine), await status(second), await status(third)], [200, 401, 401])
  const ended = await asCli(running, 'POST', '/api/v1/sessions/end_others')
  t.same(ended.json(), { ended: 1 })
  t.equal(await status(mine), 401)
})

t.test('a session in use is written down once a minute, with what the browser says', async (t) => {
  const clock = createTestClock()
  const running = await startApp(t, { listen: false, clock })
  const mine = await signInBy(running)
  const [first] = await list(running, mine)
  await clock.advance(30_000)
  const [same] = await list(running, mine)
  t.equal(same?.seenAt, first?.seenAt)
  await clock.advance(31_000)
  const [later] = await list(running, mine)
  t.not(later?.seenAt, first?.seenAt)
  t.equal(later?.browser, 'Firefox on Linux')
})

t.test('the agent may not sign anybody out', async (t) => {
  const running = await startApp(t, { listen: false })
  const answer = await asAgent(running, 'POST', '/api/v1/sessions/end_others')
  t.equal(answer.statusCode, 403)
})

t.test('a browser is called what its person calls it', (t) => {
  const chrome = (system: string) =>
    `Mozilla/5.0 (${system}) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/153.0.0.0 Safari/537.36`
  t.equal(browserName(chrome('Windows NT 10.0; Win64; x64')), 'Chrome on Windows')
  t.equal(browserName(`${chrome('Windows NT 10.0')} Edg/153.0`), 'Edge on Windows')
  t.equal(
    browserName(
      'Mozilla/5.0 (iPhone; CPU iPhone OS 26_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.0 Mobile/15E148 Safari/604.1',
    ),
    'Safari on iPhone',
  )
  t.equal(browserName('<script>alert(1)</script>'), 'A browser')
  t.equal(browserName(null), 'A browser')
  t.end()
})

const listen = async (
  { url, config }: RunningApp,
  { cookie }: Session,
): Promise<IncomingMessage> => {
  const request = get(`${url}/api/v1/events`, {
    headers: { cookie, host: `127.0.0.1:${config.http.port}` },
  })
  const [response] = (await once(request, 'response')) as [IncomingMessage]
  response.on('error', () => {
    // Cut off is what the test waits for.
  })
  response.resume()
  return response
}
