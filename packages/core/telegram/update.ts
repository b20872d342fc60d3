import { type Static, Type } from 'typebox'
import { Value } from 'typebox/value'
import { plainText } from '../redaction/plain.ts'

const Id = Type.Integer()
const User = Type.Object({
  id: Id,
  is_bot: Type.Optional(Type.Boolean()),
  first_name: Type.Optional(Type.String()),
})
const Chat = Type.Object({
  id: Id,
  type: Type.String(),
  username: Type.Optional(Type.String()),
})
const Message = Type.Object({
  message_id: Id,
  date: Type.Optional(Type.Integer()),
  chat: Chat,
  from: Type.Optional(User),
  text: Type.Optional(Type.String()),
  caption: Type.Optional(Type.String()),
  reply_to_message: Type.Optional(Type.Object({ message_id: Id, from: Type.Optional(User) })),
})
const Press = Type.Object({
  id: Type.String({ maxLength: 200 }),
  from: User,
  data: Type.Optional(Type.String({ maxLength: 64 })),
  message: Type.Optional(Type.Object({ message_id: Id, chat: Chat })),
})
/** Just what we read of an update; whatever else Telegram sends is let through and not looked at. */
const Update = Type.Object({
  update_id: Id,
  message: Type.Optional(Message),
  edited_message: Type.Optional(Message),
  callback_query: Type.Optional(Press),
})
type Message = Static<typeof Message>

/** What Telegram is asked to send. */
export const updateKinds = ['message', 'edited_message', 'callback_query'] as const

/** Who, where. `name` is what the person calls themselves: shown, never trusted. */
export type From = {
  userId: number
  name: string
  chatId: string
  chatName: string | null
  isGroup: boolean
  messageId: number
}

export type Incoming =
  | { type: 'text'; from: From; text: string; replyTo: number | null }
  | { type: 'command'; from: From; name: string; rest: string }
  | { type: 'edited'; from: From; text: string }
  | { type: 'press'; from: From; queryId: string; data: string }
  /** Something that is no text; what is written under it is. */
  | { type: 'unsupported'; from: From; what: string; caption: string }
  | { type: 'ignored'; kind: string }

/** What else a message may carry, as we name it to the person. */
const contents: readonly [field: string, what: string][] = [
  ['photo', 'a picture'],
  ['voice', 'a voice message'],
  ['video', 'a video'],
  ['video_note', 'a video'],
  ['audio', 'a sound file'],
  ['animation', 'an animation'],
  ['document', 'a file'],
  ['sticker', 'a sticker'],
  ['location', 'a place'],
  ['contact', 'a contact'],
  ['poll', 'a poll'],
]

export const updateIdOf = (raw: unknown): number | null => {
  const id = (raw as { update_id?: unknown } | null)?.update_id
  return Number.isSafeInteger(id) ? (id as number) : null
}

/** The bot as getMe tells it: how it is called in a group. */
export type Me = { id: number; username: string }

/**
 * An update as we understand it. In a group only what is meant for us counts: a command, an answer
 * to our message, or our name in it.
 */
export const readUpdate = (raw: unknown, me: Me): Incoming => {
  if (!Value.Check(Update, raw)) return { type: 'ignored', kind: 'malformed' }
  if (raw.callback_query) return readPress(raw.callback_query)
  if (raw.edited_message) {
    const from = fromOf(raw.edited_message)
    const text = raw.edited_message.text ?? raw.edited_message.caption
    return from && text !== undefined
      ? { type: 'edited', from, text: plainText(text) }
      : { type: 'ignored', kind: 'edited_message' }
  }
  if (raw.message) return readMessage(raw.message, me)
  const kind = Object.keys(raw).find((key) => key !== 'update_id') ?? 'empty'
  return { type: 'ignored', kind: plainText(kind).slice(0, 40) }
}

const readPress = (press: Static<typeof Press>): Incoming => {
  const { message, data } = press
  // Without a message it comes from elsewhere: we put buttons nowhere else.
  if (!message || data === undefined) return { type: 'ignored', kind: 'callback_query' }
  const from = fromOf({ ...message, from: press.from })
  return from
    ? { type: 'press', from, queryId: press.id, data }
    : { type: 'ignored', kind: 'callback_query' }
}

const readMessage = (message: Message, me: Me): Incoming => {
  const from = fromOf(message)
  if (!from) return { type: 'ignored', kind: 'message without a person' }
  const carried = contents.find(([field]) => field in message)
  if (carried)
    return from.isGroup && !isForUs(message, me)
      ? { type: 'ignored', kind: 'group talk' }
      : {
          type: 'unsupported',
          from,
          what: carried[1],
          caption: withoutName(plainText(message.caption ?? ''), me).trim(),
        }
  if (message.text === undefined) return { type: 'ignored', kind: 'service message' }
  const text = plainText(message.text)
  const command = /^\/([a-z0-9_]{1,32})(?:@(\w{1,64}))?(?:\s+([\s\S]*))?$/i.exec(text)
  if (command) {
    const [, name = '', to, rest = ''] = command
    if (to && to.toLowerCase() !== me.username.toLowerCase())
      return { type: 'ignored', kind: 'command for another bot' }
    return { type: 'command', from, name: name.toLowerCase(), rest: rest.trim() }
  }
  if (from.isGroup && !isForUs(message, me)) return { type: 'ignored', kind: 'group talk' }
  const words = withoutName(text, me)
  if (words.trim() === '') return { type: 'ignored', kind: 'empty text' }
  return { type: 'text', from, text: words, replyTo: message.reply_to_message?.message_id ?? null }
}

const fromOf = (message: Pick<Message, 'message_id' | 'chat' | 'from'>): From | null => {
  const { chat, from } = message
  if (!from || from.is_bot === true) return null
  return {
    userId: from.id,
    name: nameOf(from.first_name),
    chatId: String(chat.id),
    chatName: chat.username ? `@${chat.username}` : null,
    isGroup: chat.type !== 'private',
    messageId: message.message_id,
  }
}

const NAME_CHARS_MAX = 32

const nameOf = (first: string | undefined): string => {
  const chars = [
    ...plainText(first ?? '')
      .replace(/\s+/g, ' ')
      .trim(),
  ]
  return chars.slice(0, NAME_CHARS_MAX).join('') || 'Somebody'
}

const isForUs = (message: Message, me: Me): boolean =>
  message.reply_to_message?.from?.id === me.id ||
  (message.text ?? message.caption ?? '').toLowerCase().includes(`@${me.username.toLowerCase()}`)

/** Our name says only whom it is for. */
const withoutName = (text: string, { username }: Me): string =>
  username === '' ? text : text.replace(new RegExp(`\\s?@${username}\\b`, 'gi'), '').trim()
