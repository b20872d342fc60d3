import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Test } from 'tap'
import { type DeskOptions, openDesk, tempFolder, tmux } from '../../core/luci/desk.ts'
import { until } from '../../support/until.ts'
import { homeOf } from '../homes/home.ts'
import { install } from '../install.ts'
import { startModel } from '../model/model.ts'
import { binOf } from '../programs.ts'

/** Claude Code as a person has it (`own`: with settings of theirs), at a desk of its own, against the scripted model. */
export const openClaude = async (
  t: Test,
  { own = {}, ...options }: DeskOptions & { own?: object } = {},
) => {
  if (!existsSync(binOf('claude'))) await install('claude')
  const folder = tempFolder(t)
  const model = await startModel()
  t.teardown(() => model.close())
  const cwd = join(folder, 'work')
  const { env } = homeOf('claude', { folder, modelUrl: model.url, cwd })
  const settings = join(env.HOME as string, '.claude', 'settings.json')
  const before = JSON.parse(readFileSync(settings, 'utf8'))
  writeFileSync(settings, JSON.stringify({ ...before, ...own }))
  const desk = await openDesk(t, { profile: 'claude', cwd, env, ...options })
  const state = () => desk.luci.status().state
  return {
    ...desk,
    model,
    folder,
    cwd,
    home: env.HOME as string,
    ready: () => until('Claude Code to be idle', () => state() === 'idle', 60_000),
    screen: () => tmux(desk.socket, 'capture-pane', '-p', '-t', 'luci'),
    press: (...keys: string[]) => tmux(desk.socket, 'send-keys', '-t', 'luci', ...keys),
  }
}
