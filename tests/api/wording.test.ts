import { sentences } from '@mc/core/client/sentences.ts'
import t from 'tap'
import { startApp } from '../support/app.ts'
import { mcFor } from '../support/mc.ts'
import { asCli, openPage, signInBy, submit } from './desk.ts'

t.test('what is wrong and what to do are sentences', async (t) => {
  t.equal(
    sentences('Luci has no session', null, 'Install it.', undefined),
    'Luci has no session. Install it.',
  )
  t.equal(sentences('Really?', ''), 'Really?')
})

t.test('a blank message without script is answered in plain words', async (t) => {
  const running = await startApp(t)
  const session = await signInBy(running)
  for (const text of ['', '  \r\n '])
    for (const url of ['/api/v1/session_start', '/api/v1/persistent_luci/send']) {
      const fields = url.endsWith('start') ? { mode: 'chat', text } : { text }
      const { statusCode, body } = await submit(running, session, url, fields)
      t.equal(statusCode, 400)
      t.match(body, /<p class="detail">Write a message first\.<\/p>/)
    }
  const turn = await running.luci.send({ text: 'waits', origin: 'user' })
  const edited = await submit(running, session, `/api/v1/turns/${turn.id}/edit`, { text: '' })
  t.match(edited.body, /Write a message first\./)
  const wrong = await asCli(running, 'POST', '/api/v1/session_start', { mode: 'chat', text: 7 })
  t.match(wrong.json(), { status: 400, detail: /text/ }, 'what is no text is the schema’s')
})

t.test('without tmux nobody is told how to attach', async (t) => {
  const running = await startApp(t)
  const session = await signInBy(running)
  const seen = async () => [
    (await openPage(running, session, '/settings')).body,
    (await mcFor(running)(['luci', 'status'])).stdout,
  ]
  for (const text of await seen()) t.match(text, /tmux -L none attach/)
  running.luci.setStatus({ state: 'unavailable', problem: 'tmux is missing', hint: 'Install it.' })
  for (const text of await seen()) {
    t.notMatch(text, /tmux -L none attach/)
    t.match(text, /tmux is missing\. Install it\./)
  }
})

t.test('a long message is one line of the list', async (t) => {
  const running = await startApp(t)
  await running.luci.send({ text: `First line\n${'x'.repeat(5_000)}`, origin: 'user' })
  await running.luci.send({ text: 'y'.repeat(5_000), origin: 'user' })
  const { stdout } = await mcFor(running)(['turn', 'list'])
  t.equal(stdout.split('\n').length, 3)
  t.match(stdout, /First line$/m)
  t.ok(stdout.length < 500)
})

t.test('what an address or a command has wrong is told by its field, and once', async (t) => {
  const running = await startApp(t)
  const session = await signInBy(running)
  const look = async (url: string) => {
    const { statusCode, body } = await openPage(running, session, url)
    return [statusCode, /class="detail">([^<]*)</.exec(body)?.[1]]
  }
  t.match(await look('/inbox?tab=bogus'), [
    400,
    /^tab: expected one of needs, .*silenced, got &quot;bogus&quot;$/,
  ])
  t.match(await look('/board?priority=%3Cb%3E'), [
    400,
    'priority: expected one of critical, normal, low, got &quot;&lt;b&gt;&quot;',
  ])
  t.match(await look('/alerts/abc'), [404, 'There is nothing at /alerts/abc'])
  const { status, detail, problems } = (
    await asCli(running, 'GET', '/api/v1/alerts?limit=many&state=gone')
  ).json()
  t.equal(status, 400)
  t.match(problems, ['limit must be integer', /^state: expected one of queued, .*, got "gone"$/])
  t.equal(detail, problems.join('; '))
  t.equal((await asCli(running, 'GET', '/api/v1/alerts/abc')).statusCode, 400)
  const { stderr } = await mcFor(running)(['webhook', 'create', 'Bad Name'])
  t.match(stderr, /^name: expected lower-case letters, digits and hyphens/)
  t.equal(stderr.split('name: expected').length, 2, stderr)
})
