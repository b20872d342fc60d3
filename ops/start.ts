#!/usr/bin/env node
import { join } from 'node:path'
import type { Clock } from '@mc/core/clock.ts'
import { projectRoot } from '@mc/core/environment.ts'
import { AppError } from '@mc/core/errors.ts'
import { occupy, refuseOccupied } from '@mc/core/process/occupy.ts'
import { openStore, prepareFolder } from '@mc/core/process/open-store.ts'
import { type Main, runMain } from '@mc/core/process/run-main.ts'
import { announce } from './announce.ts'
import { childEnvironment } from './child-environment.ts'
import { createConsoleLog } from './console-log.ts'
import { farewell } from './farewell.ts'
import { stopWithLauncher } from './launcher.ts'
import { logLine } from './log-line.ts'
import { freePort } from './port.ts'
import { supervise } from './supervisor.ts'
import { ensureTmux } from './tmux.ts'

/** `pnpm start`: checks, migrates, runs the three processes and says what it found. */

const API_ENDS_WITHIN_MS = 5_000
const LOOK_MS = 100

const parts = ['api', 'scheduler', 'pickup'].map((name) => ({
  name,
  main: join(projectRoot, 'apps', name, 'main.ts'),
}))

const print = (text: string) => process.stdout.write(`${text}\n`)
const colour = process.stdout.isTTY === true
const line = (name: string, text: string) => print(logLine(name, text, new Date(), colour))

const start = async ({ config, signal, clock }: Main): Promise<void> => {
  await stopWithLauncher(process.env)
  prepareFolder(config.dataDir)
  const occupied = occupy(config.dataDir, 'start')
  await untilFree(config.dataDir, clock, signal)
  ensureTmux(print)
  const port = await freePort(config.http)
  const url = `http://${config.http.host}:${port}`
  occupied.at(url)
  const { db } = await openStore(config)
  await db.close()

  const over = new AbortController()
  const running = supervise(
    parts,
    { env: childEnvironment(process.env, port), clock, line, say: line },
    signal,
  ).finally(() => over.abort())
  const status = await announce({
    url,
    dataDir: config.dataDir,
    worker: config.workers.command,
    print,
    clock,
    signal: AbortSignal.any([signal, over.signal]),
  })
  process.exitCode = await running
  occupied.release()
  print(await farewell(status?.luci ?? null))
}

/** An api whose `start` was killed ends within seconds; one that was started alone stays. */
const untilFree = async (dataDir: string, clock: Clock, signal: AbortSignal): Promise<void> => {
  const end = clock.now().getTime() + API_ENDS_WITHIN_MS
  for (;;) {
    try {
      return refuseOccupied(dataDir, 'api')
    } catch (error) {
      if (!(error instanceof AppError) || clock.now().getTime() > end || signal.aborted) throw error
      await clock.sleep(LOOK_MS, signal)
    }
  }
}

await runMain('start', start, { log: createConsoleLog('start', line) })
