import { join } from 'node:path'
import { openBell } from '@mc/core/bell.ts'
import { systemClock } from '@mc/core/clock.ts'
import { silentLog } from '@mc/core/log.ts'
import { dueOf } from '@mc/core/tasks/calendar.ts'
import { createWorkers } from '@mc/core/workers/workers.ts'
import { openDatabase } from '@mc/db/database.ts'
import { migrate } from '@mc/db/migrate.ts'
import { attempt } from '@mc/scheduler/attempt.ts'
import { runScheduler } from '@mc/scheduler/run-scheduler.ts'
import { runTask } from '@mc/scheduler/run-task.ts'
import { Cron } from 'croner'
import nodeCron from 'node-cron'
import { projectFolder, schedulerConfig } from '../support/tasks.ts'
import { cronOf, type Load, TASKS } from './scheduler-tasks.ts'

/**
 * One contender in a process of its own: arms 10,000 tasks, fires for a while, and says how late,
 * at what cost. `node scheduler-contender.ts <who> <load> <folder> <seconds>`
 */
const [who = '', load = 'rest', folder = '', seconds = '20'] = process.argv.slice(2)
const lateMs: number[] = []
/** What was due before, while it was armed, says how long that took, not how late it fires. */
let countedFrom = Number.POSITIVE_INFINITY
const firedAt = (dueMs: number) => {
  if (dueMs >= countedFrom) lateMs.push(Date.now() - dueMs)
}
/** A timer's callback does not say what it was meant for: the last full second, to its favour. */
const thisSecond = () => firedAt(Math.floor((Date.now() + 2) / 1_000) * 1_000)

const arm: Record<string, () => Promise<void>> = {
  croner: async () => {
    for (let n = 0; n < TASKS; n++)
      new Cron(cronOf(n, load as Load), { timezone: 'UTC' }, thisSecond)
  },
  'node-cron': async () => {
    for (let n = 0; n < TASKS; n++)
      nodeCron.schedule(cronOf(n, load as Load), thisSecond, { timezone: 'UTC' })
  },
  'mission-control': () => ours(false),
  'mission-control, programs': () => ours(true),
}

const ours = async (programs: boolean): Promise<void> => {
  const db = openDatabase(join(folder, 'bench.db'))
  await migrate(db)
  const bell = await openBell(db, systemClock)
  const worker = await createWorkers(db, systemClock).hello('scheduler')
  await new Promise<void>((ready) => {
    const deps = {
      db,
      bell,
      clock: systemClock,
      log: silentLog,
      config: schedulerConfig(),
      env: { PATH: process.env.PATH, MC_DATA_DIR: folder },
      root: projectFolder,
      workerId: worker.id,
      runsAtOnceMax: 1_000,
      tasksFile: { path: join(folder, 'tasks.yaml'), name: 'tasks.yaml' },
      onReady: () => ready(),
      execute: (async (own, task, facts, signal, events) => {
        if (facts.slot) firedAt(dueOf(task, facts.slot).getTime())
        if (programs) return runTask(own, task, facts, signal, events)
        return { ...attempt({ status: 'ok' }), tries: 1 }
      }) satisfies typeof runTask as typeof runTask,
    }
    void runScheduler(deps, new AbortController().signal)
  })
}

await arm[who]?.()
/** Since the process began. */
const armedMs = performance.now()
const armedCpu = process.cpuUsage()
// The first seconds warm the compiler; what is spread begins to be so at the next full minute.
await systemClock.sleep(load === 'spread' ? 62_000 - (Date.now() % 60_000) : 5_000)
countedFrom = Date.now()
const cpuBefore = process.cpuUsage()
const from = performance.now()
await systemClock.sleep(Number(seconds) * 1_000)
const { user, system } = process.cpuUsage(cpuBefore)
const wallMs = performance.now() - from
process.send?.({
  armedMs,
  armedCpuMs: (armedCpu.user + armedCpu.system) / 1_000,
  lateMs,
  cpuShare: (user + system) / 1_000 / wallMs,
  rssMb: process.memoryUsage().rss / 1_048_576,
  wallMs,
})
setTimeout(() => process.exit(0), 100)
