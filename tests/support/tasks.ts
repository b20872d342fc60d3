import { join } from 'node:path'
import type { Clock } from '@mc/core/clock.ts'
import type { Config, SchedulerMode } from '@mc/core/config.ts'
import { silentLog } from '@mc/core/log.ts'
import type { Task } from '@mc/core/tasks/task.ts'
import { createWorkers } from '@mc/core/workers/workers.ts'
import type { Database } from '@mc/db/database.ts'
import { createScheduler, type SchedulerDeps } from '@mc/scheduler/scheduler.ts'
import type { Test } from 'tap'

export const projectFolder: string = join(import.meta.dirname, '..', '..')

/** argv of a tiny real program of tests/fixtures. */
export const fixture = (name: string, ...args: string[]): string[] => [
  process.execPath,
  join(projectFolder, 'tests', 'fixtures', name),
  ...args,
]

/** A task with every default: each minute, printing "hello". */
export const aTask = (over: Partial<Task> = {}): Task => ({
  id: 'greet',
  title: 'Greet',
  description: null,
  enabled: true,
  kind: 'command',
  cron: '* * * * *',
  timezone: 'UTC',
  command: ['echo', 'hello'],
  http: null,
  overlap: 'skip',
  overlapMax: 1,
  catchUp: 'latest',
  jitterMs: 0,
  timeoutMs: 60_000,
  noOutputMs: null,
  retries: 0,
  restart: 'never',
  beatMs: null,
  env: {},
  cwd: null,
  priority: 'normal',
  successCodes: [0],
  authCodes: [77],
  tags: [],
  credential: null,
  fingerprint: null,
  ...over,
})

export const schedulerConfig = (
  scheduler: SchedulerMode = 'inbox',
): Pick<Config, 'switches' | 'triage'> => ({
  switches: { chat: 'persistent', scheduler, pickup: 'orchestrate', autonomy: 'advisor' },
  triage: {
    groupWaitMs: 30_000,
    groupIntervalMs: 300_000,
    verdictTimeoutMs: 300_000,
    repeatIntervalMs: 4 * 3_600_000,
  },
})

/** A scheduler whose steps the test calls; what it still runs is ended after the test. */
export const testScheduler = async (
  test: Test,
  db: Database,
  clock: Clock,
  over: Partial<SchedulerDeps> = {},
) => {
  const worker = await createWorkers(db, clock).hello('scheduler')
  const scheduler = createScheduler({
    db,
    clock,
    log: silentLog,
    config: schedulerConfig(),
    env: { PATH: process.env.PATH, HOME: process.env.HOME },
    root: projectFolder,
    workerId: worker.id,
    killAfterMs: 500,
    ...over,
  })
  test.teardown(() => scheduler.stop({ graceMs: 0, killAfterMs: 0 }))
  return { ...scheduler, workerId: worker.id }
}
