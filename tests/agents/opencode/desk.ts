import { readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { isOpenTurn, type Turn, type TurnState } from '@mc/core/turns/turn.ts'
import Database from 'better-sqlite3'
import type { Test } from 'tap'
import { type DeskOptions, openDesk, tempFolder, tmux } from '../../core/luci/desk.ts'
import { until } from '../../support/until.ts'
import { homeOf } from '../homes/home.ts'
import { install } from '../install.ts'
import { startModel } from '../model/model.ts'

/** It is slow on a busy machine, and tries a request that fails again for more than a minute. */
const PATIENCE_MS = 120_000

/** OpenCode as a person has it, at a desk of its own, against the scripted model. */
export const openOpenCode = async (
  t: Test,
  { unconfigured = false, ...options }: DeskOptions & { unconfigured?: boolean } = {},
) => {
  const installed = await install('opencode')
  if (installed.status === 'missing') throw new Error(installed.why)
  const folder = tempFolder(t)
  const model = await startModel()
  t.teardown(() => model.close())
  const cwd = join(folder, 'work')
  const { env } = homeOf('opencode', { folder, modelUrl: model.url, cwd })
  if (unconfigured) rmSync(join(env.HOME as string, '.config/opencode/opencode.json'))
  const desk = await openDesk(t, { profile: 'opencode', cwd, env, ...options })
  const luciFolder = join(desk.dataDir, 'luci')
  const patiently = <Value>(what: string, look: () => Value | Promise<Value>) =>
    until(what, look, PATIENCE_MS)
  let luci = desk.luci
  const turnOf = async (id: string): Promise<Turn> => (await luci.harvest(id)).turn
  const send = async (text: string) => (await luci.send({ origin: 'user', text })).id
  const ended = (id: string): Promise<Turn> =>
    patiently(`turn ${id} to end`, async () => {
      const turn = await turnOf(id)
      return isOpenTurn(turn.state) ? null : turn
    })
  return {
    ...desk,
    now: () => luci,
    /** Another owner of the same data folder, as after a restart of the api. */
    open: async () => {
      luci = await desk.open()
      return luci
    },
    turnOf,
    send,
    ended,
    ask: async (text: string) => ended(await send(text)),
    reached: (id: string, state: TurnState) =>
      patiently(`turn ${id} to be ${state}`, async () => {
        const turn = await turnOf(id)
        if (!isOpenTurn(turn.state) && turn.state !== state)
          throw new Error(`It is ${turn.state}: ${turn.problem ?? turn.reply}`)
        return turn.state === state ? turn : null
      }),
    until: patiently,
    model,
    folder,
    cwd,
    home: env.HOME as string,
    ready: () => patiently('OpenCode to be idle', () => luci.status().state === 'idle'),
    screen: () => tmux(desk.socket, 'capture-pane', '-p', '-t', 'luci'),
    /** Keys of a person who sits at the pane. */
    press: (...keys: string[]) => tmux(desk.socket, 'send-keys', '-t', 'luci', ...keys),
    copyMode: () => tmux(desk.socket, 'copy-mode', '-t', 'luci'),
    record: () => {
      const name = readdirSync(luciFolder).find((file) => file.startsWith('record-'))
      return name ? readFileSync(join(luciFolder, name), 'utf8') : ''
    },
    /** What OpenCode itself keeps: the texts of her messages, oldest first. */
    kept: (): string[] => {
      const db = new Database(join(env.HOME as string, '.local/share/opencode/opencode.db'), {
        readonly: true,
      })
      const rows = db
        .prepare(
          `select json_extract(part.data, '$.text') as text from part
           join message on message.id = part.message_id
           where json_extract(message.data, '$.role') = 'assistant'
             and json_extract(part.data, '$.type') = 'text' order by part.id`,
        )
        .all() as { text: string }[]
      db.close()
      return rows.map(({ text }) => text)
    },
  }
}
