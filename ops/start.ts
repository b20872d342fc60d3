#!/usr/bin/env node
import { join } from 'node:path'
import { projectRoot } from '@mc/core/environment.ts'
import { openStore } from '@mc/core/process/open-store.ts'
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

const parts = ['api', 'scheduler', 'pickup'].map((name) => ({
  name,
  main: join(projectRoot, 'apps', name, 'main.ts'),
}))

const print = (text: string) => process.stdout.write(`${text}\n`)
const colour = process.stdout.isTTY === true
const line = (name: string, text: string) => print(logLine(name, text, new Date(), colour))

const start = async ({ config, signal, clock }: Main): Promise<void> => {
  await stopWithLauncher(process.env)
  ensureTmux(print)
  const port = await freePort(config.http)
  const { db } = await openStore(config)
  await db.close()

  const url = `http://${config.http.host}:${port}`
  const running = supervise(
    parts,
    { env: childEnvironment(process.env, port), clock, line, say: line },
    signal,
  )
  const status = await announce({ url, dataDir: config.dataDir, print, clock, signal })
  await running
  print(await farewell(status?.luci ?? null))
}

await runMain('start', start, { log: createConsoleLog('start', line) })
