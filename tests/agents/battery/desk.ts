import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buildApp } from '@mc/api/app.ts'
import { openBell } from '@mc/core/bell.ts'
import { systemClock } from '@mc/core/clock.ts'
import { readConfig } from '@mc/core/config.ts'
import { createCredentials } from '@mc/core/credentials/credentials.ts'
import { ensureCredentialFile } from '@mc/core/credentials/files.ts'
import { silentLog } from '@mc/core/log.ts'
import { createLuci, type LuciEvent } from '@mc/core/luci/luci.ts'
import { isOpenTurn, type Turn, type TurnOrigin, type TurnState } from '@mc/core/turns/turn.ts'
import { openDatabase } from '@mc/db/database.ts'
import { migrate } from '@mc/db/migrate.ts'
import { killLeftovers } from '../../../ops/leftovers.ts'
import { freePort } from '../../support/postgres.ts'
import { until } from '../../support/until.ts'
import { homeOf } from '../homes/home.ts'
import { type Model, startModel } from '../model/model.ts'
import type { Program } from '../programs.ts'

/** A heavy program on a busy machine. */
export const PATIENCE_MS = 90_000

/**
 * A whole front desk with a real agent program as Luci: api, session, database, an isolated home
 * and the scripted model, in one temp folder that is gone after `close`, with all that ran in it.
 * `env`: what the person has set beside what the home needs.
 */
export const openDesk = async (
  program: Program,
  {
    fresh = false,
    strange = false,
    env = {},
  }: { fresh?: boolean; strange?: boolean; env?: Record<string, string> } = {},
) => {
  const folder = mkdtempSync(join(tmpdir(), `mc-agent-${program}-`))
  const model: Model = await startModel()
  const cwd = join(folder, 'work')
  const home = homeOf(program, { folder, modelUrl: model.url, cwd, fresh, strange })
  const dataDir = join(folder, 'data')
  mkdirSync(dataDir)
  const port = await freePort()
  const socket = join(folder, 'tmux.sock')
  const config = readConfig(
    {
      MC_DATA_DIR: dataDir,
      MC_PORT: String(port),
      MC_TMUX_SOCKET: socket,
      MC_LUCI_PROFILE: program,
      MC_LUCI_CWD: cwd,
      MC_WORKER_COMMAND: 'true',
    },
    folder,
  )
  const events: LuciEvent[] = []

  /** As after a restart of the api: the same folder, the same tmux server. */
  const open = async () => {
    mkdirSync(dataDir, { recursive: true })
    const db = openDatabase(config.database)
    await migrate(db)
    const bell = await openBell(db, systemClock)
    const credentials = createCredentials(db, systemClock)
    for (const kind of ['cli', 'agent'] as const)
      await ensureCredentialFile(credentials, dataDir, kind)
    const apiUrl = `http://127.0.0.1:${port}`
    const parts = { db, bell, clock: systemClock, log: silentLog }
    const own = { ...home.env, ...env }
    const luci = createLuci({ ...parts, config: config.luci, dataDir, apiUrl, env: own })
    luci.on((event) => events.push(event))
    const app = await buildApp({ ...parts, config, luci, version: 'battery' })
    await app.listen({ host: '127.0.0.1', port })
    await luci.open()
    const close = async () => {
      await app.close()
      await luci.close()
      await bell.close()
      await db.close()
    }
    return { db, luci, app, close }
  }
  let now = await open()

  const turnOf = async (id: string): Promise<Turn> => (await now.luci.harvest(id)).turn
  const idle = (withinMs = PATIENCE_MS) =>
    until('her to be idle', () => now.luci.status().state === 'idle', withinMs)
  const send = async (text: string, origin: TurnOrigin = 'user') =>
    (await now.luci.send({ origin, text })).id
  const ended = (id: string, withinMs = PATIENCE_MS): Promise<Turn> =>
    until(
      `turn ${id} to end`,
      async () => {
        const turn = await turnOf(id)
        return isOpenTurn(turn.state) ? null : turn
      },
      withinMs,
    )
  const reached = (id: string, states: readonly TurnState[], withinMs = PATIENCE_MS) =>
    until(
      `turn ${id} to be ${states.join(' or ')}`,
      async () => {
        const turn = await turnOf(id)
        if (states.includes(turn.state)) return turn
        if (!isOpenTurn(turn.state))
          throw new Error(`It is ${turn.state}: ${turn.problem ?? turn.reply}`)
        return null
      },
      withinMs,
    )

  return {
    program,
    model,
    cwd,
    folder,
    events,
    port,
    now: () => now,
    idle,
    send,
    ended,
    reached,
    turnOf,
    /** Sends and waits for the end. */
    ask: async (text: string, withinMs?: number) => ended(await send(text), withinMs),
    tmux: (...args: string[]) =>
      execFileSync('tmux', ['-u', '-S', socket, ...args], { encoding: 'utf8' }),
    /** The pane as a person sees it. */
    screen: () => {
      try {
        return execFileSync('tmux', ['-u', '-S', socket, 'capture-pane', '-p', '-t', '=luci:'], {
          encoding: 'utf8',
        })
      } catch {
        return '(there is no pane)'
      }
    },
    isMade: (name: string) => existsSync(join(cwd, name)),
    write: (name: string, text: string) => writeFileSync(join(cwd, name), text),
    restartApi: async (between: () => Promise<void> = async () => {}) => {
      await now.close()
      await between()
      now = await open()
    },
    close: async () => {
      await now.luci.stop()
      await now.close()
      await model.close()
      // Some leave a daemon behind, which would write into the folder for ever.
      killLeftovers(folder)
      rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 })
    },
  }
}
export type Desk = Awaited<ReturnType<typeof openDesk>>
