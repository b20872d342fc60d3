import type { Message } from './channel.ts'

/** What the other side of a webhook understands. `json` is our own plain form. */
export const webhookShapes = ['ntfy', 'slack', 'discord', 'json'] as const
export type WebhookShape = (typeof webhookShapes)[number]

export type WebhookCall = { url: string; body: Record<string, unknown> }

/** docs.ntfy.sh/publish: longer messages become attachments. */
export const NTFY_BYTES_MAX = 4_096
/** discord.com/developers/docs/resources/webhook: `content`. */
export const DISCORD_CHARS_MAX = 2_000

export const guessShape = (url: string): WebhookShape => {
  const { hostname, pathname } = new URL(url)
  if (hostname === 'ntfy.sh') return 'ntfy'
  if (hostname === 'hooks.slack.com') return 'slack'
  if (/(^|\.)discord(app)?\.com$/.test(hostname) && pathname.startsWith('/api/webhooks/'))
    return 'discord'
  return 'json'
}

/** Where a message is posted in this shape, and as what. Text from outside stays text: no markup, no mention. */
export const webhookCall = (shape: WebhookShape, url: string, message: Message): WebhookCall =>
  shapes[shape](url, message)

const shapes: Record<WebhookShape, (url: string, message: Message) => WebhookCall> = {
  /** As JSON it goes to the root of the server and names its topic; the title needs no encoding so. */
  ntfy: (url, { text, title, urgent, url: click }) => {
    const root = new URL(url)
    const topic = decodeURIComponent(root.pathname.split('/').filter(Boolean).at(-1) ?? '')
    root.pathname = '/'
    const [head = '', ...rest] = text.split('\n')
    // The title is not told twice.
    const body = title && head.endsWith(title) && rest.length > 0 ? rest.join('\n') : text
    return {
      url: root.href,
      body: {
        topic,
        title: title ?? 'Mission Control',
        message: cutTo(
          body,
          NTFY_BYTES_MAX,
          (char) => char,
          (piece) => Buffer.byteLength(piece),
        ),
        // 3 is its default, 5 rings through do-not-disturb where the phone allows it.
        priority: urgent ? 5 : 3,
        ...(urgent ? { tags: ['rotating_light'] } : {}),
        ...(click ? { click } : {}),
      },
    }
  },

  slack: (url, { text }) => ({
    url,
    body: {
      text: text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;'),
      mrkdwn: false,
      unfurl_links: false,
    },
  }),

  discord: (url, { text }) => {
    const waiting = new URL(url)
    // So it answers with the message and its id.
    waiting.searchParams.set('wait', 'true')
    return {
      url: waiting.href,
      body: {
        content: cutTo(text, DISCORD_CHARS_MAX, escapeMarkdown, (piece) => piece.length),
        username: 'Mission Control',
        allowed_mentions: { parse: [] },
        // SUPPRESS_EMBEDS
        flags: 4,
      },
    }
  },

  json: (url, { text, title, urgent, url: link }) => ({
    url,
    body: {
      source: 'mission-control',
      title: title ?? 'Mission Control',
      text,
      urgent: urgent ?? false,
      url: link ?? null,
    },
  }),
}

const escapeMarkdown = (char: string): string =>
  /[\\*_~`|>#[\]()<]/.test(char) ? `\\${char}` : char

/** Escaped character by character, so that nothing is cut in the middle of one or of its escape. */
const cutTo = (
  text: string,
  max: number,
  write: (char: string) => string,
  lengthOf: (piece: string) => number,
): string => {
  const pieces = Array.from(text, write)
  if (lengthOf(pieces.join('')) <= max) return pieces.join('')
  let length = lengthOf('…')
  let kept = ''
  for (const piece of pieces) {
    length += lengthOf(piece)
    if (length > max) break
    kept += piece
  }
  return `${kept}…`
}
