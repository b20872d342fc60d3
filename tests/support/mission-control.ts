import { randomBytes } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Client, createClient } from '@mc/core/client/client.ts'
import { projectRoot } from '@mc/core/environment.ts'
import { execa } from 'execa'
import type { Test } from 'tap'
import { freePort } from './postgres.ts'
import { bareEnvironment, type Ended, runProgram } from './program.ts'
import { until } from './until.ts'

export type MissionControl = {
  pid: number
  url: string
  dataDir: string
  env: Record<string, string>
  /** All it has printed so far. */
  output(): string
  /** Waits until it has printed something that matches, and returns the match. */
  printed(pattern: RegExp): Promise<RegExpExecArray>
  /** As the person at the terminal; waits for the api. */
  client(): Promise<Client>
  mc(...args: string[]): Promise<Ended>
  /** Waits until it ends by itself. Null when a signal ended it. */
  ended(): Promise<number | null>
  /** Sends a signal and waits for the end. Null when the signal ended it. */
  end(signal: NodeJS.Signals): Promise<number | null>
}

/**
 * `pnpm start` as a real child, on its own data folder, port and tmux socket. After the test the
 * three processes, the tmux server and the folder are gone.
 */
export const startMissionControl = async (
  test: Pick<Test, 'teardown'>,
  own: Record<string, string> = {},
): Promise<MissionControl> => {
  const folder = mkdtempSync(join(tmpdir(), 'mc-start-'))
  const port = own.MC_PORT ?? String(await freePort())
  const dataDir = join(folder, 'data')
  const socket = `mc-test-${randomBytes(4).toString('hex')}`
  const env = { MC_DATA_DIR: dataDir, MC_PORT: port, MC_TMUX_SOCKET: socket, ...own }
  const child = execa(process.execPath, [join(projectRoot, 'ops', 'start.ts')], {
    env: bareEnvironment(env),
    extendEnv: false,
    reject: false,
    all: true,
    buffer: false,
  })
  let output = ''
  child.all?.on('data', (chunk) => {
    output += chunk
  })
  const url = `http://127.0.0.1:${port}`
  const ended = async () => (await child).exitCode ?? null
  const end = async (signal: NodeJS.Signals) => {
    child.kill(signal)
    return ended()
  }
  test.teardown(async () => {
    await end('SIGTERM')
    await execa('tmux', ['-L', socket, 'kill-server'], { reject: false })
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
  })
  const printed = (pattern: RegExp) =>
    until(`it prints ${pattern}; it printed:\n${output}`, () => pattern.exec(output), 60_000)
  return {
    pid: child.pid ?? 0,
    url,
    dataDir,
    env,
    output: () => output,
    printed,
    client: async () => {
      await printed(/Mission Control runs/)
      const token = readFileSync(join(dataDir, 'credentials', 'cli'), 'utf8').trim()
      return createClient({ url, token })
    },
    mc: (...args) => runProgram('apps/mc/main.ts', args, { env }),
    ended,
    end,
  }
}

export const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false
    throw error
  }
}
