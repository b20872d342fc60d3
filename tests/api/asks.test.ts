import type { Prompt } from '@mc/core/turns/turn.ts'
import t from 'tap'
import { startApp } from '../support/app.ts'
import { mcFor } from '../support/mc.ts'
import { asCli, openPage, signInBy, submit } from './desk.ts'

const ANSWER = '/api/v1/persistent_luci/answer'

const trust: Prompt = {
  id: 'f00d',
  kind: 'permission',
  text: 'Do you trust the files in this folder?',
  command: null,
  folder: '/home/me/desk',
  choices: [
    { id: '1', label: 'Yes, I trust <b>it</b>' },
    { id: '2', label: 'No' },
  ],
}

t.test(
  'what she asks without a turn stands on Home with its choices, and is answered there',
  async (t) => {
    const running = await startApp(t, { listen: false })
    const session = await signInBy(running)
    running.luci.setStatus({ state: 'needs_you', asks: trust })
    const page = (await openPage(running, session, '/')).body
    t.match(page, /Needs you[\s\S]*Luci asks for permission/)
    t.match(page, /Do you trust the files[\s\S]*name="prompt" value="f00d"/)
    t.match(page, /<code>\/home\/me\/desk<\/code>/)
    t.match(page, /Yes, I trust &lt;b&gt;it/, 'her screen is text, not markup')
    const answered = await submit(running, session, ANSWER, { prompt: 'f00d', choice: '2' })
    t.equal(answered.statusCode, 303)
    t.equal(running.luci.status().asks, null)
    t.notMatch((await openPage(running, session, '/')).body, /Do you trust/)
  },
)

t.test('an answer to what she no longer asks is a conflict', async (t) => {
  const running = await startApp(t, { listen: false })
  running.luci.setStatus({ asks: trust })
  const late = await asCli(running, 'POST', ANSWER, { prompt: 'beef', choice: '1' })
  t.equal(late.statusCode, 409)
  t.ok(running.luci.status().asks, 'the question still stands')
})

t.test('the command line shows the question and answers exactly that one', async (t) => {
  const running = await startApp(t)
  const mc = mcFor(running)
  t.match((await mc(['luci', 'answer'])).stdout, /She asks nothing/)
  running.luci.setStatus({ asks: { ...trust, command: 'rm -r build' } })
  const shown = (await mc(['luci', 'answer'])).stdout
  t.match(shown, /command: rm -r build\nfolder: \/home\/me\/desk\nDo you trust/)
  t.match(shown, /1: Yes, I trust <b>it<\/b>\n {2}2: No\n.*--prompt f00d/)
  t.match(await mc(['luci', 'answer', '1', '--prompt', 'beef']), { exitCode: 4 })
  t.match(await mc(['luci', 'answer', '2', '--prompt', 'f00d']), {
    exitCode: 0,
    stdout: /Answered: No/,
  })
})
