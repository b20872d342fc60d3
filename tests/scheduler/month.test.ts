import type { Clock } from '@mc/core/clock.ts'
import { silentLog } from '@mc/core/log.ts'
import type { Task } from '@mc/core/tasks/task.ts'
import { createTasks } from '@mc/core/tasks/tasks.ts'
import { createWorkers } from '@mc/core/workers/workers.ts'
import { type Database, openDatabase } from '@mc/db/database.ts'
import { attempt } from '@mc/scheduler/attempt.ts'
import { createOutcomes } from '@mc/scheduler/outcomes.ts'
import { createReaper } from '@mc/scheduler/reap.ts'
import type { runTask } from '@mc/scheduler/run-task.ts'
import { createScheduler } from '@mc/scheduler/scheduler.ts'
import { sql } from 'kysely'
import t from 'tap'
import { account } from '../support/accounting.ts'
import { pick, type Random, seeded } from '../support/calendar-sweep.ts'
import { createTestClock, type TestClock } from '../support/clock.ts'
import { sqliteDatabase } from '../support/database.ts'
import { type Death, Died, dyingDatabase } from '../support/dying-database.ts'
import { aTask, projectFolder, schedulerConfig } from '../support/tasks.ts'

const MINUTE_MS = 60_000
const DAYS = Number(process.env.MC_MONTH_DAYS ?? 31)
const SEED = Number(process.env.MC_MONTH_SEED ?? 1)
/** The clocks of Berlin go back on the 25th. */
const from = new Date('2026-10-01T00:00:00.000Z')
const to = new Date(from.getTime() + DAYS * 86_400_000)
const HOUR_MS = 3_600_000
/** The last one lives on, so that all that was begun ends. */
const lastBoot = new Date(to.getTime() - 12 * HOUR_MS)
const end = new Date(to.getTime() + 6 * HOUR_MS)

const inBerlin = { timezone: 'Europe/Berlin' }
const tasks: Task[] = [
  aTask({ id: 'often', cron: '*/30 * * * *', ...inBerlin }),
  aTask({ id: 'queued', cron: '10 * * * *', overlap: 'queue', ...inBerlin }),
  aTask({ id: 'replaced', cron: '5 */2 * * *', overlap: 'replace', timezone: 'America/St_Johns' }),
  aTask({ id: 'beside', cron: '20 * * * *', overlap: 'allow', overlapMax: 3 }),
  aTask({ id: 'all', cron: '15 */4 * * *', catchUp: 'all', ...inBerlin }),
  aTask({ id: 'only-on-time', cron: '45 */2 * * *', catchUp: 'skip', timezone: 'Asia/Kathmandu' }),
  aTask({ id: 'late', cron: '0 */3 * * *', jitterMs: 20 * MINUTE_MS, tags: ['disk'] }),
  aTask({ id: 'nightly', cron: '30 2 * * *', tags: ['disk'], ...inBerlin }),
  aTask({ id: 'weekly', cron: '0 9 * * 1', timezone: 'Australia/Lord_Howe' }),
]

const ends = [
  'ok',
  'failed',
  'auth',
  'timeout',
  'missed',
  'skipped',
  'stuck',
  'interrupted',
  'could_not_start',
]

/** Programs of all kinds: short ones, ones that outlast the next fire, ones that fail. */
const someProgram =
  (random: Random, clock: Clock): typeof runTask =>
  async (_deps, task, _facts, signal) => {
    const longest = task.id === 'often' ? 240 : 100
    await clock.sleep(random() ** 3 * longest * MINUTE_MS, signal)
    const status = signal.aborted
      ? 'interrupted'
      : pick(random, ['ok', 'ok', 'ok', 'failed', 'timeout', 'auth', 'could_not_start'] as const)
    return { ...attempt({ status, cause: status === 'ok' ? null : 'so it is' }), tries: 1 }
  }

/** One scheduler from its boot until it dies, at whatever statement that is, or the month is over. */
const live = async (path: string, clock: TestClock, random: Random, death: Death) => {
  const real = openDatabase(path)
  const db = dyingDatabase(real, death)
  let stopped = false
  // The dead do not wake again.
  const sleep: TestClock['sleep'] = (ms, signal) =>
    death.dead ? new Promise(() => {}) : clock.sleep(ms, signal)
  const own = { now: clock.now, sleep }
  // A power cut is not what is tried here, and a month of waiting for the disk is long.
  await sql`pragma synchronous = off`.execute(real.kysely)
  try {
    const { id: workerId } = await createWorkers(db, clock).hello('scheduler')
    const scheduler = createScheduler({
      db,
      clock: own,
      log: silentLog,
      config: schedulerConfig(),
      env: {},
      root: projectFolder,
      workerId,
      runsAtOnceMax: 4,
      execute: someProgram(random, own),
    })
    const reaper = createReaper({
      db,
      clock,
      log: silentLog,
      outcomes: createOutcomes(db, clock, schedulerConfig()),
      workerId,
      hasInHand: scheduler.hasInHand,
    })
    await createTasks(db, clock).sync(tasks)
    await reaper.reap(0, new AbortController().signal)
    while (clock.now() < end && !death.dead) {
      const next = await scheduler.step()
      const waitMs = Math.max(
        1,
        (next?.getTime() ?? Number.POSITIVE_INFINITY) - clock.now().getTime(),
      )
      await clock.advance(Math.min(waitMs, 15 * MINUTE_MS))
      await settled()
    }
    if (!death.dead) {
      stopped = true
      await scheduler.stop({ graceMs: 0, killAfterMs: 0 })
    }
  } catch (error) {
    if (!(error instanceof Died) && !death.dead) throw error
  } finally {
    // What the dead one had in hand finds a dead database; it must not keep it open either.
    death.dead = true
    await settled()
    await real.close()
  }
  return stopped
}

/** Until what ended in this moment has been written down. */
const settled = async () => {
  for (let n = 0; n < 8; n++) await new Promise((resolve) => setImmediate(resolve))
}

t.test(
  'however often the scheduler dies in a month, every slot has exactly one outcome',
  async (t) => {
    const db: Database & { dialect: 'sqlite' } = await sqliteDatabase(t)
    const random = seeded(SEED)
    const clock = createTestClock(from.toISOString())
    let deaths = 0
    for (;;) {
      // Often soon, so that it dies in its boot too; sometimes after days.
      const left =
        clock.now() < lastBoot ? Math.floor(random() ** 3 * 5_000) : Number.POSITIVE_INFINITY
      if (await live(db.path, clock, random, { left, dead: false })) break
      deaths++
      // Started again at once, or found by somebody in the morning.
      await clock.advance(random() < 0.5 ? random() * 5_000 : random() ** 2 * 9 * HOUR_MS)
    }
    const found = await account(db, tasks, from, to)
    t.comment(
      `${deaths} deaths, ${found.slots} slots, ${found.ranges} ranges, ${JSON.stringify(found.by)}`,
    )
    t.same(found.wrong, [])
    t.ok(deaths > DAYS / 2, `${deaths} deaths`)
    for (const status of ends) t.ok(found.by[status], `some slots ended ${status}`)
  },
)
