import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemClock } from '@mc/core/clock.ts'
import { silentLog } from '@mc/core/log.ts'
import { openDatabase } from '@mc/db/database.ts'
import { migrate } from '@mc/db/migrate.ts'
import { createTasksKeeper } from '@mc/scheduler/tasks-keeper.ts'
import { schedulerConfig } from '../support/tasks.ts'
import { percentile } from './ratio.ts'
import { type Load, TASKS, tasksFile } from './scheduler-tasks.ts'

type Measured = {
  armedMs: number
  armedCpuMs: number
  lateMs: number[]
  cpuShare: number
  rssMb: number
  wallMs: number
}

const REST_SECONDS = 15
const LOAD_SECONDS = 20

const rounds: [string, Load, number][] = [
  ['mission-control', 'rest', REST_SECONDS],
  ['croner', 'rest', REST_SECONDS],
  ['node-cron', 'rest', REST_SECONDS],
  ['mission-control', 'load', LOAD_SECONDS],
  ['croner', 'load', LOAD_SECONDS],
  ['node-cron', 'load', LOAD_SECONDS],
  ['mission-control', 'spread', LOAD_SECONDS],
  ['mission-control, programs', 'spread', LOAD_SECONDS],
]

/** 10,000 tasks at rest and at 100 fires a second, beside croner's own timers and node-cron. */
export const benchScheduler = async (): Promise<void> => {
  console.log(`Scheduler, ${TASKS} tasks, load ${loadavg()[0]?.toFixed(1)}`)
  for (const [who, load, seconds] of rounds) {
    const folder = mkdtempSync(join(tmpdir(), 'mc-bench-'))
    try {
      if (who.startsWith('mission-control')) await prepare(folder, load)
      print(who, load, await measure(who, load, folder, seconds))
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  }
}

/** As after a restart: the tasks are in the table, and the file is as it was. */
export const prepare = async (folder: string, load: Load) => {
  const path = join(folder, 'tasks.yaml')
  writeFileSync(path, tasksFile(load, "'true'"))
  const db = openDatabase(join(folder, 'bench.db'))
  await migrate(db)
  const config = schedulerConfig()
  const deps = { db, clock: systemClock, log: silentLog, config, path, name: 'tasks.yaml' }
  await createTasksKeeper(deps).load()
  await db.close()
}

const measure = async (who: string, load: Load, folder: string, seconds: number) => {
  const child = fork(
    join(import.meta.dirname, 'scheduler-contender.ts'),
    [who, load, folder, String(seconds)],
    // node-cron says a line for each fire that it missed while it was armed.
    { stdio: ['ignore', 'ignore', who === 'node-cron' ? 'ignore' : 'inherit', 'ipc'] },
  )
  const [measured] = (await Promise.race([
    once(child, 'message'),
    once(child, 'exit').then(([code]) => {
      throw new Error(`${who} ended with ${code}`)
    }),
  ])) as [Measured]
  if (child.exitCode === null) await once(child, 'exit')
  return measured
}

const print = (
  who: string,
  load: Load,
  { armedMs, armedCpuMs, lateMs, cpuShare, rssMb, wallMs }: Measured,
) => {
  const late = (share: number) => `${percentile(lateMs, share).toFixed(0).padStart(5)} ms`
  const lateness =
    lateMs.length === 0
      ? ''
      : `  ${(lateMs.length / (wallMs / 1_000)).toFixed(0).padStart(4)} fires/s, late p50 ${late(0.5)} p99 ${late(0.99)} max ${late(1)}`
  console.log(
    `${who.padEnd(26)} ${load.padEnd(7)} armed ${(armedMs / 1_000).toFixed(2).padStart(6)} s (CPU ${(armedCpuMs / 1_000).toFixed(2)} s)  ` +
      `CPU ${(cpuShare * 100).toFixed(1).padStart(5)} %  ${rssMb.toFixed(0).padStart(4)} MB${lateness}`,
  )
}
