import type { Call } from './answer.ts'
import { type Asked, lastExchange, type Said, textsOf } from './conversation.ts'
import { type Json, type Protocol, type Stream, sse, tokensOf } from './protocol.ts'

/** Google's Gemini API, as Gemini CLI speaks it. */
export const gemini: Protocol = {
  name: 'gemini',

  read(path, body) {
    const [, model = '', verb] = conversation.exec(path) ?? []
    return verb ? { ...asked(body), model, stream: verb === 'streamGenerateContent' } : null
  },

  stream(asked, id): Stream {
    return {
      begin: () => '',
      text: (text) => sse(response(asked, id, [{ text }], null, text)),
      end: (text, call) =>
        sse(response(asked, id, call ? [functionCall(id, call)] : [{ text: '' }], 'STOP', text)),
    }
  },

  whole: (asked, id, text, call) =>
    response(
      asked,
      id,
      [...(text === '' ? [] : [{ text }]), ...(call ? [functionCall(id, call)] : [])],
      'STOP',
      text,
    ),

  error: (status) => ({
    error: {
      code: status,
      message: `The script wants a ${status}`,
      status:
        status === 429 ? 'RESOURCE_EXHAUSTED' : status < 500 ? 'INVALID_ARGUMENT' : 'INTERNAL',
    },
  }),

  beside: (path, body) =>
    /^\/v1(?:beta)?\/models\/[^/]+:countTokens$/.test(path)
      ? { totalTokens: tokensOf(JSON.stringify(body)) }
      : null,
}

const conversation = /^\/v1(?:beta)?\/models\/([^/]+):(generateContent|streamGenerateContent)$/

const asked = (body: Json): Asked => ({
  model: '',
  system: textsOf(body.systemInstruction?.parts).join('\n'),
  ...lastExchange((body.contents ?? []).flatMap(saidIn)),
  tools: (body.tools ?? [])
    .flatMap(({ functionDeclarations }: Json) => functionDeclarations ?? [])
    .map(({ name, parametersJsonSchema, parameters }: Json) => ({
      name,
      parameters: parametersJsonSchema ?? parameters ?? {},
    })),
  stream: false,
  schema:
    body.generationConfig?.responseJsonSchema ?? body.generationConfig?.responseSchema ?? null,
})

const saidIn = ({ role, parts }: Json): Said[] => {
  if (role === 'model') return [{ by: 'model' }]
  const results = (parts as Json[])
    .filter((part) => part.functionResponse)
    .map((part): Said => ({ by: 'tool', text: resultOf(part.functionResponse.response) }))
  const texts = textsOf(parts)
  return texts.length > 0 ? [...results, { by: 'person', texts }] : results
}

const resultOf = (response: Json): string => {
  const output = response?.output ?? response?.error ?? response
  if (typeof output === 'string') return output
  return textsOf(output?.content ?? output).join('\n') || JSON.stringify(output)
}

const functionCall = (id: string, call: Call) => ({
  functionCall: { id: `call_${id}`, name: call.name, args: call.args },
})

const response = (
  asked: Asked,
  id: string,
  parts: object[],
  finishReason: string | null,
  text: string,
) => {
  const promptTokenCount = tokensOf(asked.system + asked.person)
  const candidatesTokenCount = tokensOf(text)
  return {
    candidates: [
      { index: 0, content: { role: 'model', parts }, ...(finishReason ? { finishReason } : {}) },
    ],
    usageMetadata: {
      promptTokenCount,
      candidatesTokenCount,
      totalTokenCount: promptTokenCount + candidatesTokenCount,
    },
    modelVersion: asked.model,
    responseId: id,
  }
}
