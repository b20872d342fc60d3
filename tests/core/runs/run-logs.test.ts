import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { runCommand } from '@mc/core/runs/run-command.ts'
import { createRunLogs, LOG_BYTES_MAX } from '@mc/core/runs/run-logs.ts'
import { WITHHELD } from '@mc/core/runs/withheld.ts'
import t from 'tap'
import { fixture } from '../../support/tasks.ts'
import { until } from '../../support/until.ts'

const id = 'ab12cd34'

t.test('what a program says can be read while it still runs', async (t) => {
  const logs = createRunLogs(t.testdir())
  const stop = new AbortController()
  const running = runCommand({
    argv: fixture('forever.ts'),
    cwd: '/',
    env: { PATH: process.env.PATH ?? '' },
    timeoutMs: 60_000,
    killAfterMs: 500,
    signal: stop.signal,
    log: logs.open(id),
  })
  const part = await until('the log has its line', async () => logs.read(id, 0, 1_000))
  t.match(part.text, /^\d+\n$/)
  t.match(await logs.read(id, part.to, 1_000), { text: '', from: part.to, to: part.to })
  stop.abort()
  t.equal((await running).output, part.text)
})

t.test('a log is for its owner alone, and made only when there is something to say', async (t) => {
  const logs = createRunLogs(t.testdir())
  const log = logs.open(id)
  log.end()
  t.equal(await logs.size(id), null)
  t.equal(await logs.read(id, 0, 10), null)
  log.write('hello\n', 'stdout')
  log.end()
  t.equal(statSync(logs.pathOf(id)).mode & 0o777, 0o600)
  t.throws(() => logs.pathOf('../../etc/passwd'), /Expected the id of a run/)
})

t.test('secrets and control characters never reach the file', async (t) => {
  const logs = createRunLogs(t.testdir())
  const log = logs.open(id, { secrets: ['hunter2-hunter2'] })
  for (const piece of ['a hunter2-', 'hunter2 b\n', '\u001b[31mred\u001b[0m \u202e\n'])
    log.write(piece, 'stdout')
  log.write('half a hunter2-hunter2', 'stderr')
  log.end()
  t.equal(readFileSync(logs.pathOf(id), 'utf8'), 'a [redacted] b\nred \nhalf a [redacted]')
})

t.test('a second try goes on in the same file', async (t) => {
  const logs = createRunLogs(t.testdir())
  for (const text of ['one\n', 'two\n']) {
    const log = logs.open(id)
    log.write(text, 'stdout')
    log.end()
  }
  t.equal((await logs.read(id, 0, 100))?.text, 'one\n\n[… and again …]\ntwo\n')
})

t.test('a log is capped, says so, and the run goes on', async (t) => {
  const logs = createRunLogs(t.testdir())
  const log = logs.open(id)
  const line = `${'€'.repeat(20_000)}\n`
  for (let bytes = 0; bytes < LOG_BYTES_MAX + 200_000; bytes += 60_001) log.write(line, 'stdout')
  log.end()
  const size = (await logs.size(id)) ?? 0
  t.ok(size > LOG_BYTES_MAX - 10 && size < LOG_BYTES_MAX + 200, `${size} bytes`)
  const end = await logs.read(id, -100, 100)
  t.match(end?.text, /€\n\[… the log is full/)
  t.notMatch(end?.text, '\ufffd')
})

t.test('a part is cut between characters', async (t) => {
  const logs = createRunLogs(t.testdir())
  const log = logs.open(id)
  log.write('ä€日🚀\n', 'stdout')
  log.end()
  let text = ''
  let from = 0
  for (let n = 0; n < 20; n++) {
    const part = await logs.read(id, from, 5)
    text += part?.text
    from = part?.to ?? 0
  }
  t.equal(text, 'ä€日🚀\n')
  t.equal((await logs.read(id, -3, 100))?.text, '\n')
})

t.test('a disk that takes nothing fails no run, and is told once', async (t) => {
  const logs = createRunLogs(join(t.testdir({ file: '' }), 'file'))
  const troubles: string[] = []
  const log = logs.open(id, { onTrouble: (error) => troubles.push(error.message) })
  log.write('one\n', 'stdout')
  log.write('two\n', 'stdout')
  log.end()
  t.match(troubles, [/ENOTDIR|EEXIST/])
  t.equal(troubles.length, 1)
})

t.test('output that cannot be redacted is withheld; the exit code stays', async (t) => {
  const logs = createRunLogs(t.testdir())
  const unreadable: Iterable<string> = {
    [Symbol.iterator]: () => {
      throw new Error('broken')
    },
  }
  const result = await runCommand({
    argv: fixture('fails.ts', '3', 'Error: no'),
    cwd: '/',
    env: { PATH: process.env.PATH ?? '' },
    timeoutMs: 60_000,
    secrets: unreadable,
    log: logs.open(id),
  })
  t.match(result, { exitCode: 3, output: WITHHELD, stderr: WITHHELD })
})

t.test('logs are listed and removed', async (t) => {
  const logs = createRunLogs(t.testdir())
  t.same(await Array.fromAsync(logs.list()), [])
  for (const one of ['aa11', 'bb22']) {
    const log = logs.open(one)
    log.write('x\n', 'stdout')
    log.end()
  }
  await logs.remove('aa11')
  await logs.remove('aa11')
  t.match(await Array.fromAsync(logs.list()), [{ id: 'bb22', bytes: 2 }])
})
