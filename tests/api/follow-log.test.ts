import { createClient } from '@mc/core/client/client.ts'
import { createRunLogs } from '@mc/core/runs/run-logs.ts'
import { createRuns } from '@mc/core/runs/runs.ts'
import t, { type Test } from 'tap'
import { type RunningApp, startApp } from '../support/app.ts'
import { until } from '../support/until.ts'

type Heard = { id: string; event: string; data: { text?: string; status?: string } }

const follow = (test: Test, { url, cliToken }: RunningApp, path: string, lastEventId?: string) => {
  const heard: Heard[] = []
  const stop = new AbortController()
  const done = (async () => {
    const options = { signal: stop.signal, ...(lastEventId ? { lastEventId } : {}) }
    for await (const event of createClient({ url, token: cliToken }).events(path, options))
      heard.push(event as Heard)
  })()
  test.teardown(async () => {
    stop.abort()
    await done
  })
  return { heard, done, text: () => heard.map(({ data }) => data.text ?? '').join('') }
}

t.test('a log is followed as it is written, to its end', async (t) => {
  const running = await startApp(t)
  const runs = createRuns(running.db, running.clock)
  const run = await runs.begin({ taskId: 'a', trigger: 'manual', workerId: 'w' })
  const id = run?.id ?? ''
  const path = `/api/v1/runs/${id}/log/events`
  const listener = follow(t, running, path)
  const log = createRunLogs(running.config.dataDir).open(id)
  log.write('one\n', 'stdout')
  await until('the first line is heard', () => listener.text() === 'one\n')
  log.write('zwei ä\n', 'stdout')
  await until('the second line is heard', () => listener.text() === 'one\nzwei ä\n')

  // Who comes back with the last byte it saw gets what came after, and nothing twice.
  const [first] = listener.heard
  const back = follow(t, running, path, first?.id)
  await until('the rest is heard', () => back.text() === 'zwei ä\n')
  t.equal(first?.id, '4')

  log.write('last words', 'stdout')
  log.end()
  await runs.end(id, { status: 'failed' })
  await listener.done
  t.equal(listener.text(), 'one\nzwei ä\nlast words')
  t.match(listener.heard.at(-1), { event: 'end', data: { status: 'failed' } })
  await back.done
})

t.test('a log that has ended is told whole, and the connection ends', async (t) => {
  const running = await startApp(t)
  const runs = createRuns(running.db, running.clock)
  const run = await runs.begin({ taskId: 'a', trigger: 'manual', workerId: 'w' })
  const log = createRunLogs(running.config.dataDir).open(run?.id ?? '')
  const line = `${'x'.repeat(99)}\n`
  log.write(line.repeat(3_000), 'stdout')
  log.end()
  await runs.end(run?.id ?? '', { status: 'ok' })
  const listener = follow(t, running, `/api/v1/runs/${run?.id}/log/events?from=100`)
  await listener.done
  t.equal(listener.text().length, 299_900)
  t.ok(listener.heard.length > 3, 'in parts')
  const nothing = follow(t, running, `/api/v1/runs/${run?.id}/log/events?from=300000`)
  await nothing.done
  t.match(nothing.heard, [{ event: 'end' }])
})

t.test('a listener does not hold up the end of the app', async (t) => {
  const running = await startApp(t)
  const run = await createRuns(running.db, running.clock).begin({
    taskId: 'a',
    trigger: 'manual',
    workerId: 'w',
  })
  const log = createRunLogs(running.config.dataDir).open(run?.id ?? '')
  log.write('one\n', 'stdout')
  log.end()
  const listener = follow(t, running, `/api/v1/runs/${run?.id}/log/events`)
  await until('it listens', () => listener.heard.length > 0)
  await running.stop()
  await listener.done
  t.equal(listener.text(), 'one\n')
})
