import { type Static, Type } from 'typebox'
import { type NewItem, priorities } from '../inbox/item.ts'
import { EVENTS_MAX, expecting, type HookEvent, type Reading } from './event.ts'

const states = ['failed', 'ok', 'note'] as const

const Message = Type.Object({
  message: Type.String({ minLength: 1 }),
  title: Type.Optional(Type.String()),
  /** Which trouble: the same key while it lasts; `ok` with that key ends it. */
  key: Type.Optional(Type.String({ minLength: 1, maxLength: 500 })),
  /** Which occurrence of it: told twice, it is counted. */
  id: Type.Optional(Type.String({ minLength: 1, maxLength: 500 })),
  status: Type.Optional(Type.Enum(states)),
  priority: Type.Optional(Type.Enum(priorities)),
  about: Type.Optional(Type.String()),
  url: Type.Optional(Type.String()),
})
type Message = Static<typeof Message>

const Payload = Type.Union([
  Type.String({ minLength: 1 }),
  Message,
  Type.Array(Message, { minItems: 1, maxItems: EVENTS_MAX }),
])

/** Any program's own words: a text, an object with "message", or a list of them. */
export const readPlain = (payload: unknown): Reading => {
  const read = expecting(Payload, payload, 'a text, or JSON with "message"')
  const messages: Message[] =
    typeof read === 'string' ? [{ message: read }] : Array.isArray(read) ? read : [read]
  return { events: messages.map(toEvent), ignored: null }
}

const toEvent = (said: Message): HookEvent => {
  const status = said.status ?? 'note'
  return {
    subject: said.key ?? (said.id ? `id ${said.id}` : null),
    occurrence: said.id ? `${said.id} ${status}` : null,
    state: status === 'failed' ? 'bad' : status === 'ok' ? 'good' : 'note',
    kind: status,
    priority: said.priority ?? 'normal',
    about: said.about ?? said.key ?? 'message',
    title: said.title ?? said.message.trim().split('\n')[0] ?? '',
    text: said.message,
    isRoutine: true,
    url: said.url,
  }
}

/**
 * What a webhook's credential posts as an item, as an event: of the fields that rules read only
 * those that cannot speak of somebody else's trouble. `sourceId` and the words stay its own.
 */
export const eventOfItem = (item: NewItem): HookEvent => {
  const { recoveredFrom, url } = item.detail ?? {}
  const ended = (recoveredFrom as { fingerprint?: unknown } | undefined)?.fingerprint
  const subject = item.fingerprint ?? (typeof ended === 'string' ? ended : null)
  const good = item.kind === 'ok'
  const bad = item.kind && item.kind !== 'ok' && item.kind !== 'note' && item.kind !== 'skipped'
  return {
    subject,
    // Each post is one; who may say the same twice sends an Idempotency-Key.
    occurrence: crypto.randomUUID(),
    state: good ? 'good' : bad ? 'bad' : 'note',
    // What heals itself is a part of Mission Control.
    kind: item.kind === 'self_heal' || !item.kind ? 'note' : item.kind,
    priority: item.priority ?? 'normal',
    about: [item.source, item.sourceId].filter(Boolean).join('/'),
    title: item.message.trim().split('\n')[0] ?? '',
    text: item.message,
    isRoutine: !recoveredFrom,
    url: typeof url === 'string' ? url : undefined,
    facts: Object.fromEntries(
      Object.entries(item.detail ?? {})
        .filter(([, value]) => ['string', 'number', 'boolean'].includes(typeof value))
        .map(([name, value]) => [name, String(value)]),
    ),
  }
}
