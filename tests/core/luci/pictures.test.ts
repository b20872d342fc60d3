import { existsSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { until } from '../../support/until.ts'
import { fixture, openDesk, tmux } from './desk.ts'

/** What its picture must be still for is the same wait for every test of it. */
const still = { stillMs: 400, unsureStillMs: 3_000 }

/** A full-screen program that nobody knows, and that misbehaves as its arguments say. */
const deskWith = async (t: Test, how: string[] = [], limits = {}) => {
  const desk = await openDesk(t, {
    profile: 'generic',
    command: [process.execPath, fixture('tui.ts'), ...how],
    limits: { receiveWithinMs: 10_000, echoWithinMs: 5_000, ...still, ...limits },
  })
  const asks = (what = 'her to ask') => until(what, () => desk.luci.status().asks)
  return {
    ...desk,
    asks,
    screen: () => tmux(desk.socket, 'capture-pane', '-p'),
    keys: (...keys: string[]) => tmux(desk.socket, 'send-keys', '-t', '=luci:', ...keys),
    made: (name: string) => existsSync(join(desk.dataDir, 'cwd', name)),
    send: async (text: string) => (await desk.luci.send({ origin: 'user', text })).id,
    blocked: (id: string) =>
      until('the turn to be blocked', async () => {
        const { turn } = await desk.luci.harvest(id)
        if (turn.endedAt) throw new Error(`It ended ${turn.state}: ${turn.problem}`)
        return turn.state === 'blocked' ? turn.prompt : null
      }),
  }
}

t.test('an unknown full-screen program answers, and the answer says how sure it is', async (t) => {
  const desk = await deskWith(t)
  await desk.idle()
  const turn = await desk.ask('say hello')
  t.match(turn, { state: 'answered', reply: 'hello', problem: /lower confidence/ })
  t.match(turn.evidence, { answered: 'screen:busy-then-idle' })
  t.match(await desk.ask('lines 20'), { reply: /^line 1\nline 2\n[\s\S]*line 20$/ })
})

t.test('a reply that scrolled away says so', async (t) => {
  const desk = await deskWith(t)
  await desk.idle()
  t.match(await desk.ask('lines 90'), {
    state: 'answered',
    reply: /line 90$/,
    problem: /beginning had scrolled away/,
  })
})

t.test('a program that never shows work is not believed to have answered', async (t) => {
  const desk = await deskWith(t, ['quiet'])
  await desk.idle()
  const turn = await desk.ask('say maybe')
  t.match(turn, { state: 'unknown', reply: 'maybe', problem: /did not show when it was done/ })
})

t.test('a copied dialog, a prompt and a busy line in a reply are text', async (t) => {
  const desk = await deskWith(t)
  await desk.idle()
  const turn = await desk.ask('copied')
  t.match(turn, { state: 'answered', reply: /proceed\?[\s\S]*1\. Yes[\s\S]*❯ say hello/ })
  t.match(await desk.ask('say after'), { state: 'answered', reply: 'after' })
})

t.test('a question blocks the turn at once, is answered once, and it goes on', async (t) => {
  const desk = await deskWith(t)
  await desk.idle()
  const id = await desk.send('touch wanted')
  const prompt = await desk.blocked(id)
  t.match(prompt.text, /Run this command\?\ntouch wanted/)
  t.same(
    prompt.choices.map(({ label }) => label),
    ['Yes', 'Yes, always', 'No', 'Stop it'],
  )
  t.equal(desk.luci.status().state, 'needs_you')
  const answer = (promptId: string) => desk.luci.answer({ turnId: id, promptId, choice: '1' })
  await t.rejects(answer('0000'), { code: 'conflict' })
  const answers = await Promise.allSettled([answer(prompt.id), answer(prompt.id)])
  t.same(answers.map(({ status }) => status).sort(), ['fulfilled', 'rejected'])
  t.match(await desk.ended(id), { state: 'answered', reply: /made wanted/ })
  t.ok(desk.made('wanted'))
})

t.test('the choice is made by its place, whatever was selected', async (t) => {
  const desk = await deskWith(t)
  await desk.idle()
  const id = await desk.send('touch unwanted')
  const prompt = await desk.blocked(id)
  desk.keys('-H', '1b', '5b', '42')
  await desk.luci.answer({ turnId: id, promptId: prompt.id, choice: '3' })
  t.match(await desk.ended(id), { state: 'answered', reply: /refused/ })
  t.notOk(desk.made('unwanted'))
})

t.test('a question answered by hand in the pane is noticed', async (t) => {
  const desk = await deskWith(t)
  await desk.idle()
  const id = await desk.send('touch byhand')
  const prompt = await desk.blocked(id)
  desk.keys('-H', '0d')
  t.match(await desk.ended(id), { state: 'answered', reply: /made byhand/ })
  const late = desk.luci.answer({ turnId: id, promptId: prompt.id, choice: '3' })
  await t.rejects(late, { code: 'conflict' })
})

t.test(
  'a question at her first start waits for a person, and nothing is typed into it',
  async (t) => {
    const desk = await deskWith(t, ['first-run'])
    const asks = await desk.asks()
    t.match(asks, {
      text: /Do you trust/,
      choices: [{ label: 'Yes, I trust it' }, { label: 'No' }],
    })
    const id = await desk.send('say at last')
    await t.rejects(desk.luci.answer({ turnId: null, promptId: 'beef', choice: '1' }), {
      code: 'conflict',
    })
    t.match((await desk.luci.harvest(id)).turn, { state: 'queued' })
    t.equal(await desk.luci.answer({ turnId: null, promptId: asks.id, choice: '1' }), null)
    t.match(await desk.ended(id), { state: 'answered', reply: 'at last' })
    t.equal(desk.luci.status().asks, null)
  },
)

t.test('a picture that nobody knows is shown with keys for a person to press', async (t) => {
  const desk = await deskWith(t)
  await desk.idle()
  const id = await desk.send('strange')
  const prompt = await desk.blocked(id)
  t.match(prompt, { kind: 'unknown', text: /a picture of its own/ })
  await desk.luci.answer({ turnId: id, promptId: prompt.id, choice: 'key:escape' })
  t.match(await desk.ended(id), { state: 'answered', reply: /it is over/ })
})

t.test('a question that opens while the text is pasted gets no Enter', async (t) => {
  const desk = await deskWith(t, ['traps'])
  await desk.idle()
  const turn = await desk.ask('say something')
  t.match(turn, { state: 'unknown', problem: /Enter was not pressed/ })
  t.match(desk.screen(), /Overwrite the file\?[\s\S]*❯ 1\. Yes/, 'it still stands there')
  t.match(await desk.asks(), { text: /Overwrite/ })
})

t.test('a question that took our Enter makes the turn unknown, in words', async (t) => {
  const desk = await deskWith(t, ['late'])
  await desk.idle()
  const turn = await desk.ask('say something')
  t.match(turn, { state: 'unknown', problem: /just as Enter was pressed/ })
})

t.test('an Enter that is swallowed is pressed again, a suggestion is no draft', async (t) => {
  const desk = await deskWith(t, ['swallows', 'hint'])
  await desk.idle()
  t.match(await desk.ask('say once'), { state: 'answered', reply: 'once' })
  t.equal(desk.screen().split('❯ say once').length, 2, 'it came once')
})

t.test('an interrupted message that comes back is cleared before the next', async (t) => {
  const desk = await deskWith(t, ['returns'])
  await desk.idle()
  const id = await desk.send('slow 100 200')
  await until('it to begin', () => /tick 1\b/.test(desk.screen()))
  await desk.luci.interrupt(id)
  await until('it to come back', () => /❯ slow 100 200[^─]*─/.test(desk.screen()))
  t.match(await desk.ask('say next'), { state: 'answered', reply: 'next' })
})

t.test('nothing is typed while a person works in the pane, or has a draft there', async (t) => {
  const desk = await deskWith(t)
  await desk.idle()
  desk.keys('-l', '--', 'slow 4 300')
  await until('the draft to stand', () => /❯ slow 4 300/.test(desk.screen()))
  const id = await desk.send('say ours')
  await until('it to be held', () => /draft/.test(desk.luci.status().problem ?? ''))
  desk.keys('-H', '0d')
  t.match(await desk.ended(id), { state: 'answered', reply: 'ours' })
  t.match(desk.screen(), /tick 4[\s\S]*❯ say ours/)
})

t.test('a digest that is blocked is refused at its deadline, and a person is served', async (t) => {
  const desk = await deskWith(t)
  await desk.idle()
  const id = await desk.send('menu Approve?|Yes|No')
  await desk.blocked(id)
  const waiting = await desk.send('say served')
  // What the deadline of a digest does: the interrupt key, and never a choice.
  await desk.luci.interrupt(id)
  t.match(await desk.ended(id), { state: 'interrupted' })
  t.match(await desk.ended(waiting), { state: 'answered', reply: 'served' })
})
