import t from 'tap'
import { until } from '../../support/until.ts'
import { startTelegramDesk } from './desk.ts'

type Desk = Awaited<ReturnType<typeof startTelegramDesk>>

const ask = async (
  { nouns }: Desk,
  options: string[] = ['4 TB', 'The <big> one, whatever it may cost us'],
) => {
  const turn = await nouns.turns.queue({ text: 'order a disk', origin: 'user' })
  return nouns.questions.ask(turn, { text: 'Which disk <b>shall</b> I order?', options })
}

/** What the answer became, once it has. */
const answerTurn = (desk: Desk, id: number) =>
  until('it is answered', async () => {
    const { answerTurnId } = await desk.nouns.questions.get(id)
    return answerTurnId ? desk.nouns.turns.get(answerTurnId) : null
  })

t.test(
  'a question comes with its options; a press answers it, and her reply comes to it',
  async (t) => {
    const desk = await startTelegramDesk(t)
    const { id } = await ask(desk)
    const asked = await desk.said(/Luci asks you/)
    t.match(
      asked.text,
      /Which disk &lt;b&gt;shall&lt;\/b&gt; I order\?[\s\S]*2\. The &lt;big&gt; one/,
    )
    t.same(
      asked.buttons.map(([one]) => one?.label),
      ['4 TB', '2. The <big> one, whatever it may cost us'],
    )
    const data = asked.buttons[0]?.[0]?.data ?? ''
    desk.bot.press(/big/, { from: { id: 66, name: 'Eve', chatId: '42' } })
    desk.bot.press('4 TB')
    await desk.toasted(/^Answered at Telegram by Ana: 4 TB$/)
    const turn = await answerTurn(desk, id)
    t.match(turn, { origin: 'telegram', author: 'Ana', text: /4 TB$/ })
    await until('the message says so', () => asked.edits === 1)
    t.match(asked, { text: /<i>Answered at Telegram by Ana: 4 TB<\/i>$/, buttons: [] })
    desk.bot.press('x', { data })
    await desk.toasted(/Done before/)
    await desk.luci.say(turn.id, 'Ordered.')
    await desk.luci.finish(turn.id)
    t.match(await desk.said(/Ordered\./), { replyTo: asked.id })
  },
)

t.test(
  'answered on the page, the message says so; a late press and a late reply do not count',
  async (t) => {
    const desk = await startTelegramDesk(t)
    const { id } = await ask(desk)
    const asked = await desk.said(/Luci asks you/)
    const data = asked.buttons[0]?.[0]?.data ?? ''
    await desk.nouns.questions.answer(id, { answer: 'none', by: 'person', via: 'page' })
    await until('the message says so', () => asked.edits === 1)
    t.match(asked, { text: /<i>Answered on the page: none<\/i>$/, buttons: [] })
    desk.bot.press('x', { data })
    await desk.toasted(/Answered on the page: none/)
    desk.bot.write('the 4 TB one after all', { replyTo: asked.id })
    await desk.settled()
    t.match(await desk.nouns.questions.get(id), { answer: 'none' })
    t.match(await desk.nouns.turns.list({ limit: 1 }), [
      { text: `(In reply to your question ${id}.)\n\nthe 4 TB one after all` },
    ])
  },
)

t.test('a reply answers in the person’s own words, also after a restart', async (t) => {
  const desk = await startTelegramDesk(t, {
    env: { MC_QUIET_HOURS: '00:00-24:00' },
    openPages: () => 1,
  })
  const before = desk.clock.now().getTime()
  const { id } = await ask(desk, [])
  const asked = await desk.said(/reply to this message/)
  t.ok(desk.clock.now().getTime() - before > 59_000, 'while a page is open it waits a minute')
  t.match(asked, { silent: true, buttons: [] })
  await desk.deafen()
  desk.bot.write('two small ones', { replyTo: asked.id })
  await desk.listen()
  t.match(await answerTurn(desk, id), { author: 'Ana', text: /: two small ones$/ })
  await until('the message says so', () => asked.edits === 1)
  t.equal(desk.bot.messages.filter(({ text }) => /Luci asks you/.test(text)).length, 1)
})

t.test('"off" is off', async (t) => {
  const desk = await startTelegramDesk(t, { env: { MC_TELEGRAM_ASKS: 'off' } })
  await ask(desk)
  desk.bot.write('/inbox')
  t.match(await desk.said(/Needs you/), { text: /Luci asks you · Which disk/ })
  t.equal(desk.bot.messages.length, 1)
})
