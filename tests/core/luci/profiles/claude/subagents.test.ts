import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { addUsage, noUsage } from '@mc/core/costs/usage.ts'
import { createClaudeReader } from '@mc/core/luci/profiles/claude/reader.ts'
import type { Reader, RecordEvent } from '@mc/core/luci/profiles/profile.ts'
import t from 'tap'

/* Recorded by tests/agents/claude/record-subagents.ts. */

const folder = join(import.meta.dirname, '../../../../fixtures/agents/claude/subagents')
const linesOf = (name: string) =>
  readFileSync(join(folder, name), 'utf8').split('\n').filter(Boolean)
const turns: Record<string, string> = JSON.parse(readFileSync(join(folder, 'turns.json'), 'utf8'))

const hooks = linesOf('hooks.jsonl')
const [start = ''] = hooks
const { transcript_path: transcript } = JSON.parse(start) as { transcript_path: string }
const records = linesOf(transcript.split('/').at(-1) as string)

const bytes = (lines: readonly string[]) => Buffer.from(lines.map((line) => `${line}\n`).join(''))

/** From a line to the one before which what comes last begins: the work on it, and what that set off. */
const between = (lines: readonly string[], from: string, to: string) => {
  const first = lines.findIndex((line) => line.includes(from))
  const next = lines.findIndex((line, at) => at > first && line.includes(to))
  return lines.slice(first, next === -1 ? undefined : next)
}
const mark = (name: string) => `[mc ${turns[name]}]`
const stories: Record<string, { from: string; to: string; reply: RegExp }> = {
  quick: { from: mark('quick'), to: mark('meanwhile'), reply: /^MCPDONE Async agent/ },
  meanwhile: {
    from: mark('meanwhile'),
    to: mark('nested'),
    reply: /^MCPDONE Async agent[\s\S]*\n\nMCPDONE \{/,
  },
  nested: { from: mark('nested'), to: 'SLOW:600:12', reply: /^MCPDONE Async agent/ },
  joined: { from: 'SLOW:600:12', to: 'SLOW:600:9', reply: /^joined$/ },
  queued: { from: 'SLOW:600:9', to: 'the end', reply: /^queued$/ },
}
const storyOf = (name: string) => {
  const { from, to } = stories[name] as (typeof stories)[string]
  return { hooks: between(hooks, from, to), records: between(records, from, to) }
}

const begun = (name: string): Reader => {
  const reader = createClaudeReader()
  reader.feed(bytes([start]))
  reader.begin(turns[name] as string, '')
  reader.entered()
  return reader
}

const ends = ['answered', 'interrupted', 'failed', 'unproved']

/** A turn that was received is given up as lost once the reader is ready and has told no end. */
const isLost = (reader: Reader, events: readonly RecordEvent[]) =>
  reader.now().ready &&
  events.some(({ type }) => type === 'received') &&
  !events.some(({ type }) => ends.includes(type))

t.test('a turn ends once and is never lost, however hooks and transcript interleave', async (t) => {
  for (const [name, { reply }] of Object.entries(stories)) {
    const { hooks, records } = storyOf(name)
    const wrong: object[] = []
    // The hooks come in their order and the records in theirs; how far one is ahead, chance decides.
    for (let ahead = 0; ahead <= hooks.length; ahead += 1)
      for (let at = 0; at <= records.length; at += 1) {
        const reader = begun(name)
        const events: RecordEvent[] = []
        let lost = false
        const feed = (lines: readonly string[], file: string | null) => {
          for (const line of lines) {
            events.push(...reader.feed(bytes([line]), file))
            lost ||= isLost(reader, events)
          }
        }
        feed(hooks.slice(0, ahead), null)
        feed(records.slice(0, at), transcript)
        feed(hooks.slice(ahead), null)
        feed(records.slice(at), transcript)
        const ended = events.filter(({ type }) => ends.includes(type))
        const [end] = ended
        const isRight =
          !lost &&
          reader.now().ready &&
          ended.length === 1 &&
          end?.type === 'answered' &&
          reply.test(end.reply ?? '')
        if (!isRight) wrong.push({ ahead, at, lost, ended })
      }
    t.same(wrong, [], name)
  }
})

t.test(
  'while a subagent’s report is worked on she is not ready, and nothing is told',
  async (t) => {
    const { hooks, records } = storyOf('quick')
    const reader = begun('quick')
    const end = records.findIndex((line) => line.includes('turn_duration'))
    reader.feed(bytes(hooks.slice(0, 3)))
    t.match(reader.feed(bytes(records.slice(0, end + 1)), transcript).at(-1), { type: 'answered' })
    reader.ended()
    t.equal(reader.now().ready, false)
    t.same(reader.feed(bytes(records.slice(end + 1)), transcript), [])
    t.equal(reader.now().ready, true)
  },
)

t.test('a report that quotes a message of ours is not that message', async (t) => {
  const [report = ''] = storyOf('quick').hooks.filter((line) => line.includes('task-notification'))
  const reader = begun('nested')
  const quoting = report.replace('<task-id>', `<task-id>${mark('nested')}`)
  t.same(
    reader.feed(bytes([quoting])).filter(({ type }) => type === 'received'),
    [],
  )
})

type Call = { type: string; message: { id: string; usage: { input_tokens: number } } }

/** The tokens read by the calls in these lines, each call once. */
const tokensIn = (lines: readonly string[]): number => {
  const calls = lines
    .map((line) => JSON.parse(line) as Call)
    .filter(({ type }) => type === 'assistant')
    .map(({ message }) => [message.id, message.usage.input_tokens] as const)
  return [...new Map(calls).values()].reduce((sum, tokens) => sum + tokens, 0)
}

t.test('what subagents used counts to the turn they work for, also after its end', async (t) => {
  for (const [name, countOf] of Object.entries({ quick: 1, nested: 2 })) {
    const { hooks, records } = storyOf(name)
    const reader = begun(name)
    reader.feed(bytes(hooks.slice(0, 1)))
    const events = reader.feed(bytes(records), transcript)
    reader.ended()
    reader.begin('0a0a0a', '')
    const read = new Map<string, string[]>()
    const unread = () => reader.follows().find(({ path, aside }) => aside && !read.has(path))
    for (let file = unread(); file; file = unread()) {
      const lines = linesOf(file.path.split('/').at(-1) as string)
      t.equal(file.from, 'start')
      read.set(file.path, lines)
      events.push(...reader.feed(bytes(lines), file.path))
    }
    t.equal(read.size, countOf, name)
    const told = events.flatMap((event) => (event.type === 'usage' ? [event] : []))
    t.same(
      [...new Set(told.map(({ turn }) => turn))],
      [turns[name]],
      'the next turn has none of it',
    )
    const own = records.slice(
      0,
      records.findIndex((line) => line.includes('turn_duration')),
    )
    t.equal(
      told.at(-1)?.calls.reduce(addUsage, noUsage).tokensIn,
      tokensIn([...own, ...[...read.values()].flat()]),
    )
    const [path = '', again = []] = [...read][0] ?? []
    t.same(reader.feed(bytes(again), path), [], 'read again, it is no news')
  }
})
