import { createOutbox } from '@mc/core/alerts/outbox.ts'
import t from 'tap'
import { openAlertDesk } from '../../support/alert-desk.ts'
import { onEachDatabase, sqliteDatabase } from '../../support/database.ts'

const HOUR_MS = 3_600_000

onEachDatabase(
  'ten messages an hour; the urgent have a reserve and go at once; the rest is one "more"',
  async (t, db) => {
    const { raise, pass, drain, told, clock, bot, alerts } = await openAlertDesk(t, db)
    for (let n = 1; n <= 10; n++) {
      await raise(`trouble ${n}`)
      await pass(5_000)
    }
    t.equal(told().length, 10)
    for (let n = 11; n <= 13; n++) await raise(`trouble ${n}`)
    await raise('token of mail', 'normal', 'auth')
    await drain()
    t.equal(told().at(-1), '<b>token of mail</b>', 'the refused credential does not wait')
    await clock.advance(1_000)
    await raise('cap is reached', 'normal', 'costs')
    await drain()
    t.equal(told().at(-1), '<b>cap is reached</b>', 'nor what is told of ourselves')
    await clock.advance(1_000)
    await raise('disk', 'critical')
    await drain()
    t.equal(told().at(-1), '<b>🔴 disk</b>', 'nor does what is critical')
    await pass(4 * 60_000, 10_000)
    t.equal(told().length, 13, 'the others are collected')
    await pass(60_000, 10_000)
    t.match(bot.messages.at(-1)?.text, /3 more: the hour’s messages are used up[\s\S]*trouble 13/)
    t.equal((await alerts.list({ states: ['sent'] })).length, 16)

    await raise('trouble 14')
    await pass(30 * 60_000, 60_000)
    t.equal(told().length, 14, 'one "more" an hour')
    await pass(30 * 60_000, 60_000)
    t.equal(told().at(-1), '<b>trouble 14</b>', 'it goes when the hour has room again')
  },
)

t.test('no more than fifteen messages a minute, whoever sends them', async (t) => {
  const db = await sqliteDatabase(t)
  const { clock, raise, drain, told } = await openAlertDesk(t, db)
  const outbox = createOutbox(db, clock)
  const waits: number[] = []
  for (let n = 0; n < 12; n++) {
    waits.push(await outbox.takeSlot('reply'))
    await clock.advance(1_000)
  }
  t.same(new Set(waits), new Set([0]), 'a conversation goes at the pace')
  t.equal(await outbox.takeSlot('reply'), 48_000, 'until it has had its share of the minute')
  for (const name of ['a', 'b', 'c', 'd']) {
    await raise(name, 'critical')
    await drain()
    await clock.advance(1_000)
  }
  t.equal(told().length, 3, 'what is left of the minute is kept for alerts')
  t.equal(await outbox.takeSlot('summary'), 44_000)
  await clock.advance(44_000)
  await drain()
  t.equal(told().length, 4)
  t.equal(await outbox.takeSlot('reply'), 4_000, 'a reply waits until there is more than that left')
})

t.test('beyond their reserve the urgent are told together, every five minutes', async (t) => {
  const { raise, pass, told, bot } = await openAlertDesk(t, await sqliteDatabase(t))
  for (let n = 1; n <= 13; n++) {
    await raise(`fire ${n}`, 'critical')
    await pass(4_000)
  }
  t.equal(told().length, 10)
  await pass(5 * 60_000, 30_000)
  t.match(bot.messages.at(-1)?.text, /3 alerts[\s\S]*fire 11[\s\S]*fire 13/)
})

t.test('a rest that the chat asked of a reply holds alerts back too', async (t) => {
  const db = await sqliteDatabase(t)
  const { clock, raise, drain, told, sender } = await openAlertDesk(t, db)
  await createOutbox(db, clock).rest(30_000)
  await raise('a', 'critical')
  await drain()
  t.same(told(), [])
  t.equal(await sender.dueIn(60_000), 30_000, 'the sender knows when to look again')
  await clock.advance(30_000)
  await drain()
  t.equal(told().length, 1)
})

t.test('an alert that waited for room is not late news once it is over', async (t) => {
  const { raise, pass, told, alerts } = await openAlertDesk(t, await sqliteDatabase(t))
  for (let n = 1; n <= 10; n++) {
    await raise(`trouble ${n}`)
    await pass(2_000)
  }
  await raise('brief')
  await alerts.resolve('brief')
  await pass(2 * HOUR_MS, 120_000)
  t.notOk(told().some((line) => line?.includes('brief')))
})
