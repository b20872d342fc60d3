import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { createInterface } from 'node:readline'
import { systemClock } from '@mc/core/clock.ts'
import type { Config } from '@mc/core/config.ts'
import type { LuciStatus } from '@mc/core/luci/luci.ts'
import { findProgram } from '@mc/core/luci/program-path.ts'
import { isOpenTurn } from '@mc/core/turns/turn.ts'
import { createTurns } from '@mc/core/turns/turns.ts'
import { openDatabase } from '@mc/db/database.ts'
import { migrate } from '@mc/db/migrate.ts'
import type { Test } from 'tap'
import type { Told } from '../../../fixtures/agents/story.ts'
import { until } from '../../../support/until.ts'
import { fixture, killServer, tempFolder, tmux, tmuxSocket } from '../desk.ts'

const [path, cwd] = [process.env.PATH ?? '', process.cwd()]

/** A program of that name, in a folder to be put first on the PATH. */
export const program = (folder: string, name: string, script: string): void => {
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, name), `#!/bin/sh\n${script}\n`)
  chmodSync(join(folder, name), 0o755)
}

/** A scripted agent under the name of a real one; its arguments come after `how`. */
export const scripted = (folder: string, name: string): void =>
  program(folder, name, `exec '${process.execPath}' '${fixture(`${name}.ts`)}' "$@"`)

/** A zombie has ended too; tmux has not heard of it yet. */
const hasEnded = (pid: number): boolean => {
  try {
    return / Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))
  } catch (error) {
    // It may go between the opening and the reading.
    if (['ENOENT', 'ESRCH'].includes((error as NodeJS.ErrnoException).code ?? '')) return true
    throw error
  }
}

const answerWithinMs = 30_000

export type OwnerOptions = Partial<Config['luci']> & { houseProgram?: string[] }

/**
 * An owner of Luci in a process of its own, that can be killed at any point, as can her agent, her
 * tmux server and the control client; a gate before tmux holds the command it is told to hold.
 */
export const openOwner = async (t: Test, { houseProgram, ...luci }: OwnerOptions) => {
  const socket = tmuxSocket(t)
  const dataDir = tempFolder(t)
  const database = join(dataDir, 'desk.db')
  const db = openDatabase(database)
  await migrate(db)
  const turns = createTurns(db, systemClock)
  const [bin, gate, work] = ['bin', 'gate', 'cwd'].map((name) => join(dataDir, name)) as [
    string,
    string,
    string,
  ]
  mkdirSync(gate)
  const realTmux = findProgram('tmux', { path, cwd }) as string
  const gated = `exec '${process.execPath}' '${fixture('tmux-gate.ts')}' '${gate}' '${realTmux}' "$@"`
  program(bin, 'tmux', `case " $* " in *" -C "*) ${gated};; esac\nexec '${realTmux}' "$@"`)
  scripted(bin, 'claude')

  let child: ChildProcess | undefined
  let asked = 0
  const answers = new Map<number, (answer: { value?: unknown; error?: string }) => void>()
  const kill = async () => {
    if (!child || child.exitCode !== null || child.signalCode !== null) return
    child.kill('SIGKILL')
    await once(child, 'exit')
  }
  const start = async () => {
    const config = {
      ...{ tmuxSocket: socket, profile: 'house', command: null, prompt: null },
      ...{ cwd: work, ...luci },
    }
    const limits = {
      ...{ echoWithinMs: 5_000, receiveWithinMs: 10_000 },
      ...{ stillMs: 400, unsureStillMs: 3_000 },
    }
    const given = { database, dataDir, apiUrl: 'http://127.0.0.1:9', config, limits, houseProgram }
    child = spawn(process.execPath, [fixture('owner.ts'), JSON.stringify(given)], {
      env: {
        ...process.env,
        PATH: [bin, path].join(delimiter),
        // Else every start anew compiles all that it imports.
        NODE_COMPILE_CACHE: join(dataDir, 'compiled'),
      },
      stdio: ['pipe', 'pipe', 'inherit'],
    })
    // It is to be killed while we write to it.
    child.stdin?.on('error', () => {})
    const open = Promise.withResolvers<void>()
    createInterface({ input: child.stdout as NodeJS.ReadableStream }).on('line', (line) => {
      if (line === 'open') return open.resolve()
      const { n, ...answer } = JSON.parse(line)
      return answers.get(n)?.(answer)
    })
    child.on('exit', () => open.reject(new Error('The owner ended')))
    await open.promise
  }
  t.teardown(async () => {
    await kill()
    await db.close()
    killServer(socket)
  })
  await start()

  const told = (): Told[] => {
    const file = join(work, 'told.jsonl')
    if (!existsSync(file)) return []
    const lines = readFileSync(file, 'utf8').split('\n').slice(0, -1)
    return lines.map((line) => JSON.parse(line) as Told)
  }
  const call = async (verb: string, ...args: unknown[]): Promise<unknown> => {
    const n = ++asked
    const answered = Promise.withResolvers<{ value?: unknown; error?: string }>()
    answers.set(n, answered.resolve)
    child?.stdin?.write(`${JSON.stringify({ n, verb, args })}\n`)
    const late = AbortSignal.timeout(answerWithinMs)
    late.onabort = () => answered.reject(new Error(`No answer to ${verb}`))
    const { value, error } = await answered.promise
    if (error) throw new Error(error)
    return value
  }
  const panePid = () => Number(tmux(socket, 'display-message', '-p', '-t', '=luci:', '#{pane_pid}'))

  /** As a person who does not wait for the back-off to be over. */
  const nudge = async () => {
    const { state } = (await call('status')) as LuciStatus
    if (state === 'offline') await call('start')
  }
  const clients = () => tmux(socket, 'list-clients', '-F', '#{client_pid}').trim()
  const endClient = async () => {
    const pid = clients()
    process.kill(Number(pid), 'SIGKILL')
    await until('the control client to be gone', () => clients() !== pid)
  }
  const endAgent = async (end: (pid: number) => unknown) => {
    const pid = panePid()
    end(pid)
    await until('her program to be gone', () => hasEnded(pid), 60_000)
  }

  return {
    socket,
    turns,
    told,
    start,
    call,
    kill,
    nudge,
    /** Her control client is there, again perhaps. */
    attached: () =>
      until(
        'a control client',
        async () => {
          await nudge()
          return clients() !== ''
        },
        30_000,
      ),
    screen: () => tmux(socket, 'capture-pane', '-p', '-t', '=luci:'),
    send: async (text: string) => (await turns.queue({ origin: 'user', text })).id,
    ended: (id: string) =>
      until(
        `turn ${id} to end`,
        async () => {
          const turn = await turns.get(id)
          return isOpenTurn(turn.state) ? null : turn
        },
        30_000,
      ),
    /** Lets the agent go on that is held at `word`. */
    goOn: (word: string) => writeFileSync(join(work, `go-${word}`), ''),
    /** Holds the first command that matches. */
    hold: (command: RegExp) => {
      rmSync(join(gate, 'held'), { force: true })
      writeFileSync(join(gate, 'hold'), command.source)
    },
    isHeld: () => existsSync(join(gate, 'held')),
    release: () => rmSync(join(gate, 'hold'), { force: true }),
    killers: {
      api: kill,
      client: endClient,
      agent: () => endAgent((pid) => process.kill(pid, 'SIGKILL')),
      tmux: () => endAgent(() => tmux(socket, 'kill-server')),
    },
  }
}
export type Owner = Awaited<ReturnType<typeof openOwner>>
