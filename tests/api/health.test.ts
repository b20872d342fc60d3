import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createCredentials } from '@mc/core/credentials/credentials.ts'
import { ensureCredentialFile } from '@mc/core/credentials/files.ts'
import { createInbox } from '@mc/core/inbox/inbox.ts'
import { createRuns } from '@mc/core/runs/runs.ts'
import { createSettings } from '@mc/core/settings/settings.ts'
import { createWorkers, workerNames } from '@mc/core/workers/workers.ts'
import t, { type Test } from 'tap'
import { startApp } from '../support/app.ts'
import { createTestClock } from '../support/clock.ts'
import { asAgent, asCli, HOST } from './desk.ts'

const start = async (t: Test, env = {}) => {
  const clock = createTestClock()
  const running = await startApp(t, { listen: false, clock, env })
  const workers = createWorkers(running.db, clock)
  const beats = await Promise.all(workerNames.map((name) => workers.hello(name)))
  const credentials = createCredentials(running.db, clock)
  const { dataDir } = running.config
  return {
    ...running,
    clock,
    beats,
    metricsToken: await ensureCredentialFile(credentials, dataDir, 'metrics'),
    ask: async (url: string, token?: string) =>
      running.app.inject({
        url,
        headers: { host: HOST, ...(token ? { authorization: `Bearer ${token}` } : {}) },
      }),
  }
}

t.test('/readyz tells what works to anybody, and what is wrong to who is signed in', async (t) => {
  const { ask, clock, luci, cliToken, beats } = await start(t)
  t.match((await ask('/readyz')).json(), { ok: true, checks: { database: { ok: true } } })
  luci.setStatus({ state: 'stuck', problem: 'somebody’s secret draft' })
  await clock.advance(30_000)
  await beats[0]?.beat('idle')
  const anybody = await ask('/readyz')
  t.equal(anybody.statusCode, 503)
  t.same(anybody.json().checks.luci, { ok: false })
  t.same(anybody.json().checks.workers, { ok: false })
  t.same(anybody.json().checks.database, { ok: true })
  t.notMatch(anybody.body, /draft|not running/)
  t.match((await ask('/readyz', cliToken)).json().checks, {
    luci: { problem: /secret draft/ },
    workers: { problem: /scheduler and pickup are not running/ },
  })
  t.equal((await ask('/healthz')).statusCode, 200, 'the process lives all the same')
})

t.test(
  '/readyz sees an inbox that is not drained, a migration that lacks, a lost database',
  async (t) => {
    const { ask, clock, db, beats, cliToken } = await start(t)
    const problems = async () => {
      await clock.advance(3_000)
      for (const worker of beats) await worker.beat('idle')
      const { checks } = (await ask('/readyz', cliToken)).json<{
        checks: Record<string, { ok: boolean; problem?: string }>
      }>()
      return Object.entries(checks).flatMap(([name, { problem }]) =>
        problem ? [[name, problem]] : [],
      )
    }
    t.same(await problems(), [])
    await createInbox(db, clock).post({ source: 'test', message: 'x' })
    await clock.advance(11 * 60_000)
    t.match(await problems(), [['inbox', /has waited 11 minutes/]])
    await db.kysely.deleteFrom('orchestrator_inbox').execute()
    await db.kysely.deleteFrom('kysely_migration' as never).execute()
    t.match(await problems(), [['migrations', /lacks 001-orchestrator-inbox/]])
    await db.kysely.schema.alterTable('idempotency_keys').renameTo('gone').execute()
    t.match(await problems(), [['database', /does not answer/]])
  },
)

t.test('/readyz and /metrics see a broken channel, also without Telegram', async (t) => {
  const { ask, db, clock, cliToken, metricsToken } = await start(t, {
    MC_ALERT_WEBHOOK_URL: 'https://hook.example/x',
  })
  t.equal((await ask('/readyz')).statusCode, 200)
  await createSettings(db, clock).set('channel.webhook', { problem: '410 Gone' }, 'sender')
  await clock.advance(2_000)
  const answer = await ask('/readyz', cliToken)
  t.equal(answer.statusCode, 503)
  t.match(answer.json().checks.channels, { problem: 'Webhook refuses our messages: 410 Gone' })
  const { body } = await ask('/metrics', metricsToken)
  for (const line of ['mc_ready{check="channels"} 0', 'mc_channel_broken{channel="webhook"} 1'])
    t.ok(body.includes(line), line)
})

t.test('/metrics measures the desk, for its own credential', async (t) => {
  const { ask, app, clock, db, luci, metricsToken } = await start(t)
  t.equal((await ask('/metrics')).statusCode, 401)
  const inbox = createInbox(db, clock)
  await inbox.post({ source: 'test', message: 'x', priority: 'critical' })
  const runs = createRuns(db, clock)
  const run = await runs.begin({ taskId: 'a', trigger: 'manual', workerId: 'w' })
  await clock.advance(4_000)
  await runs.end(run?.id ?? '', { status: 'failed', durationMs: 1_500 })
  const turn = await luci.send({ text: 'Hello', origin: 'user', author: 'person' })
  await clock.advance(4_000)
  await luci.finish(turn.id)
  await app.inject({ url: '/healthz', headers: { host: HOST } })
  const scraped = await ask('/metrics', metricsToken)
  t.match(scraped.headers['content-type'], /^text\/plain; version=0\.0\.4/)
  for (const line of [
    'mc_inbox_items{status="pending",priority="critical"} 1',
    'mc_inbox_oldest_seconds{priority="critical"} 8',
    'mc_runs_total{status="failed"} 1',
    'mc_run_seconds_sum{status="failed"} 1.5',
    'mc_turns_ended_total{origin="user",state="answered"} 1',
    'mc_luci_state{state="idle"} 1',
    'mc_worker_up{worker="pickup"} 1',
    'mc_ready{check="database"} 1',
    'mc_http_request_seconds_count{method="GET",route="/healthz",status="2xx"} 1',
    'process_resident_memory_bytes',
    'nodejs_eventloop_lag_p99_seconds',
  ])
    t.ok(scraped.body.includes(line), line)
  t.notOk(scraped.body.includes('mc_session'), 'no secret')
  const again = await ask('/metrics', metricsToken)
  t.ok(again.body.includes('mc_runs_total{status="failed"} 1'), 'a run is counted once')
})

t.test('the credential of /metrics opens nothing else', async (t) => {
  const running = await start(t)
  const { ask, metricsToken, config, agentToken, cliToken } = running
  for (const url of ['/', '/api/v1/status', '/api/v1/inbox', '/api/openapi.json', '/nothing'])
    t.equal((await ask(url, metricsToken)).statusCode, 403, url)
  const headers = { authorization: `Bearer ${metricsToken}` }
  const posted = await asCli(running, 'POST', '/api/v1/tickets', { title: 'x' }, headers)
  t.equal(posted.statusCode, 403)
  t.equal((await asAgent(running, 'GET', '/metrics')).statusCode, 200)
  t.equal(readFileSync(join(config.dataDir, 'credentials', 'metrics'), 'utf8').trim(), metricsToken)
  t.not(metricsToken, agentToken)
  t.not(metricsToken, cliToken)
})
