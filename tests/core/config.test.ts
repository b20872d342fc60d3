import { parseDuration, readConfig } from '@mc/core/config.ts'
import type { AppError } from '@mc/core/errors.ts'
import t from 'tap'

const problemsOf = (env: Record<string, string>): readonly string[] => {
  try {
    readConfig(env, '/srv/mc')
    return []
  } catch (error) {
    return (error as AppError).problems
  }
}

t.test('nothing need be set', async (t) => {
  t.match(readConfig({}, '/srv/mc'), {
    dataDir: '/srv/mc/data',
    database: '/srv/mc/data/mission-control.db',
    http: { host: '127.0.0.1', port: 4700, publicUrl: null },
    tasksFile: '/srv/mc/ops/tasks.yaml',
    luci: { profile: 'house', command: null },
    switches: {
      chat: 'persistent',
      scheduler: 'inbox',
      pickup: 'orchestrate',
      autonomy: 'advisor',
    },
    triage: { groupWaitMs: 30_000, groupIntervalMs: 300_000, verdictTimeoutMs: 300_000 },
  })
})

t.test('every problem is reported at once, with what came', async (t) => {
  const problems = problemsOf({
    MC_PORT: 'http',
    MC_PICKUP: 'on',
    MC_GROUP_WAIT: 'soon',
    MC_TELEGRAM_TOKEN: '123:abc',
    DATABASE_URL: 'mysql://x',
  })
  t.equal(problems.length, 5)
  t.ok(problems.some((problem) => problem.includes('MC_PORT') && problem.includes('"http"')))
  t.ok(problems.some((problem) => problem.includes('MC_TELEGRAM_CHAT_ID')))
  t.notOk(
    problems.some((problem) => problem.includes('123:abc')),
    'a secret is not repeated',
  )
})

t.test('an address beyond loopback needs a password', async (t) => {
  t.match(problemsOf({ MC_HOST: '0.0.0.0' }), [/MC_HOST.*password/])
  t.same(problemsOf({ MC_HOST: '127.0.0.2' }), [])
})

t.test('commands are argv, never a shell string', async (t) => {
  t.same(readConfig({ MC_WORKER_COMMAND: 'claude -p --model x' }, '/').workers.command, [
    'claude',
    '-p',
    '--model',
    'x',
  ])
})

t.test('durations are read with their unit; a bare number is seconds', async (t) => {
  t.same(
    ['250ms', '30s', '5m', '4h', '1d', '2'].map(parseDuration),
    [250, 30_000, 300_000, 14_400_000, 86_400_000, 2_000],
  )
  t.equal(parseDuration('5 parsecs'), null)
})
