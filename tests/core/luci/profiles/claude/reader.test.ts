import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createClaudeReader } from '@mc/core/luci/profiles/claude/reader.ts'
import type { Reader, RecordEvent } from '@mc/core/luci/profiles/profile.ts'
import type { Screen, Sight } from '@mc/core/luci/profiles/screen.ts'
import t from 'tap'
import { markdown } from '../../../../agents/model/markdown.ts'

/* Recorded by tests/agents/claude/record-turns.ts. */

const folder = join(import.meta.dirname, '..', '..', '..', '..', 'fixtures', 'agents', 'claude')
const linesOf = (name: string) =>
  readFileSync(join(folder, 'turns', name), 'utf8')
    .split('\n')
    .filter(Boolean)
const turns: Record<string, string> = JSON.parse(
  readFileSync(join(folder, 'turns', 'turns.json'), 'utf8'),
)

type Line = {
  hook_event_name?: string
  prompt_id?: string
  promptId?: string
  transcript_path?: string
  type?: string
  subtype?: string
}
const hooks = linesOf('hooks.jsonl').map((text) => ({ text, value: JSON.parse(text) as Line }))
const records = linesOf('transcript.jsonl').map((text) => ({
  text,
  value: JSON.parse(text) as Line,
}))
const [start] = hooks as [(typeof hooks)[number]]
const transcript = start.value.transcript_path as string

/** The lines of one turn: its hooks, and its records from its prompt to the next. */
const storyOf = (name: string) => {
  const id = turns[name] as string
  const from = records.findIndex(({ text }) => text.includes(`[mc ${id}]`))
  const { promptId } = (records[from] as (typeof records)[number]).value
  const next = records.findIndex(
    ({ value }, at) => at > from && value.promptId !== undefined && value.promptId !== promptId,
  )
  return {
    id,
    hooks: hooks.filter(({ value }) => value.prompt_id === promptId).map(({ text }) => text),
    records: records.slice(from, next === -1 ? undefined : next).map(({ text }) => text),
  }
}

const bytes = (lines: readonly string[]) => Buffer.from(lines.map((line) => `${line}\n`).join(''))

const begun = (name?: string): Reader => {
  const reader = createClaudeReader()
  reader.feed(bytes([start.text]))
  if (name) {
    reader.begin(turns[name] as string, '')
    reader.entered()
  }
  return reader
}

const endOf = (events: readonly RecordEvent[]) =>
  events.find(({ type }) => ['answered', 'interrupted', 'failed', 'unproved'].includes(type))

const screen: Screen = { type: 'input', input: '', busy: false }
const see = (reader: Reader, shows: Screen = screen) => reader.see(shows, {} as Sight)

const ends: Record<string, object> = {
  echo: { type: 'answered', reply: 'hello  there', evidence: 'transcript:turn_duration' },
  markdown: { type: 'answered', reply: markdown },
  allowed: { type: 'answered', reply: /^before\n\nTOOLDONE .*\nafter$/ },
  refused: { type: 'interrupted', reply: '' },
  question: { type: 'answered', reply: /^ASKDONE .*"Which colour\?"="blue"/ },
  stopped: { type: 'interrupted', reply: /^tick 1\/40\ntick 2\/40/ },
  failed: { type: 'failed', problem: 'API Error: 400 The script wants a 400' },
}

t.test('each recorded turn ends as it did, whatever is written first', async (t) => {
  for (const [name, end] of Object.entries(ends)) {
    const story = storyOf(name)
    const orders: Record<string, (reader: Reader) => RecordEvent[]> = {
      'records first': (reader) => [
        ...reader.feed(bytes(story.records), transcript),
        ...reader.feed(bytes(story.hooks)),
      ],
      'hooks first': (reader) => [
        ...reader.feed(bytes(story.hooks)),
        ...reader.feed(bytes(story.records), transcript),
      ],
      'the prompt, and then the rest': (reader) => [
        ...reader.feed(bytes(story.hooks.slice(0, 1))),
        ...reader.feed(bytes(story.records), transcript),
        ...reader.feed(bytes(story.hooks.slice(1))),
      ],
    }
    for (const [order, feed] of Object.entries(orders)) {
      // The words of an API error are final when the hook has told of it.
      const reader = begun(name)
      t.equal(reader.now().ready, true)
      const events = feed(reader)
      const mine = events.filter(({ type }) => type !== 'conversation' && type !== 'asks')
      t.match(mine[0], { type: 'received', turn: story.id }, `${name}, ${order}: received`)
      t.match(endOf(events), { turn: story.id, ...end }, `${name}, ${order}: its end`)
      t.equal(events.filter((event) => endOf([event])).length, 1, `${name}, ${order}: one end`)
      t.equal(reader.now().ready, true, `${name}, ${order}: ready again`)
    }
  }
})

t.test('a reply is streamed block by block, and the blocks are the reply', async (t) => {
  const { records, hooks } = storyOf('allowed')
  const reader = begun('allowed')
  reader.feed(bytes(hooks.slice(0, 1)))
  const events = records.flatMap((line) => reader.feed(bytes([line]), transcript))
  const texts = events.flatMap((event) => (event.type === 'text' ? [event.text] : []))
  t.equal(texts.length, 2)
  t.match(endOf(events), { type: 'answered', reply: texts.join('') })
})

t.test('bytes may come in any pieces', async (t) => {
  const { records, hooks } = storyOf('markdown')
  const reader = begun('markdown')
  const whole = bytes(records)
  const events = reader.feed(bytes(hooks.slice(0, 1)))
  for (let at = 0; at < whole.length; at += 7)
    events.push(...reader.feed(whole.subarray(at, at + 7), transcript))
  t.match(endOf(events), { type: 'answered', reply: markdown })
})

t.test('a Stop before the last block is written ends nothing', async (t) => {
  const { records, hooks } = storyOf('echo')
  const reader = begun('echo')
  t.equal(endOf(reader.feed(bytes(hooks))), undefined)
  t.equal(reader.now().ready, false)
  t.equal(reader.quietMs(), null, 'it is not idle on its screen yet')
  t.match(endOf(reader.feed(bytes(records), transcript)), { type: 'answered' })
})

t.test('a transcript without its last record is believed if it holds what Stop told', async (t) => {
  const { records, hooks } = storyOf('echo')
  const cut = records.filter((line) => !line.includes('turn_duration'))
  const reader = begun('echo')
  reader.feed(bytes(hooks))
  reader.feed(bytes(cut), transcript)
  see(reader)
  t.ok((reader.quietMs() ?? 0) >= 3_000)
  t.match(reader.quiet(), [{ type: 'answered', reply: 'hello  there', evidence: 'hook:Stop' }])
  t.equal(reader.now().ready, true)

  const without = begun('echo')
  without.feed(bytes(hooks))
  without.feed(bytes(cut.slice(0, 1)), transcript)
  see(without)
  t.match(without.quiet(), [{ type: 'unproved', problem: /does not hold the end/ }])
})

t.test('an API error that it got over is none', async (t) => {
  const { records, hooks } = storyOf('echo')
  const error = storyOf('failed').records.filter((line) => line.includes('isApiErrorMessage'))
  t.equal(error.length, 1)
  const [prompt = '', ...rest] = records
  const reader = begun('echo')
  reader.feed(bytes(hooks.slice(0, 1)))
  const events = reader.feed(bytes([prompt, ...error, ...rest]), transcript)
  t.match(endOf(events), { type: 'answered', reply: 'hello  there' })
})

t.test('half a record is no record', async (t) => {
  const { records, hooks } = storyOf('echo')
  const reader = begun('echo')
  reader.feed(bytes(hooks.slice(0, 1)))
  const whole = bytes(records)
  const cut = whole.indexOf('turn_duration')
  t.equal(endOf(reader.feed(whole.subarray(0, cut), transcript)), undefined)
  t.match(endOf(reader.feed(whole.subarray(cut), transcript)), { type: 'answered' })
})

t.test('side chains, compaction and its own notes are no reply', async (t) => {
  const { records, hooks, id } = storyOf('echo')
  const reader = begun('echo')
  reader.feed(bytes(hooks.slice(0, 1)))
  const [prompt = '', ...rest] = records
  const said = { role: 'assistant', content: [{ type: 'text', text: 'no' }] }
  const noise = [
    { type: 'assistant', isSidechain: true, message: said },
    { type: 'system', subtype: 'turn_duration', isSidechain: true },
    { type: 'user', isMeta: true, message: { role: 'user', content: 'no' } },
    {
      type: 'user',
      isCompactSummary: true,
      promptId: 'other',
      message: { role: 'user', content: `She was told [mc ${id}]` },
    },
    { type: 'system', subtype: 'compact_boundary' },
    { type: 'ai-title', title: 'no' },
  ].map((record) => JSON.stringify(record))
  const events = reader.feed(bytes([prompt, ...noise, ...rest]), transcript)
  t.match(endOf(events), { type: 'answered', reply: 'hello  there' })
})

t.test('a text that returns to the input was stopped before it began', async (t) => {
  const { records, hooks, id } = storyOf('returned')
  const reader = begun('returned')
  reader.feed(bytes(hooks))
  reader.feed(bytes(records), transcript)
  see(reader, { type: 'input', input: '', busy: true })
  t.equal(reader.quietMs(), null)
  see(reader, { type: 'input', input: `[mc ${id}] SLOW:60000:1`, busy: false })
  t.ok((reader.quietMs() ?? 0) >= 2_000)
  t.match(reader.quiet(), [{ type: 'interrupted', turn: id, reply: '' }])
  t.equal(reader.now().ready, true)
})

t.test('an idle screen without a word of its end is no answer', async (t) => {
  const { hooks } = storyOf('echo')
  const reader = begun('echo')
  reader.feed(bytes(hooks.slice(0, 1)))
  see(reader)
  t.ok((reader.quietMs() ?? 0) >= 8_000)
  t.match(reader.quiet(), [{ type: 'unproved', problem: /does not tell how this ended/ }])
  t.equal(reader.now().ready, true)
})

t.test('what a person types by hand makes her busy until that has ended', async (t) => {
  const reader = begun()
  const { text, value } = hooks.find(({ text }) => text.includes('"by hand"')) as {
    text: string
    value: Line
  }
  t.same(
    reader.feed(bytes([text])).filter(({ type }) => type !== 'conversation'),
    [],
  )
  t.equal(reader.now().ready, false)
  const mine = hooks.filter((hook) => hook.value.prompt_id === value.prompt_id)
  t.same(reader.feed(bytes(mine.slice(1).map((hook) => hook.text))), [])
  t.equal(reader.now().ready, true)
})

t.test('sent while she worked on something else, it waits for a record of its own', async (t) => {
  const { records, hooks, id } = storyOf('echo')
  const [mine] = hooks
  const reader = begun('echo')
  const queued = (mine as string).replace(/"prompt_id":"[^"]+"/, '"prompt_id":"another"')
  t.match(reader.feed(bytes([queued])).at(-1), { type: 'received', turn: id })
  const other = records.filter((line) => !line.includes('"type":"user"'))
  t.same(reader.feed(bytes(other), transcript), [], 'the end of something else is not its end')
  t.match(endOf(reader.feed(bytes(records), transcript)), {
    type: 'answered',
    reply: 'hello  there',
  })
})

t.test('what it asks is told with its command and folder, a question without', async (t) => {
  const about = (name: string) =>
    begun(name)
      .feed(bytes(storyOf(name).hooks))
      .find(({ type }) => type === 'asks')
  t.match(about('allowed'), {
    turn: turns.allowed,
    about: { kind: 'permission', command: 'touch made', folder: '/home/person/work' },
  })
  t.match(about('question'), {
    turn: turns.question,
    about: { kind: 'question', command: null, folder: null },
  })
})

t.test('a conversation is kept once something was said in it, and as it rotates', async (t) => {
  const reader = createClaudeReader()
  t.same(reader.feed(bytes([start.text])), [])
  const { hooks } = storyOf('echo')
  const id = JSON.parse(start.text).session_id
  const kept = (events: RecordEvent[]) => events.filter(({ type }) => type === 'conversation')
  t.same(kept(reader.feed(bytes(hooks))), [{ type: 'conversation', turn: null, id }])
  t.same(kept(reader.feed(bytes(storyOf('markdown').hooks))), [], 'once')
  const cleared = { ...JSON.parse(start.text), session_id: 'new', source: 'clear' }
  cleared.transcript_path = '/elsewhere/new.jsonl'
  t.same(kept(reader.feed(bytes([JSON.stringify(cleared)]))), [])
  t.same(
    reader.follows().map(({ path }) => path),
    [transcript, '/elsewhere/new.jsonl'],
  )
  const said = { ...JSON.parse(hooks[0] as string), session_id: 'new', prompt_id: 'p' }
  t.same(kept(reader.feed(bytes([JSON.stringify(said)]))), [
    { type: 'conversation', turn: null, id: 'new' },
  ])
})

t.test('it is ready by its own word: not before it began, nor after it ended', async (t) => {
  const reader = createClaudeReader()
  t.equal(reader.now().ready, false)
  reader.feed(bytes([start.text]))
  t.equal(reader.now().ready, true)
  const ended = { ...JSON.parse(start.text), hook_event_name: 'SessionEnd', reason: 'other' }
  reader.feed(bytes([JSON.stringify(ended)]))
  t.equal(reader.now().ready, false)
})

t.test('a record that begins with the seed tells how things stand', async (t) => {
  const reader = begun()
  const another = createClaudeReader()
  another.feed(Buffer.from(reader.seed()))
  t.equal(another.now().ready, true)
  t.same(another.follows(), reader.follows())
})

t.test('another shape than we know is no answer, and the field is named', async (t) => {
  const { records, hooks } = storyOf('echo')
  const strange = records.map((line) => line.replaceAll('"content":[', '"contents":['))
  const reader = begun('echo')
  reader.feed(bytes(hooks.slice(0, 1)))
  t.match(endOf(reader.feed(bytes(strange), transcript)), {
    type: 'unproved',
    problem: /Unknown transcript shape: assistant\/message .*content/,
  })
  const stops = begun('echo')
  const events = stops.feed(
    bytes(
      hooks.map((line) =>
        line.replace('"last_assistant_message":"', '"last_assistant_message":1,"x":"'),
      ),
    ),
  )
  t.match(endOf(events), { type: 'unproved', problem: /hook Stop\/last_assistant_message/ })
  const unheard = begun('echo')
  const nameless = hooks.map((line) => line.replaceAll('"prompt_id"', '"promptId"'))
  t.match(endOf(unheard.feed(bytes(nameless))), {
    type: 'unproved',
    turn: turns.echo,
    problem: /hook UserPromptSubmit .*prompt_id/,
  })
  t.same(stops.feed(Buffer.from('no JSON\n{"type":"user"\n')), [])
})
