import type { Call } from './answer.ts'
import { type Asked, lastExchange, type Said, textsOf } from './conversation.ts'
import { errorType, type Json, type Protocol, type Stream, sse, tokensOf } from './protocol.ts'

/** OpenAI Chat Completions, as OpenCode speaks it to a provider of one's own. */
export const chat: Protocol = {
  name: 'chat',

  read: (path, body) => (path === '/v1/chat/completions' ? asked(body) : null),

  stream(asked, id): Stream {
    const chunk = (delta: object, finish_reason: string | null = null) =>
      sse({ ...head(asked, id, '.chunk'), choices: [{ index: 0, delta, finish_reason }] })
    return {
      begin: () => chunk({ role: 'assistant', content: '' }),
      text: (content) => chunk({ content }),
      end: (text, call) =>
        (call ? chunk({ tool_calls: [{ index: 0, ...toolCall(id, call) }] }) : '') +
        chunk({}, call ? 'tool_calls' : 'stop') +
        sse({ ...head(asked, id, '.chunk'), choices: [], usage: usage(asked, text) }) +
        'data: [DONE]\n\n',
    }
  },

  whole: (asked, id, text, call) => ({
    ...head(asked, id, ''),
    choices: [
      {
        index: 0,
        message: {
          role: 'assistant',
          content: text,
          ...(call ? { tool_calls: [toolCall(id, call)] } : {}),
        },
        finish_reason: call ? 'tool_calls' : 'stop',
      },
    ],
    usage: usage(asked, text),
  }),

  error: (status) => ({
    error: { message: `The script wants a ${status}`, type: errorType(status), code: status },
  }),

  beside: (path) =>
    path === '/v1/models'
      ? { object: 'list', data: [{ id: 'scripted', object: 'model', owned_by: 'scripted' }] }
      : null,
}

const asked = (body: Json): Asked => ({
  model: body.model,
  system: body.messages
    .filter(({ role }: Json) => role === 'system' || role === 'developer')
    .flatMap(({ content }: Json) => textsOf(content))
    .join('\n'),
  ...lastExchange(body.messages.flatMap(saidIn)),
  tools: (body.tools ?? []).map(({ function: { name, parameters } }: Json) => ({
    name,
    parameters: parameters ?? {},
  })),
  stream: body.stream === true,
  schema: body.response_format?.json_schema?.schema ?? null,
})

const saidIn = ({ role, content }: Json): Said[] => {
  if (role === 'user') return [{ by: 'person', texts: textsOf(content) }]
  if (role === 'tool') return [{ by: 'tool', text: textsOf(content).join('\n') }]
  return role === 'assistant' ? [{ by: 'model' }] : []
}

const head = (asked: Asked, id: string, kind: string) => ({
  id: `chatcmpl-${id}`,
  object: `chat.completion${kind}`,
  created: Math.floor(Date.now() / 1000),
  model: asked.model,
})

const toolCall = (id: string, call: Call) => ({
  id: `call_${id}`,
  type: 'function',
  function: { name: call.name, arguments: JSON.stringify(call.args) },
})

const usage = (asked: Asked, text: string) => {
  const prompt_tokens = tokensOf(asked.system + asked.person)
  const completion_tokens = tokensOf(text)
  return { prompt_tokens, completion_tokens, total_tokens: prompt_tokens + completion_tokens }
}
