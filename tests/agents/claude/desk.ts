import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Test } from 'tap'
import { type DeskOptions, openDesk, tempFolder, tmux } from '../../core/luci/desk.ts'
import { until } from '../../support/until.ts'
import { homeOf } from '../homes/home.ts'
import { install } from '../install.ts'
import { startModel } from '../model/model.ts'
import { binOf } from '../programs.ts'

/** Claude Code as a person has it, at a desk of its own, against the scripted model. */
export const openClaude = async (
  t: Test,
  { fresh = false, ...options }: DeskOptions & { fresh?: boolean } = {},
) => {
  if (!existsSync(binOf('claude'))) await install('claude')
  const folder = tempFolder(t)
  const model = await startModel()
  t.teardown(() => model.close())
  const cwd = join(folder, 'work')
  const { env } = homeOf('claude', { folder, modelUrl: model.url, cwd, fresh })
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
