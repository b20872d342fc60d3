import t from 'tap'
import { until } from '../../support/until.ts'
import { startModel } from './model.ts'
import type { Json } from './protocol.ts'

/** How a client of each protocol asks, and reads what it got; written from their documentation. */
type Client = {
  name: string
  path: (stream: boolean) => string
  /** A request with one shell tool; `result` is what the tool gave meanwhile. */
  body(text: string, stream: boolean, result?: string): object
  streamed(events: Json[]): { text: string; call: unknown; ended: boolean }
  whole(body: Json): { text: string; call: unknown }
}

const schema = { type: 'object', properties: { command: { type: 'string' } } }
const args = { command: 'echo hi' }

const clients: Client[] = [
  {
    name: 'anthropic',
    path: () => '/v1/messages',
    body: (text, stream, result) => ({
      model: 'm',
      stream,
      tools: [{ name: 'Bash', input_schema: schema }],
      messages: [
        { role: 'user', content: [{ type: 'text', text }] },
        ...(result === undefined
          ? []
          : [
              {
                role: 'assistant',
                content: [{ type: 'tool_use', id: 'x', name: 'Bash', input: args }],
              },
              {
                role: 'user',
                content: [{ type: 'tool_result', tool_use_id: 'x', content: result }],
              },
            ]),
      ],
    }),
    streamed: (events) => ({
      text: joined(events.map(({ delta }) => delta?.text)),
      call: parsed(joined(events.map(({ delta }) => delta?.partial_json))),
      ended: events.at(-1).type === 'message_stop',
    }),
    whole: ({ content }) => ({
      text: joined(content.map(({ text }: Json) => text)),
      call: content.find(({ type }: Json) => type === 'tool_use')?.input ?? null,
    }),
  },
  {
    name: 'responses',
    path: () => '/v1/responses',
    body: (text, stream, result) => ({
      model: 'm',
      stream,
      tools: [{ type: 'function', name: 'shell_command', parameters: schema }],
      input: [
        { type: 'message', role: 'user', content: [{ type: 'input_text', text }] },
        ...(result === undefined
          ? []
          : [
              { type: 'function_call', call_id: 'x', name: 'shell_command', arguments: '{}' },
              { type: 'function_call_output', call_id: 'x', output: result },
            ]),
      ],
    }),
    streamed: (events) => ({
      text: joined(
        events
          .filter(({ type }) => type === 'response.output_text.delta')
          .map(({ delta }) => delta),
      ),
      call: parsed(
        events.find(({ item, type }) => type.endsWith('item.done') && item.type === 'function_call')
          ?.item.arguments,
      ),
      ended: events.at(-1).type === 'response.completed',
    }),
    whole: ({ output }) => ({
      text: joined(output.flatMap(({ content }: Json) => content?.map(({ text }: Json) => text))),
      call: parsed(output.find(({ type }: Json) => type === 'function_call')?.arguments),
    }),
  },
  {
    name: 'chat',
    path: () => '/v1/chat/completions',
    body: (text, stream, result) => ({
      model: 'm',
      stream,
      tools: [{ type: 'function', function: { name: 'bash', parameters: schema } }],
      messages: [
        { role: 'system', content: 'You are an agent' },
        { role: 'user', content: text },
        ...(result === undefined
          ? []
          : [
              { role: 'assistant', content: null, tool_calls: [{ id: 'x' }] },
              { role: 'tool', tool_call_id: 'x', content: result },
            ]),
      ],
    }),
    streamed: (events) => {
      const choices = events.flatMap((event) => event.choices ?? [])
      return {
        text: joined(choices.map(({ delta }) => delta.content)),
        call: parsed(joined(choices.map(({ delta }) => delta.tool_calls?.[0].function.arguments))),
        ended: choices.some(({ finish_reason }) => finish_reason) && events.at(-1) === '[DONE]',
      }
    },
    whole: ({ choices: [{ message }] }) => ({
      text: message.content,
      call: parsed(message.tool_calls?.[0].function.arguments),
    }),
  },
  {
    name: 'gemini',
    path: (stream) =>
      `/v1beta/models/m:${stream ? 'streamGenerateContent?alt=sse' : 'generateContent'}`,
    body: (text, _stream, result) => ({
      tools: [
        { functionDeclarations: [{ name: 'run_shell_command', parametersJsonSchema: schema }] },
      ],
      contents: [
        { role: 'user', parts: [{ text }] },
        ...(result === undefined
          ? []
          : [
              { role: 'model', parts: [{ functionCall: { name: 'run_shell_command', args } }] },
              {
                role: 'user',
                parts: [
                  { functionResponse: { name: 'run_shell_command', response: { output: result } } },
                ],
              },
            ]),
      ],
    }),
    streamed: (events) => ({
      ...partsOf(events.flatMap(({ candidates }) => candidates[0].content.parts)),
      ended: events.at(-1).candidates[0].finishReason === 'STOP',
    }),
    whole: ({ candidates }) => partsOf(candidates[0].content.parts),
  },
]

const joined = (texts: unknown[]): string => texts.map((text) => text ?? '').join('')
const parsed = (json: string | undefined): unknown => (json ? JSON.parse(json) : null)
const partsOf = (parts: Json[]) => ({
  text: joined(parts.map(({ text }) => text)),
  call: parts.find(({ functionCall }) => functionCall)?.functionCall.args ?? null,
})

const eventsIn = (body: string): Json[] =>
  body
    .split('\n')
    .filter((line) => line.startsWith('data: '))
    .map((line) => line.slice(6))
    .map((data) => (data === '[DONE]' ? data : JSON.parse(data)))

for (const client of clients) {
  t.test(`${client.name}: what is asked is answered, streamed and whole`, async (t) => {
    const model = await startModel()
    t.teardown(model.close)
    const ask = (text: string, stream: boolean, result?: string) =>
      fetch(model.url + client.path(stream), {
        method: 'POST',
        body: JSON.stringify(client.body(text, stream, result)),
      })
    const wide = `${'日本 🙂 '.repeat(20)}end`
    const streamed = client.streamed(eventsIn(await (await ask(`ECHO:${wide}`, true)).text()))
    t.same(streamed, { text: wide, call: null, ended: true })
    t.same(client.whole(await (await ask(`ECHO:${wide}`, false)).json()), {
      text: wide,
      call: null,
    })

    const called = client.streamed(eventsIn(await (await ask('TOOL:echo hi', true)).text()))
    t.match(called, { call: args, ended: true })
    t.match(client.whole(await (await ask('TOOL:echo hi', false)).json()), { call: args })
    const told = client.streamed(eventsIn(await (await ask('TOOL:echo hi', true, 'hi')).text()))
    t.match(told, { text: 'TOOLDONE hi', call: null })

    const statuses = []
    for (let count = 0; count < 3; count++)
      statuses.push((await ask('CHAIN:ERROR:503:2 ;; ECHO:well', true)).status)
    t.same(statuses, [503, 503, 200])
    t.equal(model.about('ERROR:503').length, 3)
    t.ok(model.received.every(({ protocol }) => protocol === client.name))
  })

  t.test(`${client.name}: a client that hangs up in mid-stream is noted`, async (t) => {
    const model = await startModel()
    t.teardown(model.close)
    const hangUp = new AbortController()
    const response = await fetch(model.url + client.path(true), {
      method: 'POST',
      body: JSON.stringify(client.body('CHAIN:ECHO:first ;; SLOW:60000:9', true)),
      signal: hangUp.signal,
    })
    const reader = response.body?.getReader()
    t.ok((await reader?.read())?.value?.length, 'something came before')
    hangUp.abort()
    await until('the model sees it', () => model.received[0]?.aborted)
  })
}

t.test('what stands beside the conversations is answered too', async (t) => {
  const model = await startModel()
  t.teardown(model.close)
  const post = async (path: string) =>
    (await fetch(model.url + path, { method: 'POST', body: '{"messages":[]}' })).json()
  t.match(await post('/v1/messages/count_tokens'), { input_tokens: Number })
  t.match(await post('/v1beta/models/m:countTokens'), { totalTokens: Number })
  t.match(await (await fetch(`${model.url}/v1/models`)).json(), { object: 'list' })
  t.equal((await fetch(`${model.url}/nowhere`)).status, 404)
})
