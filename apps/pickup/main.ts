import { join } from 'node:path'
import { runSender } from '@mc/core/alerts/sender.ts'
import { alertSecrets } from '@mc/core/alerts/settings.ts'
import { runAudit } from '@mc/core/audit/run-audit.ts'
import { openBell } from '@mc/core/bell.ts'
import { loadPrices } from '@mc/core/costs/price-file.ts'
import { watchForChanges } from '@mc/core/edited-file/watch.ts'
import { nameOfFile, projectRoot } from '@mc/core/environment.ts'
import { openStore } from '@mc/core/process/open-store.ts'
import { runMain } from '@mc/core/process/run-main.ts'
import { createRetention } from '@mc/core/retention/retention.ts'
import { runRetention } from '@mc/core/retention/run-retention.ts'
import { createRunLogs } from '@mc/core/runs/run-logs.ts'
import { buttonsFor } from '@mc/core/telegram/buttons.ts'
import { createRulesKeeper } from '@mc/core/triage/rules-keeper.ts'
import { whyHeld } from '@mc/core/trust/held.ts'
import { secretsIn, workerEnvironment } from '@mc/core/worker-programs/environment.ts'
import { workerProgram } from '@mc/core/worker-programs/program.ts'
import { runDeadMan } from '@mc/core/workers/dead-man.ts'
import { BEAT_MS, createWorkers } from '@mc/core/workers/workers.ts'
import { runDelegated } from './delegate.ts'
import { createDesk } from './desk.ts'
import { pickUpUntilStopped } from './pick-up-loop.ts'
import { tellOfCapUntilStopped } from './tell-of-cap.ts'

await runMain('pickup', async ({ env, config, log, signal, clock }) => {
  const { db } = await openStore(config)
  const bell = await openBell(db, clock)
  const worker = await createWorkers(db, clock).hello('pickup')
  const desk = createDesk({
    db,
    clock,
    log,
    switches: config.switches,
    triage: config.triage,
    profile: config.luci.profile,
    workerId: worker.id,
    held: () => whyHeld(db, clock, config.costs.limits),
  })
  const logs = createRunLogs(config.dataDir)
  const secrets = [
    ...(config.telegram.token ? [config.telegram.token] : []),
    ...alertSecrets(config.alerting),
  ]
  const program = workerProgram(config.workers)
  const workerEnv = workerEnvironment(env, projectRoot, {
    keeps: program?.keeps ?? [],
    names: config.workers.env,
  })
  const beat = setInterval(() => {
    worker.beat('picking up').catch((error) => log.error({ err: error }, 'A beat failed'))
  }, BEAT_MS)
  const path = config.triageFile
  const rules = createRulesKeeper({ db, clock, log, path, name: nameOfFile(path) })
  const reload = () =>
    rules.load().catch((err) => log.error({ err }, 'the rules could not be read'))
  await reload()
  watchForChanges(path, reload, { clock, log }, signal)
  log.info({ workerId: worker.id, mode: config.switches.pickup }, 'pickup is at its desk')
  await Promise.all([
    pickUpUntilStopped(desk, bell, signal),
    tellOfCapUntilStopped(
      {
        db,
        bell,
        clock,
        log,
        limits: config.costs.limits,
        repeatIntervalMs: config.triage.repeatIntervalMs,
      },
      signal,
    ),
    runSender(
      {
        db,
        bell,
        clock,
        log,
        telegram: config.telegram,
        alerting: config.alerting,
        ...buttonsFor(db, clock, config.telegram),
        publicUrl: config.http.publicUrl,
      },
      signal,
    ),
    runDelegated(
      {
        db,
        bell,
        clock,
        log,
        workerId: worker.id,
        ...config.workers,
        program,
        env: workerEnv,
        secrets: [...secrets, ...secretsIn(workerEnv, config.workers.env)],
        rules: [join(projectRoot, 'ops', 'worker.md'), join(config.dataDir, 'worker.md')],
        dataDir: config.dataDir,
        logs,
        prices: loadPrices(config.costs).prices,
        held: (on) => whyHeld(on, clock, config.costs.limits),
      },
      signal,
    ),
    runRetention({ retention: createRetention(db, clock, logs, config.keep), clock, log }, signal),
    runAudit(
      {
        db,
        clock,
        log,
        weekly: config.weeklyReport,
        repeatIntervalMs: config.triage.repeatIntervalMs,
      },
      signal,
    ),
    runDeadMan(
      {
        db,
        clock,
        log,
        self: 'pickup',
        repeatIntervalMs: config.triage.repeatIntervalMs,
        switches: config.switches,
      },
      signal,
    ),
  ])
  clearInterval(beat)
  await worker.goodbye()
  await bell.close()
  await db.close()
})
