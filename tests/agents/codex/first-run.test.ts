import t from 'tap'
import { answerUntil, asked, configure, openCodex } from './desk.ts'

/* What stands in the way before her first message, and how a person takes it away. */

t.setTimeout(600_000)

t.test('a new home asks for a login; it is answered from here, and a message waits', async (t) => {
  const desk = await openCodex(t, { fresh: true })
  const login = await asked(desk, /Choose how you want to use Codex/)
  t.match(login, { kind: 'login', choices: { length: 3 } })
  t.equal(desk.now().luci.status().state, 'needs_you')
  const id = await desk.send('ECHO:hello')
  await answerUntil(
    desk,
    /Choose how you want to use Codex/,
    /another way/,
    /Sign in another way\s+> 1\. Use/,
  )
  await t.rejects(
    desk.now().luci.answer({ turnId: null, promptId: login.id, choice: '1' }),
    { code: 'conflict' },
    'that question is over',
  )
  await answerUntil(
    desk,
    /Sign in another way/,
    /OpenAI API key/,
    /Paste or type your API key below/,
  )
  const field = await asked(desk, /Paste or type your API key/)
  t.equal(field.kind, 'unknown')
  t.equal((await desk.turnOf(id)).state, 'queued', 'nothing was typed into all that')
  // No further: with a key it would look for its maker's servers.
})

t.test('a strange folder is trusted by the person alone', async (t) => {
  const desk = await openCodex(t, { strange: true })
  await asked(desk, /Trust this folder\?/)
  const id = await desk.send('ECHO:hello')
  t.equal((await desk.turnOf(id)).state, 'queued')
  await answerUntil(desk, /Trust this folder\?/, /^Trust/, /Ask Codex/)
  t.match(await desk.ended(id), { state: 'answered', reply: 'hello' })
})

t.test('when her hooks do not run, a message ends unknown and says why', async (t) => {
  const desk = await openCodex(t)
  await desk.idle()
  await configure(desk, '[features]\nhooks = false\n')
  await desk.idle()
  const turn = await desk.ask('ECHO:hello')
  t.equal(turn.state, 'unknown')
  t.match(turn.problem, /hook/)
})

t.test('a question with options is answered from here', async (t) => {
  const desk = await openCodex(t)
  await desk.idle()
  // Its question tool is for its Plan mode, unless the person wants it everywhere.
  await configure(desk, '[features]\ndefault_mode_request_user_input = true\n')
  await desk.idle()
  const id = await desk.send('ASK:Which colour?|Red|Blue')
  const { prompt } = await desk.reached(id, ['blocked'])
  t.match(prompt, { kind: 'question', text: /Which colour\?/ })
  const blue = prompt?.choices.find(({ label }) => /^Blue/.test(label))
  await desk.now().luci.answer({ turnId: id, promptId: prompt?.id ?? '', choice: blue?.id ?? '' })
  const turn = await desk.ended(id)
  t.equal(turn.state, 'answered', turn.problem ?? '')
  t.match(turn.reply, /ASKDONE[\s\S]*Blue/)
})
