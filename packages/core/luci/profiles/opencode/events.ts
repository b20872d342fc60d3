import type { Failure, Line, Used } from './lines.ts'

/* OpenCode's events as lines of the record: pure, and run inside OpenCode, so it needs nothing else. */

/** The plugin and the reader are of one version; a record of another is not read. */
export const LINES_VERSION = 1

/** What a plugin is handed (`@opencode-ai/plugin`). Nothing of its inside is taken on trust. */
export type HostEvent = { type: string; properties?: unknown }

/** Not all of a long conversation is kept in mind. */
const REMEMBERED_MAX = 200

/** Remembers what later events leave out: who wrote a message, what a tool call runs, and where. */
export const createTranslator = (folder: string) => {
  const users = remembering<true>()
  const answers = remembering<true>()
  const texts = remembering<true>()
  const calls = remembering<{ command: string | null; folder: string | null }>()

  const userText = (part: Fields): Line => ({
    type: 'user',
    ...messageOf(part),
    text: part.text('text'),
    own: part.maybe('synthetic') === true,
  })

  const takePart = (part: Fields): Line[] => {
    const type = part.text('type')
    const { message } = messageOf(part)
    if (users.get(message)) {
      if (type === 'text') return [userText(part)]
      return type === 'compaction'
        ? [{ type: 'user', ...messageOf(part), text: '', own: true }]
        : []
    }
    if (type === 'tool') {
      const input = part.at('state').maybe('input')
      const { command, workdir } = isObject(input) ? input : {}
      calls.set(part.text('callID'), {
        command: typeof command === 'string' ? command : null,
        folder: typeof workdir === 'string' ? workdir : null,
      })
      return []
    }
    if (type !== 'text') return []
    texts.set(part.text('id'), true)
    const over = isObject(part.maybe('time')) && part.at('time').maybe('end') !== undefined
    if (!over) return []
    return [{ type: 'text', ...messageOf(part), part: part.text('id'), text: part.text('text') }]
  }

  const takeMessage = (info: Fields): Line[] => {
    const at = { session: info.text('sessionID'), message: info.text('id') }
    if (info.text('role') === 'user') {
      users.set(at.message, true)
      return []
    }
    const parent = info.text('parentID')
    const begun: Extract<Line, { type: 'assistant' }> = {
      type: 'assistant',
      ...at,
      parent,
      summary: info.maybe('summary') === true,
    }
    if (info.at('time').maybe('completed') === undefined) return once(begun)
    const finish = info.maybe('finish')
    const used = usedBy(info)
    return [
      ...once(begun),
      {
        type: 'done',
        ...at,
        finish: typeof finish === 'string' ? finish : null,
        error: failureOf(info.maybe('error')),
        ...(used ? { used } : {}),
      },
    ]
  }

  /** A message is told of at each of its changes. */
  const once = (begun: Extract<Line, { type: 'assistant' }>): Line[] => {
    if (answers.get(begun.message)) return []
    answers.set(begun.message, true)
    return [begun]
  }

  const asked = (of: Fields, kind: 'permission' | 'question'): Line[] => {
    const call = isObject(of.maybe('tool')) ? of.at('tool').maybe('callID') : undefined
    const known = typeof call === 'string' ? calls.get(call) : undefined
    const metadata = of.maybe('metadata')
    const command = isObject(metadata) ? metadata.command : undefined
    return [
      {
        type: 'asks',
        session: of.text('sessionID'),
        kind,
        command: typeof command === 'string' ? command : (known?.command ?? null),
        folder: kind === 'permission' ? (known?.folder ?? folder) : null,
      },
    ]
  }

  const lines: Record<string, (of: Fields) => Line[]> = {
    'session.created': (of) =>
      typeof of.at('info').maybe('parentID') === 'string'
        ? [{ type: 'child', session: of.text('sessionID') }]
        : [],
    'message.updated': (of) => takeMessage(of.at('info')),
    'message.part.updated': (of) => takePart(of.at('part')),
    'message.part.delta': (of) => {
      const part = of.text('partID')
      // The model's thoughts have deltas of the same name.
      if (!texts.get(part) || of.text('field') !== 'text') return []
      return [
        {
          type: 'delta',
          session: of.text('sessionID'),
          message: of.text('messageID'),
          part,
          text: of.text('delta'),
        },
      ]
    },
    'permission.asked': (of) => asked(of, 'permission'),
    'question.asked': (of) => asked(of, 'question'),
    'session.status': (of) => {
      const status = of.at('status').text('type')
      return status === 'busy' || status === 'retry' || status === 'idle'
        ? [{ type: 'status', session: of.text('sessionID'), status }]
        : []
    },
    'session.error': (of) => {
      const session = of.maybe('sessionID')
      const error = failureOf(of.maybe('error'))
      return error
        ? [{ type: 'error', session: typeof session === 'string' ? session : null, error }]
        : []
    },
  }

  /** The lines of an event; one that says what is missing when it is not as we know it. */
  return ({ type, properties }: HostEvent): Line[] => {
    const read = Object.hasOwn(lines, type) ? lines[type] : undefined
    if (!read) return []
    try {
      return read(fieldsOf(properties, 'properties'))
    } catch (error) {
      if (error instanceof MissingField)
        return [{ type: 'strange', event: type, field: error.message }]
      throw error
    }
  }
}

class MissingField extends Error {}

/** An object from outside, whose fields are looked at before they are used. */
type Fields = {
  /** Throws MissingField when it is no text. */
  text(name: string): string
  /** Throws MissingField when it is no object. */
  at(name: string): Fields
  maybe(name: string): unknown
}

const fieldsOf = (value: unknown, path: string): Fields => {
  if (!isObject(value)) throw new MissingField(path)
  return {
    text: (name) => {
      const found = value[name]
      if (typeof found !== 'string') throw new MissingField(`${path}.${name}`)
      return found
    },
    at: (name) => fieldsOf(value[name], `${path}.${name}`),
    maybe: (name) => value[name],
  }
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null

const messageOf = (part: Fields) => ({
  session: part.text('sessionID'),
  message: part.text('messageID'),
})

const failureOf = (error: unknown): Failure | null => {
  if (!isObject(error)) return null
  const data = isObject(error.data) ? error.data : {}
  const name = typeof error.name === 'string' ? error.name : 'Error'
  return { name, message: typeof data.message === 'string' ? data.message : name }
}

/** Null when it does not tell all of it as we know it: a part would pass for the whole. */
const usedBy = (info: Fields): Used | null => {
  const tokens = info.maybe('tokens')
  if (!isObject(tokens) || !isObject(tokens.cache)) return null
  const { input, output, reasoning = 0 } = tokens
  const { read: cacheRead, write: cacheWrite } = tokens.cache
  const cost = info.maybe('cost')
  if (!isCount(input) || !isCount(output) || !isCount(reasoning)) return null
  if (!isCount(cacheRead) || !isCount(cacheWrite)) return null
  const model = info.maybe('modelID')
  return {
    model: typeof model === 'string' ? model : null,
    ...{ input, output: output + reasoning, cacheRead, cacheWrite },
    cost: isCount(cost) ? cost : 0,
  }
}

const isCount = (value: unknown): value is number =>
  typeof value === 'number' && Number.isFinite(value) && value >= 0

const remembering = <Value>() => {
  const kept = new Map<string, Value>()
  return {
    get: (key: string) => kept.get(key),
    set: (key: string, value: Value) => {
      kept.delete(key)
      kept.set(key, value)
      const [oldest] = kept.keys()
      if (kept.size > REMEMBERED_MAX && oldest !== undefined) kept.delete(oldest)
    },
  }
}
