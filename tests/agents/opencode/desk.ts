import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import type { Test } from 'tap'
import { type DeskOptions, openDesk, tempFolder, tmux } from '../../core/luci/desk.ts'
import { until } from '../../support/until.ts'
import { homeOf } from '../homes/home.ts'
import { install } from '../install.ts'
import { startModel } from '../model/model.ts'

/** It starts slowly, the more so on a busy machine. */
const READY_WITHIN_MS = 60_000

/** OpenCode as a person has it, at a desk of its own, against the scripted model. */
export const openOpenCode = async (
  t: Test,
  { fresh = false, ...options }: DeskOptions & { fresh?: boolean } = {},
) => {
  const installed = await install('opencode')
  if (installed.status === 'missing') throw new Error(installed.why)
  const folder = tempFolder(t)
  const model = await startModel()
  t.teardown(() => model.close())
  const cwd = join(folder, 'work')
  const { env } = homeOf('opencode', { folder, modelUrl: model.url, cwd, fresh })
  const desk = await openDesk(t, { profile: 'opencode', cwd, env, ...options })
  const luciFolder = join(desk.dataDir, 'luci')
  return {
    ...desk,
    model,
    folder,
    cwd,
    home: env.HOME as string,
    ready: () =>
      until('OpenCode to be idle', () => desk.luci.status().state === 'idle', READY_WITHIN_MS),
    screen: () => tmux(desk.socket, 'capture-pane', '-p', '-t', 'luci'),
    /** Keys of a person who sits at the pane. */
    press: (...keys: string[]) => tmux(desk.socket, 'send-keys', '-t', 'luci', ...keys),
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
    until: <Value>(what: string, look: () => Value | Promise<Value>) =>
      until(what, look, READY_WITHIN_MS),
  }
}
