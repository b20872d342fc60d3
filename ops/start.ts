#!/usr/bin/env node
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Client, createClient } from '@mc/core/client/client.ts'
import type { SignInLink, Status } from '@mc/core/client/status.ts'
import type { Clock } from '@mc/core/clock.ts'
import { credentialFile } from '@mc/core/credentials/files.ts'
import { projectRoot } from '@mc/core/environment.ts'
import { openStore } from '@mc/core/process/open-store.ts'
import { runMain } from '@mc/core/process/run-main.ts'
import { childEnvironment } from './child-environment.ts'
import { farewell } from './farewell.ts'
import { logLine } from './log-line.ts'
import { freePort } from './port.ts'
import { report } from './report.ts'
import { supervise } from './supervisor.ts'
import { ensureTmux } from './tmux.ts'

/** `pnpm start`: checks, migrates, runs the three processes and says what it found. */

const READY_WITHIN_MS = 60_000
const LOOK_MS = 50
/** The scheduler and Luci come up beside the api; the report waits this long for them. */
const SETTLED_WITHIN_MS = 2_000

const parts = ['api', 'scheduler', 'pickup'].map((name) => ({
  name,
  main: join(projectRoot, 'apps', name, 'main.ts'),
}))

const print = (text: string) => process.stdout.write(`${text}\n`)
const colour = process.stdout.isTTY === true

await runMain('start', async ({ config, signal, clock }) => {
  ensureTmux(print)
  const port = await freePort(config.http)
  const { db } = await openStore(config)
  await db.close()

  const url = `http://${config.http.host}:${port}`
  const line = (name: string, text: string) => print(logLine(name, text, clock.now(), colour))
  const running = supervise(
    parts,
    { env: childEnvironment(process.env, port), clock, line, say: line },
    signal,
  )
  const status = await announce({ url, dataDir: config.dataDir, clock, signal })
  await running
  print(await farewell(status?.luci ?? null))
})

/** Waits for the api and prints what it says. Null when it was stopped first, or never came. */
async function announce({
  url,
  dataDir,
  clock,
  signal,
}: {
  url: string
  dataDir: string
  clock: Clock
  signal: AbortSignal
}): Promise<Status | null> {
  const waiting = AbortSignal.any([signal, AbortSignal.timeout(READY_WITHIN_MS)])
  while (!waiting.aborted && !(await isReady(url))) await clock.sleep(LOOK_MS, waiting)
  if (signal.aborted) return null
  if (waiting.aborted) {
    print(`The api is not ready after ${READY_WITHIN_MS / 1_000} s; its own lines say why.`)
    return null
  }
  const token = (await readFile(credentialFile(dataDir, 'cli'), 'utf8')).trim()
  const client = createClient({ url, token })
  const status = await settled(client, clock, signal)
  const { url: signInUrl } = await client.post<SignInLink>('/api/v1/sign_in_links')
  print(`\nMission Control runs. Ctrl-C stops it.\n`)
  for (const row of report(status, { url, signInUrl, dataDir })) print(row)
  print('')
  return status
}

const isReady = (url: string): Promise<boolean> =>
  fetch(`${url}/readyz`).then(
    (response) => response.ok,
    // Nobody listens yet.
    () => false,
  )

/** The status once Luci has started and the scheduler has read its tasks, or as it is by then. */
async function settled(client: Client, clock: Clock, signal: AbortSignal): Promise<Status> {
  const end = clock.now().getTime() + SETTLED_WITHIN_MS
  for (;;) {
    const status = await client.get<Status>('/api/v1/status')
    const scheduler = status.workers.find((worker) => worker.name === 'scheduler')
    const isSettled = status.luci.state !== 'starting' && scheduler?.state === 'alive'
    if (isSettled || clock.now().getTime() > end || signal.aborted) return status
    await clock.sleep(LOOK_MS, signal)
  }
}
