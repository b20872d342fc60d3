#!/usr/bin/env node
import { globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { until } from '../../support/until.ts'
import { openDesk } from '../battery/desk.ts'

/**
 * `node tests/agents/claude/record-subagents.ts`: what Claude Code tells of subagents that work in
 * the background, and of words that come while it works, written to
 * `tests/fixtures/agents/claude/subagents`. Only the records that a reader looks at, and of long
 * texts the beginning. To be run whenever the pinned version changes.
 */

const TEXT_MAX = 120
const target = join(import.meta.dirname, '..', '..', 'fixtures', 'agents', 'claude', 'subagents')
rmSync(target, { recursive: true, force: true })
mkdirSync(target, { recursive: true })
const desk = await openDesk('claude', { env: { CLAUDE_CODE_DISABLE_BACKGROUND_TASKS: '0' } })

const subagent = (prompt: string) =>
  `MCP:Agent:${JSON.stringify({ description: 'scripted', prompt, subagent_type: 'general-purpose' })}`

const turns: Record<string, string> = {}
const ask = async (name: string, text: string) => {
  const id = await desk.send(text)
  turns[name] = id
  await desk.ended(id)
  await desk.idle()
}

/** A hand's pace: at once, Enter is lost. */
const type = async (text: string, shown: string) => {
  desk.tmux('send-keys', '-t', '=luci:', '-l', '--', text)
  await until('it to stand there', () => desk.screen().includes(shown))
  await pause(1_500)
  desk.tmux('send-keys', '-t', '=luci:', '-H', '0d')
}

try {
  await desk.idle()
  await ask('quick', subagent('ECHO:quick'))
  await ask(
    'meanwhile',
    `CHAIN:${subagent('ECHO:soon')} ;; SLOW:300:8 ;; MCP:status:{} ;; ECHO:end`,
  )
  await ask('nested', subagent(subagent('ECHO:inner')))
  // By hand: a turn of ours that came just as it had begun with something else.
  await type(`CHAIN:SLOW:600:12 ;; ${subagent('ECHO:hand')} ;; ECHO:end`, 'ECHO:hand')
  await until('it to work', () => /tick 1\/12/.test(desk.screen()), 60_000)
  turns.joined = 'abcdef'
  await type('[mc abcdef] ECHO:joined', '[mc abcdef]')
  await pause(12_000)
  await desk.idle()
  // The same, and no call of a tool in which it could be taken in.
  await type('SLOW:600:9 by hand', 'by hand')
  await until('it to work', () => /tick 1\/9/.test(desk.screen()), 60_000)
  turns.queued = 'fedcba'
  await type('[mc fedcba] ECHO:queued', '[mc fedcba]')
  await pause(12_000)
  await desk.idle()
  write()
} finally {
  await desk.close()
}
process.exit(0)

function write() {
  const [hooks] = globSync(join(desk.folder, 'data', 'luci', 'record-*.jsonl'))
  const files = globSync(join(desk.folder, 'home', '.claude', 'projects', '**', '*.jsonl'))
  for (const path of [hooks as string, ...files]) {
    const name = path === hooks ? 'hooks.jsonl' : basename(path)
    const lines = readFileSync(path, 'utf8').split('\n').filter(Boolean).flatMap(looked)
    writeFileSync(join(target, name), scrubbed(`${lines.join('\n')}\n`))
  }
  writeFileSync(join(target, 'turns.json'), `${JSON.stringify(turns, null, 2)}\n`)
}

/** The line, if a reader looks at it. */
function looked(line: string): string[] {
  const record = JSON.parse(line, (_key, value) =>
    typeof value === 'string' && value.length > TEXT_MAX && !value.startsWith('/')
      ? `${value.slice(0, TEXT_MAX)}…`
      : value,
  )
  const { type, subtype, attachment } = record
  const isLooked =
    'hook_event_name' in record ||
    ['user', 'assistant'].includes(type) ||
    subtype === 'turn_duration' ||
    attachment?.type === 'queued_command'
  delete record.rendered
  return isLooked ? [JSON.stringify(record)] : []
}

function scrubbed(text: string): string {
  const named = text
    .replaceAll(desk.folder, '/home/person')
    .replaceAll(/127\.0\.0\.1:\d+/g, 'model')
  return named.replaceAll(desk.folder.replaceAll('/', '-'), '-home-person')
}
