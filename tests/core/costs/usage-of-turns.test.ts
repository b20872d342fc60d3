import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { addUsage, noUsage, type Usage } from '@mc/core/costs/usage.ts'
import { createClaudeReader } from '@mc/core/luci/profiles/claude/reader.ts'
import { createCodexReader } from '@mc/core/luci/profiles/codex/reader.ts'
import { createTranslator } from '@mc/core/luci/profiles/opencode/events.ts'
import { createReader } from '@mc/core/luci/profiles/opencode/reader.ts'
import type { Reader, RecordEvent } from '@mc/core/luci/profiles/profile.ts'
import t from 'tap'
import { replay } from '../luci/profiles/gemini/replay.ts'

/* Lines as the programs themselves wrote them, and what becomes of them when they are not whole. */

const fixtures = join(import.meta.dirname, '../../fixtures/agents')
const linesOf = (name: string): string[] =>
  readFileSync(join(fixtures, name), 'utf8').split('\n').filter(Boolean)
const bytes = (...lines: (string | object)[]) =>
  Buffer.from(
    lines.map((line) => `${typeof line === 'string' ? line : JSON.stringify(line)}\n`).join(''),
  )

/** What a turn used after all that was told of it. */
const usedBy = (events: readonly RecordEvent[], turn: string): Usage | null => {
  const last = events.findLast((event) => event.type === 'usage' && event.turn === turn)
  return last?.type === 'usage' ? last.calls.reduce(addUsage, noUsage) : null
}
const endOf = (events: readonly RecordEvent[]) =>
  events.find(({ type }) => ['answered', 'interrupted', 'failed', 'unproved'].includes(type))?.type

const claudeStory = () => {
  const [start = ''] = linesOf('claude/turns/hooks.jsonl')
  const turns: Record<string, string> = JSON.parse(
    readFileSync(join(fixtures, 'claude/turns/turns.json'), 'utf8'),
  )
  const { transcript_path: path } = JSON.parse(start) as { transcript_path: string }
  return { start, turns, path, records: linesOf('claude/turns/transcript.jsonl') }
}
const claudeReader = (turn: string): Reader => {
  const reader = createClaudeReader()
  reader.feed(bytes(claudeStory().start))
  reader.begin(turn, '')
  reader.entered()
  return reader
}

t.test('Claude Code: a call of the model counts once, however many blocks it wrote', async (t) => {
  const { turns, path, records } = claudeStory()
  for (const id of Object.values(turns)) {
    const from = records.findIndex((line) => line.includes(`[mc ${id}]`))
    if (from === -1) continue
    const { promptId } = JSON.parse(records[from] as string) as { promptId: string }
    const next = records.findIndex((line, at) => {
      const other = (JSON.parse(line) as { promptId?: string }).promptId
      return at > from && other !== undefined && other !== promptId
    })
    const story = records.slice(from, next === -1 ? undefined : next)
    const calls = new Map<string, { input_tokens: number; output_tokens: number }>()
    for (const line of story) {
      const { type, message } = JSON.parse(line)
      if (type === 'assistant' && message.model !== '<synthetic>')
        calls.set(message.id, message.usage)
    }
    const sum = (field: 'input_tokens' | 'output_tokens') =>
      [...calls.values()].reduce((all, one) => all + one[field], 0)
    const used = usedBy(claudeReader(id).feed(bytes(...story), path), id)
    t.equal(used?.tokensIn ?? 0, sum('input_tokens'), id)
    t.equal(used?.tokensOut ?? 0, sum('output_tokens'), id)
  }
})

t.test('Claude Code: the last record wins, helpers count, a broken one is nothing', async (t) => {
  const { path } = claudeStory()
  const assistant = (id: string, usage: unknown, more: object = {}) => ({
    ...{ type: 'assistant', isSidechain: false, ...more },
    message: { id, model: 'opus', content: [{ type: 'text', text: 'so' }], usage },
  })
  const usage = (input_tokens: number, output_tokens: number, cached = 0) => ({
    ...{ input_tokens, output_tokens },
    ...{ cache_creation_input_tokens: 5, cache_read_input_tokens: cached },
  })
  const story = [
    { type: 'user', promptId: 'p', message: { content: '[mc abc123] do it' } },
    assistant('m1', usage(10, 1, 100)),
    assistant('m1', usage(10, 40, 100)),
    assistant('m2', usage(20, 3), { isSidechain: true }),
    assistant('m3', { input_tokens: 'many' }),
    assistant('m4', undefined),
    { type: 'system', subtype: 'turn_duration' },
  ]
  const events = claudeReader('abc123').feed(bytes(...story, '{"type":"assistant","mess'), path)
  t.same(usedBy(events, 'abc123'), {
    ...{ model: 'opus', tokensIn: 115 + 25, tokensOut: 43, tokensCached: 100, costUsd: null },
  })
  t.equal(endOf(events), 'answered', 'the turn is none the worse for it')
  const again = claudeReader('abc123')
  const twice = [...again.feed(bytes(...story), path), ...again.feed(bytes(...story), path)]
  t.same(usedBy(twice, 'abc123'), usedBy(events, 'abc123'), 'read twice, it is the same')
})

t.test('Codex: the sum of her turn, also where only the conversation’s is told', async (t) => {
  const hooks = bytes(...linesOf('codex/hooks.jsonl'))
  const rollout = linesOf('codex/rollout.jsonl')
  const read = (turn: string, lines: readonly string[]) => {
    const reader = createCodexReader()
    reader.begin(turn, '')
    reader.feed(hooks)
    return reader.feed(bytes(...lines), reader.follows()[0]?.path)
  }
  const without = rollout.filter((line) => !line.includes('"token_usage_record"'))
  for (const lines of [rollout, without]) {
    t.match(usedBy(read('abc123', lines), 'abc123'), { tokensIn: 7, tokensOut: 43 })
    t.match(usedBy(read('s1', lines), 's1'), { tokensIn: 5, tokensOut: 59, tokensCached: 0 })
    const refused = read('p1', lines)
    t.match(usedBy(refused, 'p1'), { tokensIn: 9, tokensOut: 109 })
    t.notOk((usedBy(read('e1', lines), 'e1')?.tokensIn ?? 0) > 0, 'its API refused')
  }
  const model = JSON.stringify({
    ...{ timestamp: 'now', ordinal: 1, type: 'turn_context' },
    payload: { turn_id: '01a20311-3e22-7d83-81b5-06dbcab66e6e', model: 'gpt-5' },
  })
  t.equal(usedBy(read('abc123', [model, ...rollout]), 'abc123')?.model, 'gpt-5')
  const broken = rollout.map((line) => line.replaceAll('"output_tokens"', '"out"'))
  t.equal(usedBy(read('abc123', broken), 'abc123'), null)
  t.ok(read('abc123', broken).some(({ type }) => type === 'answered'))
})

t.test('Gemini CLI: each record of the model once, with its thoughts', async (t) => {
  t.same(usedBy(replay('aaaaaa', 'as it came'), 'aaaaaa'), {
    ...{ model: 'gemini-scripted', tokensIn: 6791, tokensOut: 68, tokensCached: 0, costUsd: null },
  })
  const calls = replay('aaaaad', 'in small pieces').findLast(({ type }) => type === 'usage')
  t.ok(calls?.type === 'usage' && calls.calls.length > 1, 'one for each call of the model')
})

t.test('OpenCode: tokens and money of each message, and those of her subagents', async (t) => {
  const translate = createTranslator('/home/person')
  const told = linesOf('opencode/events.jsonl').flatMap((line) => translate(JSON.parse(line)))
  t.match(
    told.find((line) => line.type === 'done'),
    { used: { model: 'scripted', input: 2405, output: 1, cacheRead: 0, cacheWrite: 0, cost: 0 } },
  )
  const used = (input: number, cost: number) => ({
    ...{ model: 'm', input, output: 2, cacheRead: 100, cacheWrite: 10, cost },
  })
  const done = (session: string, message: string, more: object) => ({
    ...{ type: 'done', session, message, finish: 'stop', error: null, ...more },
  })
  const record = [
    { type: 'started', version: 1, whole: true },
    { type: 'user', session: 's', message: 'u', text: '[mc abc123] hi', own: false },
    { type: 'status', session: 's', status: 'busy' },
    { type: 'child', session: 'helper' },
    { type: 'assistant', session: 's', message: 'a', parent: 'u', summary: false },
    done('helper', 'h', { used: used(7, 0.02) }),
    done('other', 'o', { used: used(1_000, 9) }),
    done('s', 'a', { used: used(5, 0.01) }),
    { type: 'status', session: 's', status: 'idle' },
  ]
  const reader = createReader()
  reader.begin('abc123', '')
  const events = reader.feed(bytes(...record))
  t.same(usedBy(events, 'abc123'), {
    ...{ model: 'm', tokensIn: 115 + 117, tokensOut: 4, tokensCached: 200, costUsd: 0.03 },
  })
  t.equal(endOf(events), 'answered')
  const unpriced = createReader()
  unpriced.begin('abc123', '')
  const free = record.map((line) => JSON.parse(JSON.stringify(line).replaceAll('0.01', '0')))
  t.equal(usedBy(unpriced.feed(bytes(...free)), 'abc123')?.costUsd, null, '0 is no price')
  const older = createReader()
  older.begin('abc123', '')
  const before = record.map((line) => ({ ...line, used: undefined }))
  const bare = older.feed(bytes(...before))
  t.equal(usedBy(bare, 'abc123'), null)
  t.equal(endOf(bare), 'answered', 'a record of before is read as it was')
})
