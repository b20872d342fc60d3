/** One button under a message; `data` comes back when it is pressed (Telegram: at most 64 bytes). */
export type Button = { label: string; data: string }

/** What is told, in both the forms that channels take. */
export type Message = {
  /** Telegram's HTML, at most MESSAGE_CHARS_MAX characters. */
  html: string
  /** The same in plain words. */
  text: string
  buttons?: Button[][]
  /** One line, for channels with a subject. */
  title?: string
  /** Of a credential that is refused, or critical. */
  urgent?: boolean
  /** Where a person reads on; null when nobody can reach the app. */
  url?: string | null
}

/**
 * How a message fared. `wait`: not before `afterMs`; `retry`: the way there failed; `unsure`: it may have
 * arrived all the same.
 */
export type Sent =
  | { status: 'sent'; ref: string }
  | { status: 'wait'; afterMs: number; reason: string }
  | { status: 'retry'; reason: string; unsure?: boolean }
  /** Nothing gets through until a person repairs the token or the chat. */
  | { status: 'broken'; reason: string }
  /** This message alone is not taken. */
  | { status: 'refused'; reason: string }

/** Where alerts go. Never throws: what went wrong is in the answer, without any secret. */
export type Channel = { send(message: Message, signal: AbortSignal): Promise<Sent> }

/** In the order in which they stand in for each other. */
export const channelNames = ['telegram', 'webhook', 'email'] as const
export type ChannelName = (typeof channelNames)[number]
