import t from 'tap'
import { type Plan, playMonth } from '../bench/month.ts'
import { accountFor } from '../bench/month-account.ts'
import { startBotApi } from '../support/bot-api.ts'
import { sqliteDatabase } from '../support/database.ts'

/** The month of the bench in four hours: all that happens in it happens, sooner. */
const plan: Plan = {
  minutes: 240,
  afterMinutes: 40,
  telegramOut: [
    { fromMinute: 30, minutes: 15, how: 'hang_up' },
    { fromMinute: 150, minutes: 30, how: 'server_error' },
  ],
  luciDown: [{ fromMinute: 80, minutes: 40 }],
  luciSilent: [{ fromMinute: 185, minutes: 45 }],
  expires: [50],
}

t.test('of all that comes in, each is settled once, with who, why and what was done', async (t) => {
  const db = await sqliteDatabase(t)
  const bot = await startBotApi(t)
  const played = await playMonth(db, bot, plan)
  const account = await accountFor(db, played, async (texts) => texts.map(() => 0))
  t.same(account.wrong, [])
  t.ok(account.items > 250, `${account.items} items`)
  t.match(account.byDecider, {
    luci: Number,
    fallback: Number,
    'rule:routine_success': Number,
    'rule:auth': Number,
  })
  const [{ firstFailureAt, toldAt } = { firstFailureAt: null, toldAt: null }] = played.expired
  t.ok(firstFailureAt !== null && toldAt !== null)
  t.ok((toldAt ?? 0) - (firstFailureAt ?? 0) <= 5_000, 'a refused credential is told at once')
  const about = played.told.filter(({ text }) => text.includes('crm-token'))
  t.ok(about.length <= 3, `12 tasks, ${about.length} messages about the one credential`)
  t.ok(account.messages < account.items / 5, `${account.messages} messages`)
})
