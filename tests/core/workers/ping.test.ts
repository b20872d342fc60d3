import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { noAlertSettings } from '@mc/core/alerts/settings.ts'
import { createInbox } from '@mc/core/inbox/inbox.ts'
import { type Log, silentLog } from '@mc/core/log.ts'
import { lookAtDesk } from '@mc/core/workers/look.ts'
import { createPinger, runPings } from '@mc/core/workers/ping.ts'
import { createWorkers, workerNames } from '@mc/core/workers/workers.ts'
import t, { type Test } from 'tap'
import { createTestClock } from '../../support/clock.ts'
import { sqliteDatabase } from '../../support/database.ts'
import { until } from '../../support/until.ts'

const MINUTE_MS = 60_000
const forever = new AbortController().signal

/** A watcher as healthchecks.io is one: it writes down what it hears. */
const watcher = async (t: Test, status = 200) => {
  const heard: string[] = []
  const server = createServer(async (request, response) => {
    let body = ''
    for await (const chunk of request) body += chunk
    heard.push(`${request.method} ${request.url}${body ? ` ${body}` : ''}`)
    response.writeHead(status).end('OK')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => server.close())
  return { heard, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/s3cret` }
}

const desk = async (t: Test, pingUrl: string, log: Log = silentLog) => {
  const db = await sqliteDatabase(t)
  const clock = createTestClock()
  const beats = await Promise.all(workerNames.map((name) => createWorkers(db, clock).hello(name)))
  const config = {
    switches: {
      chat: 'persistent',
      scheduler: 'inbox',
      pickup: 'orchestrate',
      autonomy: 'advisor',
    } as const,
    telegram: { token: null, chatId: null, allowedUsers: [], apiRoot: '' },
    alerting: noAlertSettings,
  }
  const deps = {
    clock,
    log,
    watch: { pingUrl, pingEveryMs: MINUTE_MS },
    look: () => lookAtDesk({ db, clock, config }),
  }
  return {
    db,
    clock,
    deps,
    pinger: createPinger(deps),
    beat: (count = beats.length) =>
      Promise.all(beats.slice(0, count).map((worker) => worker.beat('idle'))),
  }
}

t.test('it pings while all beat, fails once when one is silent, and pings again', async (t) => {
  const { heard, url } = await watcher(t)
  const { clock, pinger, beat } = await desk(t, url)
  await pinger.start(forever)
  t.equal(await pinger.pingOnce(forever), 'ok')
  await clock.advance(30_000)
  await beat(2)
  t.equal(await pinger.pingOnce(forever), 'silent', 'it has just started')
  await clock.advance(MINUTE_MS)
  await beat(2)
  t.equal(await pinger.pingOnce(forever), 'fail')
  t.equal(await pinger.pingOnce(forever), 'silent')
  await beat()
  t.equal(await pinger.pingOnce(forever), 'ok')
  t.same(heard, [
    'GET /s3cret/start',
    'GET /s3cret',
    'POST /s3cret/fail pickup is not running',
    'GET /s3cret',
  ])
})

t.test('an inbox that nobody drains is not well, though all beat', async (t) => {
  const { heard, url } = await watcher(t)
  const { db, clock, pinger, beat } = await desk(t, url)
  await createInbox(db, clock).post({ source: 'test', message: 'x' })
  t.equal(await pinger.pingOnce(forever), 'ok')
  await clock.advance(11 * MINUTE_MS)
  await beat()
  t.equal(await pinger.pingOnce(forever), 'fail')
  t.match(heard.at(-1), /\/fail The inbox is stuck: an item has waited 11 minutes/)
})

t.test('a watcher that is away stops nothing, and its address stands in no log', async (t) => {
  const lines: unknown[] = []
  const note = (facts: object, message: string) => void lines.push([facts, message])
  const log: Log = { ...silentLog, info: note, warn: note, error: note }
  const { url } = await watcher(t, 500)
  const { deps, clock, beat } = await desk(t, url, log)
  const stop = new AbortController()
  const running = runPings(deps, stop.signal)
  await until('it says that the ping is not heard', () => lines.length > 0)
  // Nobody listens at all.
  const gone = createPinger({
    ...deps,
    watch: { ...deps.watch, pingUrl: 'http://127.0.0.1:1/s3cret' },
  })
  await beat()
  t.equal(await gone.pingOnce(forever), 'ok')
  await clock.advance(MINUTE_MS)
  stop.abort()
  await running
  t.match(JSON.stringify(lines), /not heard/)
  t.notMatch(JSON.stringify(lines), /s3cret/)
})
