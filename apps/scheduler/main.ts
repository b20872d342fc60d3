import { relative } from 'node:path'
import { runSender } from '@mc/core/alerts/sender.ts'
import { openBell } from '@mc/core/bell.ts'
import type { Config, Environment } from '@mc/core/config.ts'
import { projectRoot } from '@mc/core/environment.ts'
import { openStore } from '@mc/core/process/open-store.ts'
import { runMain } from '@mc/core/process/run-main.ts'
import { createRunLogs } from '@mc/core/runs/run-logs.ts'
import { buttonsFor } from '@mc/core/telegram/buttons.ts'
import { runDeadMan } from '@mc/core/workers/dead-man.ts'
import { lookAtDesk } from '@mc/core/workers/look.ts'
import { runPings } from '@mc/core/workers/ping.ts'
import { BEAT_MS, createWorkers } from '@mc/core/workers/workers.ts'
import { runScheduler } from './run-scheduler.ts'
import type { Scheduler } from './scheduler.ts'

/** What tasks may refer to: the environment, and where Mission Control itself is. */
const referable = (env: Environment, { http, dataDir }: Config): Environment => {
  const host = http.host === '0.0.0.0' || http.host === '::' ? '127.0.0.1' : http.host
  const name = host.includes(':') ? `[${host}]` : host
  return {
    ...env,
    MC_URL: env.MC_URL ?? `http://${name}:${http.port}`,
    MC_PORT: String(http.port),
    MC_DATA_DIR: dataDir,
  }
}

await runMain('scheduler', async ({ env, config, log, signal, clock }) => {
  const { db } = await openStore(config)
  const bell = await openBell(db, clock)
  const worker = await createWorkers(db, clock).hello('scheduler')
  let scheduler: Scheduler | undefined

  const doing = () => {
    const running = scheduler?.inFlightCount() ?? 0
    const waiting = scheduler?.waitingCount() ?? 0
    const kept = scheduler?.backgroundCount() ?? 0
    const also = [
      ...(waiting > 0 ? [`${waiting} waiting for room`] : []),
      ...(kept > 0 ? [`${kept} in the background`] : []),
    ].map((text) => `, ${text}`)
    const what = running === 0 ? 'waiting for the next fire' : `running ${running} task(s)`
    return `${what}${also.join('')}`
  }
  const beat = setInterval(() => {
    worker.beat(doing()).catch((err) => log.warn({ err }, 'the beat failed'))
  }, BEAT_MS)

  const { telegram, alerting, triage } = config
  const beside = [
    runSender(
      {
        db,
        bell,
        clock,
        log,
        telegram,
        alerting,
        ...buttonsFor(db, clock, telegram),
        publicUrl: config.http.publicUrl,
      },
      signal,
    ),
    runDeadMan(
      {
        db,
        clock,
        log,
        self: 'scheduler',
        repeatIntervalMs: triage.repeatIntervalMs,
        switches: config.switches,
      },
      signal,
    ),
    runPings(
      { clock, log, watch: config.watch, look: () => lookAtDesk({ db, clock, config }) },
      signal,
    ),
  ]
  await runScheduler(
    {
      db,
      bell,
      clock,
      log,
      config,
      env: referable(env, config),
      root: projectRoot,
      logs: createRunLogs(config.dataDir),
      workerId: worker.id,
      tasksFile: {
        path: config.tasksFile,
        name: relative(projectRoot, config.tasksFile).startsWith('..')
          ? config.tasksFile
          : relative(projectRoot, config.tasksFile),
      },
      onReady: (ready) => {
        scheduler = ready
        log.info({ tasksFile: config.tasksFile }, 'ready')
      },
    },
    signal,
  )
  await Promise.all(beside)
  clearInterval(beat)
  await worker.goodbye()
  await bell.close()
  await db.close()
})
