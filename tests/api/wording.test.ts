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
