import type { Call } from './answer.ts'
import { type Asked, lastExchange, type Said, textsOf } from './conversation.ts'
import { type Json, type Protocol, type Stream, sse, tokensOf } from './protocol.ts'

/** Anthropic Messages, as Claude Code speaks it. */
export const anthropic: Protocol = {
  name: 'anthropic',

  read: (path, body) => (path === '/v1/messages' ? asked(body) : null),

  stream(asked, id): Stream {
    const event = (type: string, rest: object) => sse({ type, ...rest }, type)
    return {
      begin: () =>
        event('message_start', { message: { ...message(asked, id), stop_reason: null } }) +
        event('content_block_start', { index: 0, content_block: { type: 'text', text: '' } }),
      text: (text) =>
        event('content_block_delta', { index: 0, delta: { type: 'text_delta', text } }),
      end: (text, call) =>
        event('content_block_stop', { index: 0 }) +
        (call ? toolEvents(event, id, call) : '') +
        event('message_delta', {
          delta: { stop_reason: call ? 'tool_use' : 'end_turn', stop_sequence: null },
          usage: { output_tokens: tokensOf(text) },
        }) +
        event('message_stop', {}),
    }
  },

  whole: (asked, id, text, call) => ({
    ...message(asked, id),
    content: [
      ...(text === '' ? [] : [{ type: 'text', text }]),
      ...(call ? [toolUse(id, call)] : []),
    ],
    stop_reason: call ? 'tool_use' : 'end_turn',
  }),

  error: (status) => ({
    type: 'error',
    error: { type: errorType(status), message: `The script wants a ${status}` },
  }),

  beside(path, body, headers) {
    if (path === '/v1/messages/count_tokens')
      return { input_tokens: tokensOf(JSON.stringify(body)) }
    if (path === '/v1/models' && 'anthropic-version' in headers)
      return { data: [], has_more: false, first_id: null, last_id: null }
    return null
  },
}

const asked = (body: Json): Asked => ({
  model: body.model,
  system: textsOf(body.system).join('\n'),
  ...lastExchange(body.messages.flatMap(saidIn)),
  tools: (body.tools ?? []).map((tool: Json) => ({
    name: tool.name,
    parameters: tool.input_schema ?? {},
  })),
  stream: body.stream === true,
  schema: body.output_config?.format?.schema ?? body.output_format?.schema ?? null,
})

/** A message of the user holds the results of tools, words of the person, or both. */
const saidIn = ({ role, content }: Json): Said[] => {
  if (role === 'assistant') return [{ by: 'model' }]
  if (role !== 'user') return []
  const blocks: Json[] = typeof content === 'string' ? [{ type: 'text', text: content }] : content
  const results = blocks
    .filter(({ type }) => type === 'tool_result')
    .map((block): Said => ({ by: 'tool', text: textsOf(block.content).join('\n') }))
  const texts = blocks.filter(({ type }) => type === 'text').map(({ text }) => text as string)
  return texts.length > 0 ? [...results, { by: 'person', texts }] : results
}

const message = (asked: Asked, id: string) => ({
  id: `msg_${id}`,
  type: 'message',
  role: 'assistant',
  model: asked.model,
  content: [],
  stop_sequence: null,
  usage: {
    input_tokens: tokensOf(asked.system + asked.person),
    output_tokens: 1,
    cache_creation_input_tokens: 0,
    cache_read_input_tokens: 0,
  },
})

const toolUse = (id: string, call: Call) => ({
  type: 'tool_use',
  id: `toolu_${id}`,
  name: call.name,
  input: call.args,
})

const toolEvents = (
  event: (type: string, rest: object) => string,
  id: string,
  call: Call,
): string =>
  event('content_block_start', { index: 1, content_block: { ...toolUse(id, call), input: {} } }) +
  event('content_block_delta', {
    index: 1,
    delta: { type: 'input_json_delta', partial_json: JSON.stringify(call.args) },
  }) +
  event('content_block_stop', { index: 1 })

const errorType = (status: number): string =>
  status === 529
    ? 'overloaded_error'
    : status >= 500
      ? 'api_error'
      : status === 429
        ? 'rate_limit_error'
        : 'invalid_request_error'
