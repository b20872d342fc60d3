import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { projectRoot } from '@mc/core/environment.ts'
import { createTurns } from '@mc/core/turns/turns.ts'
import t, { type Test } from 'tap'
import { startBotApi } from '../../support/bot-api.ts'
import { postgresDatabase } from '../../support/database.ts'
import { bareEnvironment } from '../../support/program.ts'
import { until } from '../../support/until.ts'
import { startTelegramDesk } from './desk.ts'

const onEach = (name: string, body: (t: Test, env: Record<string, string>) => Promise<void>) => {
  t.test(`${name} (sqlite)`, (t) => body(t, {}))
  t.test(`${name} (postgres)`, async (t) => {
    const db = await postgresDatabase(t)
    await body(t, { DATABASE_URL: (db as { url: string }).url })
  })
}

onEach('across a restart nothing is lost, and nothing is done twice', async (t, env) => {
  const desk = await startTelegramDesk(t, { env, deaf: true })
  const { bot, luci, nouns } = desk
  for (const text of ['one', 'two', 'three']) bot.write(text)
  const turns = async () => (await nouns.turns.list()).reverse()
  await desk.listen()
  await until('all three are turns', async () => (await turns()).length === 3)
  await desk.settled()
  await desk.deafen()
  const [first] = await turns()
  await luci.say(first?.id ?? '', 'the answer to one')
  await luci.finish(first?.id ?? '')
  bot.inject({
    update_id: 1_001,
    message: { message_id: 1, chat: { id: 42, type: 'private' }, from: { id: 42 }, text: 'one' },
  })
  bot.write('four')
  await desk.listen()
  t.match(await desk.said(/the answer to one/), { replyTo: 1 })
  await until('the last is a turn', async () => (await turns()).length === 4)
  t.same(
    (await turns()).map(({ text }) => text),
    ['one', 'two', 'three', 'four'],
  )
  t.equal(bot.messages.filter(({ text }) => /the answer/.test(text)).length, 1)
})

t.test('what may have arrived before says so', async (t) => {
  const { bot, said } = await startTelegramDesk(t)
  bot.moods.sendMessage = { type: 'done_then_hang_up' }
  bot.write('/help')
  await said(/Mission Control/)
  bot.moods = {}
  const again = await said(/Sent again/)
  t.match(again.text, /^<i>Sent again: it may have reached you before\.<\/i>\n<b>Mission Control/)
})

t.test('killed again and again, it hears everything once', async (t) => {
  const bot = await startBotApi(t)
  const desk = await startTelegramDesk(t, { bot, deaf: true })
  const turns = createTurns(desk.db, desk.clock)
  const env = bareEnvironment({
    MC_DATA_DIR: desk.config.dataDir,
    MC_TELEGRAM_TOKEN: bot.token,
    MC_TELEGRAM_CHAT_ID: '42',
    MC_TELEGRAM_ALLOWED_USERS: '42',
    MC_TELEGRAM_API_ROOT: bot.url,
  })
  const texts = Array.from({ length: 12 }, (_, n) => `message ${n}`)
  const waiting = [...texts]
  for (let round = 1; round <= 3; round++) {
    const child = spawn(process.execPath, [join(projectRoot, 'tests', 'fixtures', 'listens.ts')], {
      env,
      stdio: 'inherit',
    })
    t.teardown(() => child.kill('SIGKILL'))
    await until('it listens', () => bot.isListenedTo(), 30_000)
    for (const text of waiting.splice(0, 4)) bot.write(text)
    // The last lives on; the others die in the middle of it.
    await until(
      'it is at it',
      async () => (await turns.list()).length >= round * 4 - (round < 3 ? 2 : 0),
    )
    if (round === 3) await desk.settled()
    child.kill('SIGKILL')
    await once(child, 'exit')
  }
  const heard = (await turns.list()).map(({ text }) => text).reverse()
  t.same(heard, texts)
  const said = bot.messages.filter(({ text }) => /Luci is stopped/.test(text))
  t.ok(said.length >= texts.length, 'each was answered')
  t.ok(said.filter(({ text }) => !/Sent again/.test(text)).length <= texts.length)
})
