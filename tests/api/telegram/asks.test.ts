import type { Prompt } from '@mc/core/turns/turn.ts'
import t from 'tap'
import { until } from '../../support/until.ts'
import { startTelegramDesk } from './desk.ts'

const prompt = (over: Partial<Prompt> = {}): Prompt => ({
  id: 'p1',
  kind: 'permission',
  text: 'Do you want to proceed?',
  command: 'rm -rf <build>',
  folder: '/work',
  choices: [
    { id: '1', label: 'Yes' },
    { id: '2', label: 'No, and tell Claude what to do differently' },
  ],
  ...over,
})

/** A turn of a person in which she asks. */
const blocked = async (desk: Awaited<ReturnType<typeof startTelegramDesk>>, asks = prompt()) => {
  const turn = await desk.nouns.turns.queue({ text: 'clean up', origin: 'user' })
  await desk.luci.say(turn.id, 'Let me see. ')
  await desk.nouns.turns.move(turn.id, ['answering'], 'blocked', { prompt: asks })
  desk.luci.setStatus({
    state: 'needs_you',
    turnId: turn.id,
    asks,
    since: desk.clock.now().toISOString(),
  })
  return turn
}

t.test('what she asks comes with its choices, and a press answers it', async (t) => {
  const desk = await startTelegramDesk(t)
  const { bot, nouns, said, toasted } = desk
  const turn = await blocked(desk)
  const asked = await said(/asks for permission/)
  t.match(asked.text, /<pre>rm -rf &lt;build&gt;<\/pre>\nin \/work\nDo you want to proceed\?/)
  t.same(
    asked.buttons.map(([one]) => one?.label),
    ['Yes', '2. No, and tell Claude what to do differently'],
  )
  bot.press('Yes')
  await toasted(/^Ana chose: Yes$/)
  t.match(await nouns.turns.get(turn.id), { state: 'answering', prompt: null })
  desk.luci.setStatus({ state: 'working', asks: null })
  await until('the message says so', () => asked.edits === 1)
  t.match(asked, { text: /\n\n<i>Ana chose: Yes<\/i>$/, buttons: [] })
})

t.test('answered elsewhere, the message says so and its buttons go', async (t) => {
  const desk = await startTelegramDesk(t)
  const { bot, luci, said, toasted } = desk
  const turn = await blocked(desk)
  const asked = await said(/asks for permission/)
  const data = asked.buttons[0]?.[0]?.data ?? ''
  await luci.answer({ turnId: turn.id, promptId: 'p1', choice: '2' })
  luci.setStatus({ state: 'working', asks: null })
  await until('the message says so', () => asked.edits === 1)
  t.match(asked, { text: /Answered on the page or in her pane/, buttons: [] })
  bot.press('x', { data })
  await toasted(/She no longer asks this/)
})

t.test('another question in its place is never answered by the first one’s button', async (t) => {
  const desk = await startTelegramDesk(t)
  const { bot, luci, nouns, said, toasted } = desk
  const turn = await blocked(desk)
  await said(/asks for permission/)
  const second = prompt({ id: 'p2', command: 'git push --force' })
  await nouns.turns.move(turn.id, ['blocked'], 'answering', { prompt: null })
  await nouns.turns.move(turn.id, ['answering'], 'blocked', { prompt: second })
  bot.press('Yes')
  await toasted(/She no longer asks this/)
  t.match(await nouns.turns.get(turn.id), { state: 'blocked', prompt: { id: 'p2' } })
  luci.setStatus({ asks: second })
  await said(/git push --force/)
})

t.test('while a page is open it waits a minute; in the night it makes no sound', async (t) => {
  const desk = await startTelegramDesk(t, {
    openPages: () => 1,
    env: { MC_QUIET_HOURS: '00:00-24:00' },
  })
  const before = desk.clock.now().getTime()
  await blocked(desk)
  const asked = await desk.said(/asks for permission/)
  t.ok(desk.clock.now().getTime() - before > 59_000)
  t.equal(asked.silent, true)
})

t.test('a digest’s question is nobody’s to answer, and "off" is off', async (t) => {
  for (const origin of ['digest', 'user'] as const) {
    const desk = await startTelegramDesk(
      t,
      origin === 'user' ? { env: { MC_TELEGRAM_ASKS: 'off' } } : {},
    )
    const turn = await desk.nouns.turns.queue({ text: 'digest', origin })
    desk.luci.setStatus({ state: 'needs_you', turnId: turn.id, asks: prompt() })
    desk.bot.write('/help')
    await desk.said(/Mission Control/)
    t.equal(desk.bot.messages.length, 1)
    await desk.deafen()
  }
})

t.test('after a restart the same question gets new buttons under its message', async (t) => {
  const desk = await startTelegramDesk(t)
  const { bot, luci, nouns, said, toasted } = desk
  const turn = await blocked(desk)
  const asked = await said(/asks for permission/)
  await desk.deafen()
  const again = prompt({ id: 'p1-after' })
  await nouns.turns.move(turn.id, ['blocked'], 'answering', { prompt: null })
  await nouns.turns.move(turn.id, ['answering'], 'blocked', { prompt: again })
  luci.setStatus({ asks: again })
  await desk.listen()
  await until('its buttons are new', () => asked.edits === 1)
  t.equal(bot.messages.length, 1)
  bot.press('Yes')
  await toasted(/^Ana chose: Yes$/)
  t.match(await nouns.turns.get(turn.id), { state: 'answering' })
})
