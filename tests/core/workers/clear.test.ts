import { type DeskLook, unclear } from '@mc/core/workers/clear.ts'
import { workerNames } from '@mc/core/workers/workers.ts'
import t from 'tap'

const MINUTE_MS = 60_000

const allClear: DeskLook = {
  databaseProblem: null,
  migrationsMissing: [],
  workers: workerNames.map((name) => ({ name, state: 'alive', worker: null })),
  inbox: { oldestAgeMs: null, oldestLowAgeMs: null, lapsedMs: null },
  luci: { state: 'idle', wanted: true, problem: null },
  channels: [{ label: 'Telegram', problem: null, failures: 0 }],
  pausedWords: null,
  pickup: 'orchestrate',
  rulesWords: null,
  breakerWords: null,
}

const one = (state: 'stale' | 'stopped' | 'absent') =>
  allClear.workers.map((health, n) => (n === 1 ? { ...health, state } : health))

t.test('all is clear while everything that would tell of trouble works', async (t) => {
  t.same(unclear(allClear), [])
  const fine: Partial<DeskLook>[] = [
    { channels: [] },
    { channels: [{ label: 'Telegram', problem: null, failures: 2 }] },
    { pickup: 'rules' },
    { luci: { state: 'needs_you', wanted: true, problem: null } },
    { luci: { state: 'offline', wanted: false, problem: null } },
    { inbox: { oldestAgeMs: 9 * MINUTE_MS, oldestLowAgeMs: 61 * MINUTE_MS, lapsedMs: 0 } },
  ]
  for (const change of fine) t.same(unclear({ ...allClear, ...change }), [], JSON.stringify(change))
})

t.test('each thing that is broken is a fault, in words', async (t) => {
  const inbox = allClear.inbox
  const faults: [Partial<DeskLook>, string, RegExp][] = [
    [{ databaseProblem: 'The database does not answer: locked' }, 'database', /locked/],
    [{ migrationsMissing: ['009-totals'] }, 'migrations', /lacks 009-totals/],
    [{ workers: one('stale') }, 'workers', /scheduler is not running/],
    [{ workers: one('stopped') }, 'workers', /scheduler is not running/],
    [{ workers: one('absent') }, 'workers', /scheduler is not running/],
    [{ inbox: { ...inbox, oldestAgeMs: 11 * MINUTE_MS } }, 'inbox', /waited 11 minutes/],
    [{ inbox: { ...inbox, oldestLowAgeMs: 91 * MINUTE_MS } }, 'inbox', /waited 91 minutes/],
    [{ inbox: { ...inbox, lapsedMs: 6 * MINUTE_MS } }, 'inbox', /given up 6 minutes ago/],
    [{ luci: { state: 'stuck', wanted: true, problem: 'a draft' } }, 'luci', /stuck: a draft/],
    [{ luci: { state: 'unavailable', wanted: true, problem: null } }, 'luci', /unavailable/],
    [{ luci: { state: 'offline', wanted: true, problem: null } }, 'luci', /offline/],
    [
      { channels: [...allClear.channels, { label: 'E-mail', problem: '535', failures: 0 }] },
      'channels',
      /^E-mail refuses our messages: 535$/,
    ],
    [
      { channels: [{ label: 'Webhook', problem: null, failures: 3 }] },
      'channels',
      /Webhook .*3 times/,
    ],
    [{ breakerWords: 'Luci was silent' }, 'breaker', /silent/],
  ]
  for (const [change, check, words] of faults)
    t.match(unclear({ ...allClear, ...change }), [{ check, kind: 'fault', words }])
})

t.test('what a person switched off is not clear, and no fault', async (t) => {
  t.match(unclear({ ...allClear, pausedWords: 'all tasks are paused by you' }), [
    { check: 'scheduler', kind: 'chosen', words: /paused by you/ },
  ])
  t.match(unclear({ ...allClear, rulesWords: 'a mistake' }), [{ check: 'rules', kind: 'chosen' }])
  const waiting = { ...allClear.inbox, oldestAgeMs: 60 * MINUTE_MS }
  t.match(unclear({ ...allClear, pickup: 'off', inbox: waiting }), [
    { check: 'pickup', kind: 'chosen', words: /switched off/ },
  ])
  t.equal(unclear({ ...allClear, pickup: 'off', inbox: waiting }).length, 1)
})
