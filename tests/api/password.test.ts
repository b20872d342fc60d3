import { scryptSync } from 'node:crypto'
import t, { type Test } from 'tap'
import { type RunningApp, startApp } from '../support/app.ts'
import { HOST, ORIGIN, openPage, signInBy } from './desk.ts'

const PASSWORD = 'correct horse battery staple'
/** Of the same form as `mc password-hash` prints, but cheap. */
const key = scryptSync(PASSWORD, 'salt', 32, { N: 1024, r: 8, p: 1 })
const HASH = `scrypt:1024:8:1:${Buffer.from('salt').toString('base64url')}:${key.toString('base64url')}`

const start = (test: Test, env = {}): Promise<RunningApp> =>
  startApp(test, { listen: false, env: { MC_PASSWORD_HASH: HASH, ...env } })

const tryPassword = (
  { app }: RunningApp,
  password: string,
  { back = '/', ...headers }: Record<string, string> & { back?: string } = {},
) =>
  app.inject({
    method: 'POST',
    url: '/sign-in',
    headers: {
      host: HOST,
      origin: ORIGIN,
      accept: 'text/html',
      'content-type': 'application/x-www-form-urlencoded',
      ...headers,
    },
    payload: new URLSearchParams({ password, _back: back }).toString(),
  })

const askFor = ({ app }: RunningApp, url: string) =>
  app.inject({ url, headers: { host: HOST, accept: 'text/html' } })

t.test('a page asks for the password, which opens it', async (t) => {
  const running = await start(t)
  const asked = await askFor(running, '/board?status=todo')
  t.equal(asked.statusCode, 401)
  t.match(asked.body, /<form method="post" action="\/sign-in"/)
  t.match(asked.body, 'name="_back" value="/board?status=todo"')
  t.match((await askFor(running, '/sign-in')).body, /type="password"/)
  const entered = await tryPassword(running, PASSWORD, { back: '/board?status=todo' })
  t.equal(entered.statusCode, 303)
  t.equal(entered.headers.location, '/board?status=todo')
  const set = String(entered.headers['set-cookie'])
  t.match(set, /HttpOnly; SameSite=Lax/)
  t.notMatch(set, /Secure/)
  const cookie = set.split(';')[0] ?? ''
  t.equal((await openPage(running, { cookie, csrf: '' }, '/board')).statusCode, 200)
})

t.test('behind https the session’s cookie is for https alone', async (t) => {
  const running = await start(t, { MC_PUBLIC_URL: 'https://desk.example' })
  const entered = await tryPassword(running, PASSWORD, {
    host: 'desk.example',
    origin: 'https://desk.example',
  })
  t.match(String(entered.headers['set-cookie']), /Secure/)
})

t.test('a wrong password opens nothing and asks again', async (t) => {
  const running = await start(t)
  for (const password of ['', 'wrong', `${PASSWORD} `]) {
    const answer = await tryPassword(running, password)
    t.equal(answer.statusCode, 401)
    t.match(answer.body, /That is not the password/)
    t.match(answer.body, /Without it: .*mc sign-in/)
    t.match(answer.body, /type="password"/)
    t.equal(answer.headers['set-cookie'], undefined)
  }
})

t.test('too many tries of one address are refused, the right one among them', async (t) => {
  const running = await start(t)
  for (let i = 0; i < 8; i++) t.equal((await tryPassword(running, 'guess')).statusCode, 401)
  const refused = await tryPassword(running, PASSWORD)
  t.equal(refused.statusCode, 429)
  t.match(refused.body, /Too many tries from your address/)
  t.match(refused.body, /Wait 5 minutes, then try again/)
  t.ok((await signInBy(running)).csrf, 'a one-time link still opens')
})

t.test('the password is taken from our own page alone', async (t) => {
  const running = await start(t)
  const status = async (headers: Record<string, string>) =>
    (await tryPassword(running, PASSWORD, headers)).statusCode
  t.equal(await status({ host: 'evil.example', origin: 'http://evil.example' }), 403)
  t.equal(await status({ origin: 'http://evil.example' }), 403)
  t.equal(await status({ origin: 'null' }), 403)
  t.equal(await status({}), 303, 'and so from ours')
})

t.test('it leads nowhere else than to a page of ours', async (t) => {
  const running = await start(t)
  for (const back of ['https://evil.example/', '//evil.example', '/\\evil.example'])
    t.equal((await tryPassword(running, PASSWORD, { back })).headers.location, '/')
})

t.test('without a password there is no form', async (t) => {
  const running = await startApp(t, { listen: false })
  t.notMatch((await askFor(running, '/')).body, '<form')
  t.equal((await tryPassword(running, PASSWORD)).statusCode, 401)
})
