/** One server-sent event. `data` is its JSON, or the text itself when it is none. */
export type ServerEvent = { id: string; event: string; data: unknown }

/**
 * Reads server-sent events off a byte stream (HTML standard, "Interpreting an event stream").
 * `id` is the last one seen, for `Last-Event-ID`; comments are heartbeats and give nothing.
 */
export async function* readEvents(stream: ReadableStream<Uint8Array>): AsyncGenerator<ServerEvent> {
  let id = ''
  let event = ''
  let data: string[] = []
  for await (const line of lines(stream)) {
    if (line === '') {
      if (data.length > 0) yield { id, event: event || 'message', data: readData(data.join('\n')) }
      event = ''
      data = []
      continue
    }
    const colon = line.indexOf(':')
    const field = colon === -1 ? line : line.slice(0, colon)
    const value = colon === -1 ? '' : line.slice(colon + 1).replace(/^ /, '')
    if (field === 'id') id = value
    else if (field === 'event') event = value
    else if (field === 'data') data.push(value)
  }
}

/** A line may end in LF, CR or CRLF, and a CRLF may be cut between two chunks. */
async function* lines(stream: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  let rest = ''
  const decoder = new TextDecoder()
  for await (const chunk of stream) {
    rest += decoder.decode(chunk, { stream: true })
    const held = rest.endsWith('\r') ? 1 : 0
    const parts = rest.slice(0, rest.length - held).split(/\r\n|\n|\r/)
    rest = (parts.pop() ?? '') + (held ? '\r' : '')
    yield* parts
  }
}

const readData = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}
