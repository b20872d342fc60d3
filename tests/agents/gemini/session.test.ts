import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Prompt } from '@mc/core/turns/turn.ts'
import t, { type Test } from 'tap'
import { until } from '../../support/until.ts'
import { type Desk, openDesk, PATIENCE_MS } from '../battery/desk.ts'

/* What the battery does not ask of every program: what is Gemini CLI's own. */

t.setTimeout(900_000)

const desk = async (t: Test, options: Parameters<typeof openDesk>[1] = {}): Promise<Desk> => {
  const opened = await openDesk('gemini', options)
  t.teardown(async () => {
    if (!t.passing()) t.comment(`${opened.screen()}\n${recordOf(opened)}`)
    await opened.close()
  })
  return opened
}

/** Which hooks were heard, for one who reads of a failure. */
const recordOf = (of: Desk): string => {
  const folder = join(of.folder, 'data', 'luci')
  return readdirSync(folder)
    .filter((name) => name.startsWith('record-'))
    .flatMap((name) => readFileSync(join(folder, name), 'utf8').split('\n'))
    .map((line) => /"hook_event_name":"\w+","timestamp":"[^"]*"/.exec(line)?.[0] ?? '')
    .join('\n')
}

/** What she asks without a turn, once it is something else than before. */
const asked = (of: Desk, before?: Prompt): Promise<Prompt> =>
  until(
    'her to ask',
    () => {
      const { asks } = of.now().luci.status()
      return asks && asks.id !== before?.id ? asks : null
    },
    PATIENCE_MS,
  )

const choose = async (of: Desk, prompt: Prompt, words: RegExp) => {
  const choice = prompt.choices.find(({ label }) => words.test(label))
  if (!choice) throw new Error(`None of ${JSON.stringify(prompt.choices)} is ${words}`)
  await of.now().luci.answer({ turnId: null, promptId: prompt.id, choice: choice.id })
}

t.test('a fresh home is asked through, from trust to key, by a person alone', async (t) => {
  const of = await desk(t, { fresh: true })
  const trust = await asked(of)
  t.match(trust, { kind: 'permission', text: /Do you trust the files in this folder\?/ })
  await choose(of, trust, /^Trust folder/)
  const auth = await asked(of, trust)
  t.match(auth, { kind: 'login', text: /How would you like to authenticate/ })
  await choose(of, auth, /^Use Gemini API Key$/)
  const key = await asked(of, auth)
  t.match(key, { kind: 'login', choices: [{ label: 'Use it' }] })
  t.notMatch(JSON.stringify(key), /scripted/, 'the key itself is shown to nobody')
  await choose(of, key, /^Use it$/)
  // It starts again for the trust given, or, when the next dialog came too soon, says that it must.
  const state = await until(
    'her to be idle or to say why not',
    () => {
      const { state, asks } = of.now().luci.status()
      return state === 'idle' || /started again/.test(asks?.text ?? '') ? state : null
    },
    PATIENCE_MS,
  )
  if (state !== 'idle') {
    await of.now().luci.stop()
    await of.now().luci.start()
  }
  await of.idle()
  t.match(await of.ask('ECHO:ready'), { state: 'answered', reply: 'ready' })
  t.notOk(existsSync(join(of.folder, 'home', '.gemini')), 'nothing was written for the person')

  // What was chosen there is remembered there.
  await of.now().luci.switch({ profile: 'house' })
  await of.now().luci.switch({ profile: 'gemini' })
  await of.idle()
  t.match(await of.ask('ECHO:again'), { state: 'answered', reply: 'again' })
})

t.test('without trust she hears nothing, and that is said', async (t) => {
  const of = await desk(t, { strange: true })
  const trust = await asked(of)
  await choose(of, trust, /^Don't trust$/)
  const said = await asked(of, trust)
  t.match(said, { kind: 'unknown', text: /does not trust the folder/ })
  const id = await of.send('ECHO:never')
  t.equal((await of.turnOf(id)).state, 'queued')
})

t.test("the person's own files stay as they are", async (t) => {
  const of = await desk(t)
  const home = join(of.folder, 'home', '.gemini')
  const files = () =>
    Object.fromEntries(
      readdirSync(home).map((name) => [name, readFileSync(join(home, name), 'utf8')]),
    )
  const before = files()
  await of.idle()
  t.match(await of.ask('ECHO:seen'), { state: 'answered', reply: 'seen' })
  t.same(files(), before)
  t.match(of.model.about('ECHO:seen').at(-1)?.asked?.system, /You are Luci/, 'she has her brief')
})

t.test('what her transcript drops is in the reply', async (t) => {
  const of = await desk(t)
  await of.idle()
  const text = 'a <!-- note --> b 👩\u200d👩\u200d👧 x\u200e\ufeffy'
  t.match(await of.ask(`ECHO:${text}`), { state: 'answered', reply: text, problem: null })
  // Its own tools come between two of her answers.
  const id = await of.send('CHAIN:ECHO:before ;; TOOL:mc status ;; ECHO:after')
  const turn = await of.ended(id)
  t.match(turn, { state: 'answered', reply: /^before\n\nTOOLDONE [\s\S]*\nafter$/ })
  const streamed = of.events.flatMap((event) =>
    event.type === 'text' && event.turnId === id ? [event.text] : [],
  )
  t.equal(streamed.join(''), turn.reply)
})

t.test('a model that fails without end is waited for until a person stops it', async (t) => {
  const of = await desk(t)
  await of.idle()
  const id = await of.send('ERROR:500')
  await until('her to ask again', () => of.model.about('ERROR:500').length > 2, PATIENCE_MS)
  t.match(await of.turnOf(id), { state: 'received' })
  await of.now().luci.interrupt(id)
  t.match(await of.ended(id), { state: 'interrupted' })
  t.match(await of.ask('ECHO:on'), { state: 'answered', reply: 'on' })
})

t.test('a conversation begun anew by hand is the one that is resumed', async (t) => {
  const of = await desk(t)
  await of.idle()
  t.match(await of.ask('ECHO:first-talk'), { state: 'answered' })
  of.tmux('send-keys', '-t', '=luci:', '-l', '--', '/clear')
  // The list of commands opens above it, and must have it alone.
  await until('it to stand there', () => /> \/clear[\s\S]*Clear the screen/i.test(of.screen()))
  of.tmux('send-keys', '-t', '=luci:', '-H', '0d')
  await until('the talk to be gone', () => !/first-talk/.test(of.screen()), PATIENCE_MS)
  t.match(await of.ask('ECHO:second-talk'), { state: 'answered', reply: 'second-talk' })
  await of.now().luci.switch({ profile: 'house' })
  await of.now().luci.switch({ profile: 'gemini' })
  await of.idle()
  t.match(await of.ask('ECHO:third'), { state: 'answered', reply: 'third' })
  const heard = JSON.stringify(of.model.about('ECHO:third').at(-1)?.body)
  t.match(heard, /second-talk/)
  t.notMatch(heard, /first-talk/)
  t.match(of.model.about('ECHO:third').at(-1)?.asked?.system, /You are Luci/)
})

t.test('a question is on the page within a second of standing in the pane', async (t) => {
  const of = await desk(t)
  await of.idle()
  const id = await of.send('TOOL:touch asked.txt')
  let stood = 0
  await until(
    'it to stand there',
    () => {
      if (/Allow execution of/.test(of.screen())) stood ||= performance.now()
      return stood
    },
    PATIENCE_MS,
  )
  const { prompt } = await of.reached(id, ['blocked'])
  t.ok(performance.now() - stood < 1_000, `${Math.round(performance.now() - stood)} ms`)
  t.match(prompt, { kind: 'permission', command: 'touch asked.txt', folder: of.cwd })
  await of.now().luci.answer({ turnId: id, promptId: prompt?.id ?? '', choice: 'stop' })
  t.match(await of.ended(id), { state: 'interrupted' })
  t.notOk(of.isMade('asked.txt'))
})

t.test('nothing rides on the leave that mc has', async (t) => {
  const of = await desk(t)
  await of.idle()
  const commands = ['mc status && touch one', 'mc status > two', 'mcx', 'mc status $(touch three)']
  for (const command of commands) {
    const id = await of.send(`TOOL:${command}`)
    const { prompt } = await of.reached(id, ['blocked'])
    t.match(prompt, { kind: 'permission' }, command)
    await of.now().luci.answer({ turnId: id, promptId: prompt?.id ?? '', choice: 'stop' })
    t.match(await of.ended(id), { state: 'interrupted' })
  }
  t.same(['one', 'two', 'three'].filter(of.isMade), [])
})
