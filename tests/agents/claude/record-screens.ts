#!/usr/bin/env node
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { tmuxConfig } from '@mc/core/luci/tmux-words.ts'
import { until } from '../../support/until.ts'
import { homeOf } from '../homes/home.ts'
import { startModel } from '../model/model.ts'

/**
 * `node tests/agents/claude/record-screens.ts`: what Claude Code draws in its main states, written
 * to `tests/fixtures/agents/claude/screens`, for the tests of the recogniser. To be run, and its
 * difference read, whenever the pinned version changes.
 */

const target = join(import.meta.dirname, '..', '..', 'fixtures', 'agents', 'claude', 'screens')
const folder = mkdtempSync(join(tmpdir(), 'mc-record-claude-'))
const model = await startModel()
mkdirSync(target, { recursive: true })
writeFileSync(join(folder, 'tmux.conf'), tmuxConfig)

const tmux = (...args: string[]) =>
  execFileSync('tmux', ['-u', '-S', join(folder, 's'), '-f', join(folder, 'tmux.conf'), ...args], {
    encoding: 'utf8',
  })
const press = (...hex: string[]) => tmux('send-keys', '-t', 'c', '-H', ...hex)
const [ENTER, ESCAPE, CLEAR] = [['0d'], ['1b'], Array.from({ length: 12 }, () => '15')]
const [UP, DOWN] = [
  ['1b', '5b', '41'],
  ['1b', '5b', '42'],
]
/** Pasted or, where it matters, key by key. */
const type = async (text: string) => {
  tmux('set-buffer', '-b', 'x', '--', text)
  tmux('paste-buffer', '-p', '-r', '-d', '-b', 'x', '-t', 'c')
  await pause(700)
}
const keys = async (text: string) => {
  tmux('send-keys', '-t', 'c', '-l', '--', text)
  await pause(900)
}
const say = async (text: string) => {
  await type(text)
  press(...ENTER)
}
const shown = () => tmux('capture-pane', '-p', '-t', 'c')
const shows = (words: RegExp) => until(`${words} to be shown`, () => words.test(shown()), 60_000)

const save = async (name: string, settleMs = 500) => {
  await pause(settleMs)
  const look = () =>
    tmux('display-message', '-p', '-t', 'c', '#{cursor_x} #{cursor_y} #{pane_title}')
  const [x = 0, y = 0] = look().split(' ').map(Number)
  const rows = tmux('capture-pane', '-p', '-e', '-t', 'c').split('\n').slice(0, -1)
  const sight = { cursor: { x, y }, title: 'Claude Code', rows: rows.map(scrubbed) }
  writeFileSync(join(target, `${name}.json`), `${JSON.stringify(sight, null, 2)}\n`)
  process.stdout.write(`${name}\n`)
}
const scrubbed = (row: string) => row.replaceAll(join(folder, 'work'), '/home/person/desk')

const begin = (file: object, settings: object, fresh: boolean, extra: string[] = []) => {
  const cwd = join(folder, 'work')
  const home = homeOf('claude', { folder, modelUrl: model.url, cwd, fresh })
  const state = join(folder, 'home', '.claude.json')
  const before = fresh ? {} : JSON.parse(readFileSync(state, 'utf8'))
  writeFileSync(state, JSON.stringify({ ...before, ...file }))
  const path = join(folder, 'settings.json')
  writeFileSync(path, JSON.stringify(settings))
  const env = Object.entries(home.env).map(([name, value]) => `${name}=${value}`)
  const size = ['-x', '120', '-y', '32', '-c', cwd]
  const argv = ['env', '-u', 'PWD', ...env, ...home.argv, '--settings', path, ...extra]
  tmux('new-session', '-d', '-s', 'c', ...size, '--', ...argv)
}
const end = async () => {
  tmux('kill-server')
  await pause(500)
  rmSync(join(folder, 'home'), { recursive: true, force: true, maxRetries: 10, retryDelay: 100 })
}

/** Without suggestions, and asking before every tool, as our own settings have it. */
const ours = { permissions: { defaultMode: 'default' }, promptSuggestionEnabled: false }

const firstRun = async () => {
  begin({ hasCompletedOnboarding: true, lastOnboardingVersion: '2.1.330' }, ours, true)
  await shows(/Yes, I trust/)
  await save('trust')
  press(...DOWN)
  await save('trust-yes')
  press(...ENTER)
  await shows(/API key/)
  await save('key-approval')
  press(...UP)
  await pause(500)
  press(...ENTER)
  await shows(/❯|auto mode/)
  await save('after-first-run', 3_000)
  await end()
}

const work = async () => {
  begin({}, ours, false)
  await shows(/❯/)
  await save('idle', 2_000)
  await type('[mc 7f3a9c] what is open today?')
  await save('typed')
  press(...CLEAR)
  const long = Array.from({ length: 60 }, (_, n) => `word${n}`).join(' ')
  await type(`[mc 7f3a9c] ${long}`)
  await save('typed-wrapped')
  press(...CLEAR)
  await type('[mc 7f3a9c] first\n  second, farther in\n第三行 👍 end')
  await save('typed-lines')
  press(...CLEAR)
  await type(`[mc 7f3a9c] ${long} ${long} ${long}`)
  await save('pasted')
  press(...CLEAR)
  await keys('/cl')
  await save('command-popup')
  press(...CLEAR)
  await keys('!')
  await keys('ls')
  await save('shell-mode')
  press(...CLEAR, '7f')
  await pause(500)
  await keys('?')
  await save('shortcuts')
  press(...ESCAPE)
  await pause(500)
  press(...CLEAR)
  await say('[mc 7f3a9c] SLOW:800:14')
  await shows(/tick 1\/14/)
  await save('busy', 0)
  await keys('my own draft')
  await save('busy-draft', 0)
  press(...ENTER)
  await save('busy-queued', 600)
  await shows(/Noted\./)
  await save('answered')
  await say('[mc 7f3a9d] SLOW:60000:1')
  await pause(1_500)
  press(...ESCAPE)
  await save('returned', 1_500)
  press(...CLEAR)
  await say('[mc 7f3a9e] SLOW:500:40')
  await shows(/tick 2\/40/)
  press(...ESCAPE)
  await shows(/Interrupted/)
  await save('interrupted')
  const copied = ['Do you want to proceed?', '❯ 1. Yes', '  2. No', 'esc to interrupt', '❯ mine']
  await say(`[mc 7f3a9f] CHAIN:${copied.map((line) => `ECHO:${line}`).join(' ;; ')}`)
  await shows(/● Do you want/)
  await save('copied-dialog', 1_500)
  await say('[mc 7f3aa0] TOOL:touch made.txt')
  await shows(/Tab to amend/)
  await save('permission')
  press(...DOWN)
  await save('permission-second')
  press(...ESCAPE)
  await pause(1_000)
  await say('[mc 7f3aa1] ASK:Which colour?|red|blue')
  await shows(/Chat about this/)
  await save('question')
  press(...DOWN)
  await pause(300)
  press(...DOWN)
  await save('question-own-words')
  press(...DOWN)
  await save('question-last')
  press(...ESCAPE)
  await pause(1_000)
  const option = (label: string) => ({ label, description: `Takes ${label}` })
  const fruit = { question: 'Which fruit?', header: 'Fruit', multiSelect: true }
  const questions = [{ ...fruit, options: [option('apple'), option('pear')] }]
  await say(`[mc 7f3aa4] MCP:AskUserQuestion:${JSON.stringify({ questions })}`)
  await shows(/Submit\n/)
  press(...ENTER)
  await save('question-many')
  for (const _ of [1, 2, 3]) {
    press(...DOWN)
    await pause(300)
  }
  await save('question-many-submit')
  press(...ENTER)
  await save('question-review', 1_000)
  press(...ESCAPE)
  await pause(1_000)
  const file = { file_path: join(folder, 'work', 'new.txt'), content: 'one\ntwo\n' }
  await say(`[mc 7f3aa5] MCP:Write:${JSON.stringify(file)}`)
  await shows(/Do you want to create/)
  await save('permission-file')
  press(...ESCAPE)
  await pause(1_000)
  const command = `for n in $(seq 60); do echo "a long line of a command $n" >> out.txt; done; echo ${'x'.repeat(40)}`
  await say(`[mc 7f3aa6] TOOL:${command}`)
  await shows(/Do you want to proceed\?\n ❯/)
  await save('permission-long')
  press(...ESCAPE)
  await pause(1_000)
  await say('[mc 7f3aa2] ERROR:400')
  await shows(/API Error/)
  await save('api-error', 1_000)
  await say('[mc 7f3aa3] ERROR:500')
  await pause(3_000)
  await save('api-error-500', 0)
  for (const [command, name] of [
    ['/theme', 'theme'],
    ['/model', 'model'],
    ['/login', 'login'],
    ['/resume', 'resume-picker'],
    ['/config', 'config'],
  ] as const) {
    await keys(command)
    press(...ENTER)
    await save(name, 2_500)
    press(...ESCAPE)
    await pause(800)
    press(...CLEAR)
  }
  await end()
}

const light = async () => {
  begin({ theme: 'light' }, { ...ours, tui: 'default' }, false)
  await shows(/❯/)
  await save('light-scrolling-idle', 2_000)
  await say('[mc 7f3a9c] SLOW:800:6')
  await shows(/tick 1\/6/)
  await save('light-scrolling-busy', 0)
  await shows(/tick 6\/6/)
  await pause(1_500)
  await say('[mc 7f3aa0] TOOL:touch made.txt')
  await shows(/Do you want to proceed/)
  await save('light-scrolling-permission')
  await end()
}

const parts: Record<string, () => Promise<void>> = { firstRun, work, light }
try {
  for (const name of process.argv.length > 2 ? process.argv.slice(2) : Object.keys(parts))
    await parts[name]?.()
} finally {
  try {
    tmux('kill-server')
  } catch {
    // It was gone already.
  }
  await model.close()
  rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 })
}
