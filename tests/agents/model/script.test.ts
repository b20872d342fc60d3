import { composeDigest } from '@mc/core/digest/digest.ts'
import t from 'tap'
import { anItem } from '../../support/items.ts'
import { textOf } from './answer.ts'
import type { Asked, Tool } from './conversation.ts'
import { lastExchange } from './conversation.ts'
import { markdown } from './markdown.ts'
import { answerTo, SMALL_TALK } from './script.ts'
import { REASON } from './triage.ts'

const bash: Tool = { name: 'Bash', parameters: { properties: { command: { type: 'string' } } } }

const asked = (person: string, rest: Partial<Asked> = {}): Asked => ({
  model: 'scripted',
  system: '',
  person,
  results: [],
  tools: [bash],
  stream: true,
  schema: null,
  ...rest,
})

const replyTo = (one: Asked, options: Parameters<typeof answerTo>[1] = {}) => {
  const answer = answerTo(one, options)
  if (answer.type === 'error') return { status: answer.status }
  return { text: textOf(answer.pieces), call: answer.call }
}

const says = (text: string) => ({ text, call: null })

t.test('words behind a turn id are echoed', async (t) => {
  t.same(replyTo(asked('[mc 7f3a9c] ECHO:hello 日本')), says('hello 日本'))
})

t.test('lines, Markdown and small talk are the same every time', async (t) => {
  t.same(replyTo(asked('LINES:3')), says('line 1 of 3\nline 2 of 3\nline 3 of 3'))
  t.same(replyTo(asked('MARKDOWN')), says(markdown))
  t.same(replyTo(asked('how are you?')), says(SMALL_TALK))
})

t.test('slow words come tick by tick', async (t) => {
  const answer = answerTo(asked('SLOW:300:3'))
  t.same(answer.type === 'reply' && answer.pieces, [
    { text: 'tick 1/3\n', afterMs: 300 },
    { text: 'tick 2/3\n', afterMs: 300 },
    { text: 'tick 3/3', afterMs: 300 },
  ])
})

t.test('a command is called, and what it gave is told', async (t) => {
  const call = { name: 'Bash', args: { command: 'echo hi' } }
  t.same(replyTo(asked('TOOL:echo hi')), { text: '', call })
  t.same(replyTo(asked('TOOL:echo hi', { results: ['hi\n'] })), says('TOOLDONE hi'))
  t.match(replyTo(asked('TOOL:echo hi', { tools: [] })), { text: /NOTOOL/ })
})

t.test('only a tool that knows escalation is asked for it', async (t) => {
  const properties = { cmd: { type: 'string' }, sandbox_permissions: { type: 'string' } }
  const codex: Tool = { name: 'exec_command', parameters: { properties } }
  const escalate = (tool: Tool) => replyTo(asked('ESCALATE:ls', { tools: [tool] })).call?.args
  t.match(escalate(codex), { cmd: 'ls', sandbox_permissions: 'require_escalated' })
  t.same(escalate(bash), { command: 'ls' })
})

t.test('a chain goes on from each result', async (t) => {
  const chain = 'CHAIN:ECHO:one ;; TOOL:a ;; TOOL:b ;; ECHO:end'
  t.match(replyTo(asked(chain)), { text: 'one', call: { args: { command: 'a' } } })
  t.match(replyTo(asked(chain, { results: ['A'] })), {
    text: 'TOOLDONE A',
    call: { args: { command: 'b' } },
  })
  t.same(replyTo(asked(chain, { results: ['A', 'B'] })), says('TOOLDONE B\nend'))
})

t.test('an error comes for ever, or as often as it was asked for', async (t) => {
  t.same(replyTo(asked('ERROR:500'), { failures: 99 }), { status: 500 })
  t.same(replyTo(asked('CHAIN:ERROR:529:2 ;; ECHO:well'), { failures: 1 }), { status: 529 })
  t.same(replyTo(asked('CHAIN:ERROR:529:2 ;; ECHO:well'), { failures: 2 }), says('well'))
})

t.test('a title is made without a look at the directives', async (t) => {
  const title = asked('ERROR:500', { tools: [], system: 'Write a title for this' })
  t.match(replyTo(title), { text: /^[^:]+$/, call: null })
  const properties = { title: { type: 'string' }, sure: { type: 'boolean' } }
  const shaped = replyTo({ ...title, schema: { type: 'object', properties } })
  t.same(Object.keys(JSON.parse(shaped.text ?? '')), ['title', 'sure'])
})

t.test("the person's last directive counts, not what the program adds", async (t) => {
  const said = lastExchange([
    { by: 'person', texts: ['TOOL:never answered'] },
    { by: 'tool', text: 'of another turn' },
    { by: 'person', texts: ['ERROR:500', 'ECHO:now', '<system-reminder>x</system-reminder>'] },
    { by: 'tool', text: 'result' },
    { by: 'person', texts: ['<environment_context>ECHO:no</environment_context>'] },
  ])
  t.same(said, { person: 'ECHO:now', results: ['result'] })
})

const digest = composeDigest(
  { id: 'd1', nonce: 'abc123' },
  [
    anItem({ id: 4, message: 'disk full', priority: 'critical' }),
    anItem({ id: 7, sourceId: 'sync', kind: 'note', message: 'ECHO:no' }),
  ],
  () => ({ today: 1, ticket: null, told: false }),
).text

t.test('a digest is read and settled item by item by the shell', async (t) => {
  const pull = '[mc 7f3a9c] run: mc turn show 7f3a9c'
  const shown = `Turn 7f3a9c (digest), typed, 12:00\n\n${digest}`
  t.match(replyTo(asked(pull)), { call: { args: { command: 'mc turn show 7f3a9c' } } })
  const commands = [[shown], [shown, 'ok']].map(
    (results) => replyTo(asked(pull, { results })).call?.args.command,
  )
  t.same(
    commands.map(
      (command) => /resolve (\d+) [a-z+]+ --reason '.+' --turn 7f3a9c/.exec(String(command))?.[1],
    ),
    ['4', '7'],
  )
  t.match(replyTo(asked(pull, { results: [shown, 'one', 'two'] })), says('TRIAGED 2: one\ntwo'))
})

t.test('a digest is settled in one call where the MCP tools are offered', async (t) => {
  const tools = ['turn_show', 'inbox_resolve'].map((name) => ({
    name,
    namespace: 'mcp__mission-control',
    parameters: {},
  }))
  const pull = asked('[mc 7f3a9c] run: mc turn show 7f3a9c', { tools: [bash, ...tools] })
  t.match(replyTo(pull).call, { name: 'turn_show', args: { turn: '7f3a9c' } })
  const shown = JSON.stringify([{ type: 'text', text: JSON.stringify({ id: '7f', text: digest }) }])
  const { call } = replyTo({ ...pull, results: [shown] })
  t.match(call, { name: 'inbox_resolve', namespace: 'mcp__mission-control' })
  t.match(call?.args, { turn: '7f3a9c', verdicts: [{ item: 4, reason: REASON }, { item: 7 }] })
  t.match(replyTo(pull, { triageBy: 'shell' }).call, { name: 'Bash' })
})

t.test('a long message that was pulled is carried out, also out of JSON', async (t) => {
  const pull = asked('[mc 7f3a9c] run: mc turn show 7f3a9c')
  const text = 'rows\nCHAIN:ECHO:"done" ;; ECHO:1'
  const json = JSON.stringify({ id: '7f3a9c', text, reply: '' })
  for (const result of [text, json, JSON.stringify({ content: [{ text: json }] })])
    t.same(replyTo({ ...pull, results: [result] }), says('"done"\n1'))
  t.match(replyTo({ ...pull, results: ['nothing'] }), { text: 'READ 7 characters' })
})
