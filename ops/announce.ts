import { readFile } from 'node:fs/promises'
import { type Client, createClient } from '@mc/core/client/client.ts'
import type { SignInLink, Status } from '@mc/core/client/status.ts'
import type { Clock } from '@mc/core/clock.ts'
import { credentialFile } from '@mc/core/credentials/files.ts'
import { report } from './report.ts'

const READY_WITHIN_MS = 60_000
const LOOK_MS = 50
/** The others and Luci come up beside the api; the report waits this long for them. */
const SETTLED_WITHIN_MS = 10_000

/** Waits for the api and prints what it says. Null when it was stopped first, or never came. */
export const announce = async ({
  url,
  dataDir,
  worker = null,
  print,
  clock,
  signal,
}: {
  url: string
  dataDir: string
  worker?: readonly string[] | null
  print: (text: string) => void
  clock: Clock
  signal: AbortSignal
}): Promise<Status | null> => {
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
  for (const row of report(status, { url, signInUrl, dataDir, worker })) print(row)
  print('')
  return status
}

const isReady = (url: string): Promise<boolean> =>
  fetch(`${url}/healthz`).then(
    (response) => response.ok,
    // Nobody listens yet.
    () => false,
  )

/** The status once all three are at work and Luci has started, or as it is by then. */
const settled = async (client: Client, clock: Clock, signal: AbortSignal): Promise<Status> => {
  const end = clock.now().getTime() + SETTLED_WITHIN_MS
  for (;;) {
    const status = await client.get<Status>('/api/v1/status')
    // The api beats when it has opened Luci, the scheduler when it has read its tasks.
    const isSettled =
      status.luci.state !== 'starting' && status.workers.every(({ state }) => state === 'alive')
    if (isSettled || clock.now().getTime() > end || signal.aborted) return status
    await clock.sleep(LOOK_MS, signal)
  }
}
