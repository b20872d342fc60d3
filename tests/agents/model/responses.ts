import type { Call } from './answer.ts'
import { type Asked, lastExchange, type Said, type Tool, textsOf } from './conversation.ts'
import { errorType, type Json, type Protocol, type Stream, sse, tokensOf } from './protocol.ts'

/** OpenAI Responses, as Codex speaks it. */
export const responses: Protocol = {
  name: 'responses',

  read: (path, body) => (path === '/v1/responses' ? asked(body) : null),

  stream(asked, id): Stream {
    let count = 0
    const event = (type: string, rest: object) =>
      sse({ type, sequence_number: count++, ...rest }, type)
    const item = `msg_${id}`
    return {
      begin: () =>
        event('response.created', { response: response(asked, id, 'in_progress', []) }) +
        event('response.output_item.added', { output_index: 0, item: messageItem(id, null) }) +
        event('response.content_part.added', {
          item_id: item,
          output_index: 0,
          content_index: 0,
          part: outputText(''),
        }),
      text: (delta) =>
        event('response.output_text.delta', {
          item_id: item,
          output_index: 0,
          content_index: 0,
          delta,
        }),
      end(text, call) {
        const output = itemsOf(id, text, call)
        return (
          event('response.output_text.done', {
            item_id: item,
            output_index: 0,
            content_index: 0,
            text,
          }) +
          event('response.output_item.done', { output_index: 0, item: messageItem(id, text) }) +
          (call ? callEvents(event, id, call) : '') +
          event('response.completed', { response: response(asked, id, 'completed', output) })
        )
      },
    }
  },

  whole: (asked, id, text, call) => response(asked, id, 'completed', itemsOf(id, text, call)),

  error: (status) => ({
    error: {
      message: `The script wants a ${status}`,
      type: errorType(status),
      code: String(status),
    },
  }),

  beside: () => null,
}

const asked = (body: Json): Asked => ({
  model: body.model,
  system: body.instructions ?? '',
  ...lastExchange(saidIn(body.input)),
  tools: (body.tools ?? []).flatMap(toolsIn),
  stream: body.stream === true,
  schema: body.text?.format?.schema ?? null,
})

const saidIn = (input: Json): Said[] => {
  if (typeof input === 'string') return [{ by: 'person', texts: [input] }]
  return input.flatMap((item: Json): Said[] => {
    if (/_call_output$/.test(item.type ?? '')) return [{ by: 'tool', text: resultOf(item.output) }]
    if (item.role === 'user') return [{ by: 'person', texts: textsOf(item.content) }]
    return item.role === 'assistant' ? [{ by: 'model' }] : []
  })
}

const resultOf = (output: Json): string =>
  typeof output === 'string' ? output : textsOf(output?.content ?? output).join('\n')

/** Functions, and those that Codex files under a namespace (its MCP servers). */
const toolsIn = (tool: Json): Tool[] => {
  if (tool.type === 'namespace')
    return tool.tools.flatMap((inner: Json) =>
      toolsIn(inner).map((one) => ({ ...one, namespace: tool.name })),
    )
  return tool.type === 'function' ? [{ name: tool.name, parameters: tool.parameters ?? {} }] : []
}

const response = (asked: Asked, id: string, status: string, output: object[]) => {
  const input_tokens = tokensOf(asked.system + asked.person)
  const output_tokens = tokensOf(JSON.stringify(output))
  return {
    id: `resp_${id}`,
    object: 'response',
    status,
    model: asked.model,
    output,
    usage: {
      input_tokens,
      input_tokens_details: { cached_tokens: 0 },
      output_tokens,
      output_tokens_details: { reasoning_tokens: 0 },
      total_tokens: input_tokens + output_tokens,
    },
  }
}

const outputText = (text: string) => ({ type: 'output_text', text, annotations: [] })

/** Null while it is being written. */
const messageItem = (id: string, text: string | null) => ({
  type: 'message',
  id: `msg_${id}`,
  role: 'assistant',
  status: text === null ? 'in_progress' : 'completed',
  content: text === null ? [] : [outputText(text)],
})

const callItem = (id: string, call: Call, args: string) => ({
  type: 'function_call',
  id: `fc_${id}`,
  call_id: `call_${id}`,
  name: call.name,
  ...(call.namespace ? { namespace: call.namespace } : {}),
  arguments: args,
})

const itemsOf = (id: string, text: string, call: Call | null) => [
  messageItem(id, text),
  ...(call ? [callItem(id, call, JSON.stringify(call.args))] : []),
]

const callEvents = (
  event: (type: string, rest: object) => string,
  id: string,
  call: Call,
): string => {
  const args = JSON.stringify(call.args)
  const at = { item_id: `fc_${id}`, output_index: 1 }
  return (
    event('response.output_item.added', { output_index: 1, item: callItem(id, call, '') }) +
    event('response.function_call_arguments.delta', { ...at, delta: args }) +
    event('response.function_call_arguments.done', { ...at, arguments: args }) +
    event('response.output_item.done', { output_index: 1, item: callItem(id, call, args) })
  )
}
