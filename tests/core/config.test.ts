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
    triageFile: '/srv/mc/ops/triage.yaml',
    luci: { profile: 'house', command: null },
    switches: {
      chat: 'persistent',
      scheduler: 'inbox',
      pickup: 'orchestrate',
      autonomy: 'advisor',
    },
    triage: { groupWaitMs: 30_000, groupIntervalMs: 300_000, verdictTimeoutMs: 300_000 },
    keep: { runsMs: 90 * 86_400_000, runsPerTask: 1_000, logsMs: 30 * 86_400_000 },
  })
})

t.test('how much of the past is kept is said by age, number and size', async (t) => {
  const env = {
    MC_KEEP_RUNS: '7d',
    MC_KEEP_RUNS_PER_TASK: '50',
    MC_KEEP_LOGS: '36h',
    MC_KEEP_LOGS_MIB: '10',
  }
  t.match(readConfig(env, '/srv/mc').keep, {
    runsMs: 7 * 86_400_000,
    runsPerTask: 50,
    logsMs: 36 * 3_600_000,
    logsBytes: 10_485_760,
  })
  t.match(problemsOf({ MC_KEEP_RUNS: 'long', MC_KEEP_RUNS_PER_TASK: '0' }), [
    /MC_KEEP_RUNS: .*got "long"/,
    /MC_KEEP_RUNS_PER_TASK: .*got "0"/,
  ])
})

t.test('every problem is reported at once, with what came', async (t) => {
  const problems = problemsOf({
    MC_PORT: 'http',
    MC_PICKUP: 'on',
    MC_GROUP_WAIT: 'soon',
    MC_TELEGRAM_TOKEN: '123:abc',
    DATABASE_URL: 'mysql://x',
  })
  t.equal(problems.length, 6)
  t.ok(problems.some((problem) => problem.includes('MC_PORT') && problem.includes('"http"')))
  t.ok(problems.some((problem) => problem.includes('MC_TELEGRAM_CHAT_ID')))
  t.notOk(
    problems.some((problem) => problem.includes('123:abc')),
    'a secret is not repeated',
  )
})

t.test('a token that is none is told, and not repeated', async (t) => {
  const chat = { MC_TELEGRAM_CHAT_ID: '1' }
  const real = `123456:${'aB3_-'.repeat(7)}`
  t.same(problemsOf({ MC_TELEGRAM_TOKEN: real, ...chat }), [])
  for (const wrong of ['secretword', '123456', `bot${real}`, real.slice(0, -10)]) {
    const [problem = '', ...others] = problemsOf({ MC_TELEGRAM_TOKEN: wrong, ...chat })
    t.match(problem, /MC_TELEGRAM_TOKEN: expected a bot token/, wrong)
    t.notOk(problem.includes(wrong))
    t.equal(others.length, 0)
  }
})

t.test('a profile that nobody knows is refused with those that are known', async (t) => {
  t.equal(readConfig({ MC_LUCI_PROFILE: 'claude' }, '/').luci.profile, 'claude')
  t.match(problemsOf({ MC_LUCI_PROFILE: 'gpt' }), [
    /expected one of house, generic, claude, codex, opencode, gemini, got "gpt"/,
  ])
})

t.test('an address beyond loopback needs a password', async (t) => {
  t.match(problemsOf({ MC_HOST: '0.0.0.0' }), [/MC_HOST.*npx -y pnpm@12 mc password-hash/])
  t.same(problemsOf({ MC_HOST: '127.0.0.2' }), [])
})

t.test(
  'a password’s hash that is none is told, and not repeated; the whole line will do',
  async (t) => {
    const hash = 'scrypt:131072:8:1:c2FsdA:a2V5'
    for (const MC_PASSWORD_HASH of [hash, `MC_PASSWORD_HASH=${hash}`])
      t.equal(readConfig({ MC_PASSWORD_HASH }, '/').http.passwordHash, hash)
    for (const MC_PASSWORD_HASH of ['hunter2-hunter2', `${hash} `.repeat(2), 'scrypt:131072:8:1'])
      t.match(problemsOf({ MC_PASSWORD_HASH }), [
        /^MC_PASSWORD_HASH: expected scrypt:… as ((?!hunter).)*$/,
      ])
  },
)

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
