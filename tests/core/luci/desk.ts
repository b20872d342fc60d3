import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openBell } from '@mc/core/bell.ts'
import { systemClock } from '@mc/core/clock.ts'
import type { Config } from '@mc/core/config.ts'
import { silentLog } from '@mc/core/log.ts'
import { createLuci, type Luci, type LuciDeps, type LuciEvent } from '@mc/core/luci/luci.ts'
import { isOpenTurn, type Turn } from '@mc/core/turns/turn.ts'
import { openDatabase } from '@mc/db/database.ts'
import { migrate } from '@mc/db/migrate.ts'
import type { Test } from 'tap'
import { until } from '../../support/until.ts'

export const fixture = (name: string): string =>
  join(import.meta.dirname, '..', '..', 'fixtures', 'agents', name)

/** A bash that is the same on every machine. */
export const bash = ['bash', '--norc', '--noprofile']

export type DeskOptions = Partial<Config['luci']> &
  Partial<Pick<LuciDeps, 'env' | 'houseProgram' | 'limits'>> & {
    /** Answers of the api that the house responder asks. */
    api?: (method: string, path: string, body: unknown, turn: string | undefined) => unknown
  }

/** A name of its own for every server; whatever runs on it is gone after the test. */
export const tmuxSocket = (t: Test): string => {
  const socket = `mc-test-${randomBytes(5).toString('hex')}`
  t.teardown(() => killServer(socket))
  return socket
}

export const tmux = (socket: string, ...args: string[]): string =>
  execFileSync('tmux', ['-L', socket, ...args], { encoding: 'utf8', stdio: 'pipe' })

export const killServer = (socket: string): void => {
  try {
    tmux(socket, 'kill-server')
  } catch {
    // It was gone already.
  }
  rmSync(join(process.env.TMUX_TMPDIR ?? '/tmp', `tmux-${process.getuid?.()}`, socket), {
    force: true,
  })
}

export const tempFolder = (t: Test): string => {
  const folder = mkdtempSync(join(tmpdir(), 'mc-luci-'))
  t.teardown(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }))
  return folder
}

/** A loopback server in the api's place. */
export const fakeApi = async (
  t: Test,
  answer: NonNullable<DeskOptions['api']>,
): Promise<string> => {
  const server = createServer(async (request, response) => {
    let body = ''
    for await (const chunk of request) body += chunk
    const turn = request.headers['mc-turn']
    const value = await answer(
      request.method ?? '',
      request.url ?? '',
      body === '' ? null : JSON.parse(body),
      typeof turn === 'string' ? turn : undefined,
    )
    const missing = value === undefined
    response.writeHead(missing ? 404 : 200, { 'content-type': 'application/json' })
    response.end(JSON.stringify(missing ? { code: 'not_found', detail: 'No such thing' } : value))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => {
    server.closeAllConnections()
    server.close()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

/** A Luci with a database, a data folder and a tmux server of its own, all gone after the test. */
export const openDesk = async (t: Test, options: DeskOptions = {}) => {
  const { api, env = process.env, houseProgram, limits, ...config } = options
  const socket = config.tmuxSocket ?? tmuxSocket(t)
  const dataDir = tempFolder(t)
  mkdirSync(join(dataDir, 'credentials'))
  writeFileSync(join(dataDir, 'credentials', 'agent'), 'agent-token\n')
  const db = openDatabase(join(dataDir, 'desk.db'))
  await migrate(db)
  const bell = await openBell(db, systemClock)
  const apiUrl = await fakeApi(t, api ?? (() => undefined))
  const lucis: Luci[] = []
  const events: LuciEvent[] = []

  const open = async (): Promise<Luci> => {
    const luci = createLuci({
      db,
      bell,
      clock: systemClock,
      log: silentLog,
      dataDir,
      apiUrl,
      env,
      config: {
        tmuxSocket: socket,
        profile: 'house',
        command: null,
        prompt: null,
        cwd: join(dataDir, 'cwd'),
        ...config,
      },
      ...(houseProgram ? { houseProgram } : {}),
      ...(limits ? { limits } : {}),
    })
    luci.on((event) => events.push(event))
    await luci.open()
    lucis.push(luci)
    return luci
  }
  t.teardown(async () => {
    for (const luci of lucis) await luci.close()
    killServer(socket)
    await bell.close()
    await db.close()
  })

  const luci = await open()
  const ended = (id: string, of: Luci = lucis.at(-1) as Luci): Promise<Turn> =>
    until(`turn ${id} to end`, async () => {
      const { turn } = await of.harvest(id)
      return isOpenTurn(turn.state) ? null : turn
    })
  return {
    luci,
    db,
    bell,
    socket,
    dataDir,
    events,
    apiUrl,
    /** Another owner of the same data folder, as after a restart. */
    open,
    ended,
    idle: (of: Luci = lucis.at(-1) as Luci) =>
      until('Luci to be idle', () => of.status().state === 'idle'),
    ask: async (text: string): Promise<Turn> => {
      const of = lucis.at(-1) as Luci
      return ended((await of.send({ origin: 'user', text })).id, of)
    },
    stateOf: async (id: string) => (await lucis.at(-1)?.harvest(id))?.turn.state,
    items: async () => await db.kysely.selectFrom('orchestrator_inbox').selectAll().execute(),
  }
}
