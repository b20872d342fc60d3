import { countUsage } from '@mc/core/costs/count.ts'
import { createCredentials } from '@mc/core/credentials/credentials.ts'
import { ensureCredentialFile } from '@mc/core/credentials/files.ts'
import { createTickets } from '@mc/core/tickets/tickets.ts'
import { createTurns } from '@mc/core/turns/turns.ts'
import t from 'tap'
import { startApp } from '../support/app.ts'
import { createTestClock } from '../support/clock.ts'
import { asAgent, asCli, openPage, signInBy, submit } from './desk.ts'

const used = (tokensIn: number, costUsd: number | null) => ({
  ...{ model: '<b>opus</b>', tokensIn, tokensOut: 50, tokensCached: 10, costUsd },
})

t.test('what was used is told by day and kind, drawn, and held against the cap', async (t) => {
  const clock = createTestClock('2026-03-02T12:00:00.000Z')
  const running = await startApp(t, { listen: false, clock, env: { MC_DAILY_TOKENS: '10k' } })
  const { db } = running
  const session = await signInBy(running)
  const look = async (url: string) =>
    (await openPage(running, session, url)).body.replace(/\s+/g, ' ')
  t.match(await look('/costs'), /Nothing has told what it used yet/)
  t.match(await look('/'), /Used today<\/h2> *<p><a href="\/costs">Nothing/)

  await countUsage(db, clock, 'worker', used(950, 1.5), { day: '2026-03-01' })
  const turns = createTurns(db, clock)
  const { id } = await turns.queue({ origin: 'user', text: 'hi' })
  await turns.move(id, ['queued'], 'answered', { reply: 'so', usage: used(8_000, 0.25) })
  const digest = await turns.queue({ origin: 'digest', text: 'd', digestId: 'd1' })
  await turns.move(digest.id, ['queued'], 'answered', { usage: used(300, null) })

  const costs = (await asCli(running, 'GET', '/api/v1/costs?days=3')).json()
  t.match(costs, {
    today: {
      ...{ day: '2026-03-02', tokensIn: 8_300, tokensOut: 100, costUsd: 0.25, unpriced: 1 },
      ...{ share: 0.84, over: null, cap: { limits: { tokens: 10_000 }, from: 'environment' } },
    },
    days: [{ day: '2026-02-28', times: 0 }, { byKind: { worker: { costUsd: 1.5 } } }, {}],
  })
  t.match((await asCli(running, 'GET', '/api/v1/costs/digests/d1')).json(), {
    usage: { times: 1, tokensIn: 300, unpriced: 1 },
  })
  const { dataDir } = running.config
  const metrics = await ensureCredentialFile(createCredentials(db, clock), dataDir, 'metrics')
  const measured = await running.app.inject({
    url: '/metrics',
    headers: { host: '127.0.0.1:4700', authorization: `Bearer ${metrics}` },
  })
  t.match(measured.body, /mc_tokens_total\{kind="chat",direction="read"\} 8000/)
  t.match(measured.body, /mc_cost_usd_total\{kind="worker"\} 1\.5/)
  await createTickets(db, clock).file({ title: 'x' }, { actor: 'cli' })
  t.same((await asCli(running, 'GET', '/api/v1/costs/tickets/MC-1')).json(), { usage: null })

  t.match(await look('/'), /84 % of today&#39;s cap is used|84 % of today's cap is used/)
  t.match(await look(`/turns/${id}`), /8k tokens read, 50 written, \$0\.25, &lt;b&gt;opus/)
  const page = await look('/costs')
  t.match(page, /aria-label="Tokens of the last 30 days: 9\.4k tokens in all, at most 8\.4k/)
  t.match(page, /2 Mar<\/time><\/th><td>8\.3k<\/td><td>20<\/td><td>100<\/td><td>≥ \$0\.25/)

  const cap = (payload: object) => asCli(running, 'POST', '/api/v1/costs/cap', payload)
  t.match((await cap({ tokens: 'none', usd: '0.20' })).json(), {
    limits: { tokens: null, usd: 0.2 },
  })
  t.match(await look('/inbox'), /cap is reached: ≥ \$0\.25 of \$0\.20.*Luci still answers you/)
  t.equal((await cap({ tokens: 'lots' })).statusCode, 400)
  const form = { _back: '/costs#cap', tokens: 'lots"', usd: '3' }
  const refused = await submit(running, session, '/api/v1/costs/cap', form)
  t.equal(refused.headers.location, '/costs?tokens=lots%22&usd=3#cap', 'the form comes back')
  t.match(await look('/costs?tokens=lots%22&usd=3'), /name="tokens" value="lots&quot;"/)
  t.equal((await asAgent(running, 'POST', '/api/v1/costs/cap', { usd: 'none' })).statusCode, 403)
  t.match((await cap({ tokens: 'none', usd: 'none' })).json(), { from: 'person' })
  t.match((await cap({ tokens: '2M' })).json(), { limits: { tokens: 2_000_000, usd: null } })
  const both = { limits: { tokens: 2_000_000, usd: 7 }, from: 'person' }
  t.match((await cap({ usd: '7' })).json(), both, 'what is left out stays')
  t.match((await cap({})).json(), both, 'nothing given, nothing changed')
  t.equal((await cap({ usd: '7', reset: true })).statusCode, 400)
  t.match((await cap({ reset: true })).json(), { limits: { tokens: 10_000 }, from: 'environment' })
})
