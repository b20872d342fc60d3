#!/usr/bin/env node
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { openDesk } from '../battery/desk.ts'

/**
 * `node tests/agents/claude/record-turns.ts`: the hook lines and the transcript of a few turns,
 * written to `tests/fixtures/agents/claude/turns`, for the tests of the reader. Long texts that
 * the reader never looks at are cut. To be run whenever the pinned version changes.
 */

const target = join(import.meta.dirname, '..', '..', 'fixtures', 'agents', 'claude', 'turns')
mkdirSync(target, { recursive: true })
const desk = await openDesk('claude')

const turnOf: Record<string, string> = {}
const ask = async (name: string, text: string) => {
  const id = await desk.send(text)
  turnOf[name] = id
  return id
}
const choose = async (id: string, choice: string) => {
  const { prompt } = await desk.reached(id, ['blocked'])
  if (prompt) await desk.now().luci.answer({ turnId: id, promptId: prompt.id, choice })
}
const until = async (words: RegExp) => {
  while (!words.test(desk.screen())) await pause(50)
}

try {
  await desk.idle()
  await desk.ended(await ask('echo', 'ECHO:hello  there'))
  await desk.ended(await ask('markdown', 'MARKDOWN'))
  const allowed = await ask('allowed', 'CHAIN:ECHO:before ;; TOOL:touch made ;; ECHO:after')
  await choose(allowed, '1')
  await desk.ended(allowed)
  const refused = await ask('refused', 'TOOL:touch refused')
  await choose(refused, '4')
  await desk.ended(refused)
  const question = await ask('question', 'ASK:Which colour?|red|blue')
  await choose(question, '2')
  await desk.ended(question)
  const stopped = await ask('stopped', 'SLOW:300:40')
  await until(/tick 2\/40/)
  await desk.now().luci.interrupt(stopped)
  await desk.ended(stopped)
  const returned = await ask('returned', 'SLOW:60000:1')
  await desk.reached(returned, ['received'])
  await pause(1_000)
  await desk.now().luci.interrupt(returned)
  await desk.ended(returned)
  await desk.ended(await ask('failed', 'ERROR:400'))
  desk.tmux('send-keys', '-t', '=luci:', '-l', '--', 'by hand')
  await pause(1_000)
  desk.tmux('send-keys', '-t', '=luci:', '-H', '0d')
  await pause(3_000)
  await desk.idle()
  write()
} finally {
  await desk.close()
}
process.exit(0)

function write() {
  const record = readdirSync(join(desk.folder, 'data', 'luci')).find((name) =>
    name.startsWith('record-'),
  )
  const hooks = readFileSync(join(desk.folder, 'data', 'luci', record as string), 'utf8')
  const path = (JSON.parse(hooks.split('\n')[0] as string) as { transcript_path: string })
    .transcript_path
  writeFileSync(join(target, 'hooks.jsonl'), scrubbed(hooks))
  writeFileSync(join(target, 'transcript.jsonl'), scrubbed(shortened(readFileSync(path, 'utf8'))))
  writeFileSync(join(target, 'turns.json'), `${JSON.stringify(turnOf, null, 2)}\n`)
}

function scrubbed(text: string): string {
  const named = text
    .replaceAll(desk.folder, '/home/person')
    .replaceAll(/127\.0\.0\.1:\d+/g, 'model')
  return named.replaceAll(desk.folder.replaceAll('/', '-'), '-home-person')
}

/** Records beside the turns keep their kind, and no more. */
function shortened(text: string): string {
  const lines = text.split('\n').filter(Boolean)
  const kept = lines.map((line) => {
    const { type, subtype, isSidechain, message, ...rest } = JSON.parse(line)
    const whole = ['user', 'assistant', 'system'].includes(type)
    return JSON.stringify(whole ? { type, subtype, isSidechain, message, ...rest } : { type })
  })
  return `${kept.join('\n')}\n`
}
