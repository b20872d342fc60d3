import { createQuestions } from '@mc/core/questions/questions.ts'
import { createTurns } from '@mc/core/turns/turns.ts'
import t from 'tap'
import { type RunningApp, startApp } from '../support/app.ts'
import { mcFor } from '../support/mc.ts'
import { until } from '../support/until.ts'
import { asAgent, asCli, openPage, signInBy, submit } from './desk.ts'

const inFlight = async ({ luci }: RunningApp) => {
  const turn = await luci.send({ text: 'Order a disk', origin: 'user' })
  await luci.say(turn.id, 'One moment.')
  return turn.id
}

t.test('she asks, a form answers without script, and everybody sees by whom', async (t) => {
  const running = await startApp(t, { listen: false })
  const session = await signInBy(running)
  const turn = await inFlight(running)
  const body = { text: 'Which <b>disk</b>?', options: ['4 TB', '8 & "more"'] }
  const asked = await asAgent(running, 'POST', '/api/v1/questions', body, turn)
  t.match({ status: asked.statusCode, ...asked.json() }, { status: 201, id: 1, turnId: turn })
  t.match((await asCli(running, 'POST', '/api/v1/questions', body)).json(), {
    status: 400,
    detail: /Only Luci asks/,
  })
  const answer = '/api/v1/questions/1/answer'
  t.equal((await asAgent(running, 'POST', answer, { answer: 'x' }, turn)).statusCode, 403)
  const home = (await openPage(running, session, '/')).body
  t.match(home, /Which &lt;b&gt;disk[\s\S]*value="8 &amp; &quot;more&quot;"/)
  t.match(home, /href="\/#question-1"/)

  const fields = { answer: '8 & "more"', _back: `/#turn-${turn}` }
  const answered = await submit(running, session, answer, fields)
  t.match(answered, { statusCode: 303, headers: { location: `/#turn-${turn}` } })
  const late = await submit(running, session, answer, { answer: 'no', _back: '/' })
  t.match(late, { statusCode: 303, headers: { location: '/' } }, 'it is told on the page')
  t.match((await asCli(running, 'POST', answer, { answer: 'no' })).json(), {
    status: 409,
    detail: 'Question 1 is over. Answered on the page: 8 & "more"',
  })
  t.match(
    (await openPage(running, session, `/turns/${turn}`)).body,
    /Luci asked you[\s\S]*Answered on the page: 8 &amp; &quot;more&quot;/,
  )
  const [newest] = await createTurns(running.db, running.clock).list({ limit: 1 })
  t.match(newest, { origin: 'user', state: 'queued', text: /^Answer to your question 1 / })
})

t.test('a question of a message further up stands above the composer', async (t) => {
  const running = await startApp(t, { listen: false })
  const session = await signInBy(running)
  const turn = await inFlight(running)
  await asAgent(running, 'POST', '/api/v1/questions', { text: 'Still of use?' }, turn)
  for (let n = 0; n < 17; n++) await running.luci.send({ text: `more ${n}`, origin: 'user' })
  const { body } = await openPage(running, session, '/')
  t.match(body.slice(body.indexOf('id="asks"')), /where she asked[\s\S]*Still of use\?/)
  t.equal(body.split('id="question-1"').length, 2, 'once')
})

t.test('mc ask waits for the answer, and the desk lists and answers by mc', async (t) => {
  const running = await startApp(t)
  const mc = mcFor(running)
  const env = { MC_CREDENTIAL: `${running.config.dataDir}/credentials/agent` }
  const turn = await inFlight(running)
  const questions = createQuestions(running.db, running.clock)
  const hers = (args: string[]) => mc(['--turn', turn, ...args], { env })
  const waiting = hers(['ask', 'Which disk?', '--option', '4 TB', '--wait', '600'])
  await until('it is asked', async () => (await questions.open()).length === 1)
  t.match((await mc(['question', 'list'])).stdout, /1 +open .*Which disk\?/)
  t.match((await mc(['question', 'answer', '1', 'the', 'large', 'one'])).stdout, /Answered/)
  t.match(await waiting, { exitCode: 0, stdout: 'the large one' })
  t.match(await questions.get(1), { answerTurnId: turn, answeredVia: 'cli' })
  t.match((await mc(['question', 'answer', '1', 'x'])).stderr, /Answered by mc: the large one/)
  t.match(await hers(['ask', 'When?', '--wait', '0']), { exitCode: 1, stderr: /not answered yet/ })
  t.match((await hers(['question', 'withdraw', '2'])).stdout, /is withdrawn/)
  t.match((await mc(['question', 'show', '2'])).stdout, /Luci took it back/)
})
