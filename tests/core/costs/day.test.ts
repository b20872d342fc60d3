import { createAlerts } from '@mc/core/alerts/alerts.ts'
import { readCap, setCap, whyOverCap } from '@mc/core/costs/cap.ts'
import { tellOfCap } from '@mc/core/costs/cap-alert.ts'
import { createCosts } from '@mc/core/costs/costs.ts'
import { countUsage } from '@mc/core/costs/count.ts'
import { usageOfDigest, usageOfTicket } from '@mc/core/costs/of-thing.ts'
import { priced, readPrices } from '@mc/core/costs/prices.ts'
import { parseTokens, parseUsd, readCosts } from '@mc/core/costs/settings.ts'
import { addUsage, noUsage, type Usage } from '@mc/core/costs/usage.ts'
import { moneyText, usageText } from '@mc/core/costs/words.ts'
import { createRuns } from '@mc/core/runs/runs.ts'
import { createSettings } from '@mc/core/settings/settings.ts'
import { createTickets } from '@mc/core/tickets/tickets.ts'
import { createTurns } from '@mc/core/turns/turns.ts'
import t from 'tap'
import { createTestClock } from '../../support/clock.ts'
import { onEachDatabase } from '../../support/database.ts'

const used = (tokensIn: number, tokensOut: number, costUsd: number | null = null): Usage => ({
  ...{ model: 'opus', tokensIn, tokensOut, tokensCached: 0, costUsd },
})
const NOON = '2026-03-02T12:00:00.000Z'
const none = { tokens: null, usd: null }

const answered = async (turns: ReturnType<typeof createTurns>, usage: Usage) => {
  const { id } = await turns.queue({ origin: 'user', text: 'hi' })
  await turns.move(id, ['queued'], 'answered', { usage })
  return id
}

onEachDatabase(
  'a turn counts once in its day, and a correction by the difference',
  async (t, db) => {
    const clock = createTestClock(NOON)
    const turns = createTurns(db, clock)
    const costs = createCosts(db, clock, none)
    const id = await answered(turns, used(100, 10))
    const digest = await turns.queue({ origin: 'digest', text: 'd', digestId: 'd1' })
    await turns.move(digest.id, ['queued'], 'failed', { usage: used(50, 5, 0.5) })
    t.match(await costs.today(), {
      ...{ times: 2, tokensIn: 150, tokensOut: 15, costUsd: 0.5, unpriced: 1 },
      byKind: {
        chat: { times: 1, tokensIn: 100 },
        digest: { times: 1, costUsd: 0.5, unpriced: 0 },
      },
    })
    t.equal(await turns.correctUsage(id, used(100, 10)), null, 'the same again is no news')
    await clock.advance(24 * 3_600_000)
    t.match(await turns.correctUsage(id, used(120, 30, 0.25)), { tokensIn: 120, costUsd: 0.25 })
    await turns.correctUsage(id, used(120, 30, 0.25))
    t.match(await costs.days(2), [
      { day: '2026-03-02', times: 2, tokensIn: 170, tokensOut: 35, costUsd: 0.75, unpriced: 0 },
      { day: '2026-03-03', times: 0, tokensIn: 0 },
    ])
    const waiting = await turns.queue({ origin: 'user', text: 'later' })
    t.equal(await turns.correctUsage(waiting.id, used(9, 9)), null, 'it has not ended')
    t.equal(await turns.correctUsage('ffffff', used(9, 9)), null)
    t.match(await usageOfDigest(db, 'd1'), { times: 1, tokensIn: 50, costUsd: 0.5, unpriced: 0 })
    t.equal(await usageOfDigest(db, 'd2'), null)
  },
)

onEachDatabase(
  'runs of a ticket add up, and what fails to be written is not counted',
  async (t, db) => {
    const clock = createTestClock(NOON)
    const tickets = createTickets(db, clock)
    const { id } = await tickets.file({ title: 'x' }, { actor: 'cli' })
    t.equal(await usageOfTicket(db, id), null)
    for (const usage of [used(10, 1, 0.5), used(20, 2), noUsage]) {
      const runs = createRuns(db, clock)
      const run = await runs.begin({ ticketId: id, trigger: 'delegate', requestedBy: 'cli' })
      await runs.end(run?.id ?? '', { status: 'ok' })
      await runs.told(run?.id ?? '', null, usage)
      await countUsage(db, clock, 'worker', usage)
    }
    t.match(await usageOfTicket(db, id), {
      ...{ times: 2, tokensIn: 30, tokensOut: 3, costUsd: 0.5, unpriced: 1 },
    })
    const lost = db.transaction(async (tx) => {
      await countUsage(tx, clock, 'worker', used(1_000, 0))
      throw new Error('the end could not be written')
    })
    await t.rejects(lost)
    t.match((await createCosts(db, clock, none).today()).byKind.worker, { times: 2, tokensIn: 30 })
  },
)

onEachDatabase(
  'the cap is a person’s word before the environment’s, told once a day',
  async (t, db) => {
    const clock = createTestClock(NOON)
    const settings = createSettings(db, clock)
    const first = { tokens: 1_000, usd: null }
    const limits = { limits: first, repeatIntervalMs: 60_000 }
    await countUsage(db, clock, 'chat', used(800, 50, 3))
    t.equal(await whyOverCap(db, clock, first), null)
    t.match(await createCosts(db, clock, first).today(), { share: 0.85, over: null })
    t.equal(await tellOfCap(db, clock, limits), false)
    await countUsage(db, clock, 'digest', used(100, 50))
    t.match(await whyOverCap(db, clock, first), /cap is reached: 1k tokens of 1k tokens.*UTC/)
    t.equal(await tellOfCap(db, clock, limits), true)
    t.equal(await tellOfCap(db, clock, limits), false, 'not again today')
    const alerts = createAlerts(db, clock, { repeatIntervalMs: 60_000 })
    t.match(await alerts.list(), [{ kind: 'costs', text: /no digest.*talk to her/ }])
    await setCap(settings, { tokens: null, usd: 3 }, 'person')
    t.match(await whyOverCap(db, clock, first), /≥ \$3\.00 of \$3\.00/, 'what has no price is said')
    await setCap(settings, none, 'person')
    t.equal(await whyOverCap(db, clock, first), null, 'none is a word, too')
    await settings.set('costs.cap', { tokens: 'all' }, 'person')
    t.match(await readCap(settings, first), { limits: first, from: 'environment' })
    await clock.advance(12 * 3_600_000)
    t.equal(await whyOverCap(db, clock, first), null, 'a new day')
  },
)

t.test('prices are a person’s: by the first name that fits, what is cached for less', async (t) => {
  const { prices, problems } = readPrices({
    'claude-opus-*': { input: 10, output: 50, cached: 1 },
    'claude-*': { input: 1, output: 2 },
    'gpt.5': { input: -1, output: 2 },
  })
  t.match(problems, [/^gpt\.5: expected/])
  const usage = { ...used(1_000_000, 100_000), tokensCached: 900_000, model: 'claude-opus-5' }
  t.equal(priced(usage, prices).costUsd, 1 + 0.9 + 5)
  t.equal(priced({ ...usage, model: 'claude-haiku' }, prices).costUsd, 1.2)
  t.equal(priced({ ...usage, model: 'other' }, prices).costUsd, null)
  t.equal(priced({ ...usage, costUsd: 7 }, prices).costUsd, 7, 'what is told stands')
  t.same(readPrices([]), { prices: {}, problems: ['expected models with their rates'] })
  t.equal(addUsage(used(1, 1, 2), used(1, 1)).costUsd, null, 'a part is not the whole')
  t.equal(addUsage(used(1, 1, 2), used(0, 0)).costUsd, 2)
  t.same(
    [moneyText(0, 1), moneyText(1.2, 2), moneyText(0.0012)],
    ['unpriced', '≥ $1.20', '$0.0012'],
  )
  t.equal(usageText(noUsage), null)
  t.equal(usageText(used(12_345, 450, 0.12)), '12.3k tokens read, 450 written, $0.12, opus')
})

t.test('settings are checked', async (t) => {
  const read = (env: Record<string, string>) => {
    const refused: string[] = []
    const settings = readCosts(
      {
        text: (name) => env[name] ?? null,
        refuse: (name) => void refused.push(name),
      },
      '/desk',
    )
    return { ...settings, refused }
  }
  t.match(read({ MC_DAILY_TOKENS: '2M', MC_DAILY_USD: '$2.50', MC_PRICES: 'p.yaml' }), {
    limits: { tokens: 2_000_000, usd: 2.5 },
    prices: { file: '/desk/p.yaml', asked: true },
    refused: [],
  })
  t.same(read({ MC_PRICES: '{"a": 1}', MC_DAILY_USD: '-1', MC_DAILY_TOKENS: '0' }).refused, [
    'MC_DAILY_TOKENS',
    'MC_DAILY_USD',
    'MC_PRICES',
  ])
  t.match(read({}), { limits: none, prices: { file: '/desk/ops/prices.yaml', asked: false } })
  t.same(['500k', '1,000', '1.5m', 'lots', ''].map(parseTokens), [
    500_000,
    1_000,
    1_500_000,
    null,
    null,
  ])
  t.same(['5', '0', 'free'].map(parseUsd), [5, null, null])
})
