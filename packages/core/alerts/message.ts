import { type Alert, isUrgent } from './alert.ts'
import type { Message } from './channel.ts'
import type { MessageForm } from './choose.ts'

/** Telegram's own limit on one message, counted here after escaping: the stricter reading. */
export const MESSAGE_CHARS_MAX = 4096

const TITLE_CHARS_MAX = 300
const LIST_TITLE_CHARS_MAX = 160

export type Telling = {
  alerts: readonly Alert[]
  form?: MessageForm
  /** What stands above several: why they come together. Without: how many they are. Under one, when given. */
  heading?: string
  /** Ids of those that may have arrived before. */
  repeated?: ReadonlySet<number>
}

/** How one channel writes: what is escaped, what is marked, where a link goes. */
type Hand = {
  escape(text: string): string
  bold(escaped: string): string
  link(url: string, label: string): string
}

/**
 * One alert, or several as one list, in both forms, each never longer than MESSAGE_CHARS_MAX. Each
 * carries its visible id (`#12`), by which a repeat after a crash can be recognised, and a link
 * when people can reach the app (`publicUrl` not null).
 */
export const alertMessage = (telling: Telling, publicUrl: string | null): Message => {
  const [first] = telling.alerts
  if (!first) throw new Error('Expected at least one alert to write about, got none')
  const isOne = telling.alerts.length === 1
  const path = isOne ? `/alerts/${first.id}` : '/alerts'
  const url = publicUrl ? publicUrl + path : null
  const write = (hand: Hand) => (isOne ? one(first, telling, url, hand) : list(telling, url, hand))
  return {
    html: write(html),
    text: write(plain),
    title: isOne ? cut(first.title, TITLE_CHARS_MAX) : headingOf(telling),
    urgent: telling.alerts.some(isUrgent),
    url,
  }
}

const one = (
  alert: Alert,
  { repeated, heading }: Telling,
  url: string | null,
  hand: Hand,
): string => {
  const head = hand.bold(hand.escape(mark(alert) + cut(alert.title, TITLE_CHARS_MAX)))
  const why = heading ? `${hand.escape(heading)}\n` : ''
  const line = [
    `#${alert.id}`,
    ...times(alert),
    ...(alert.repeats > 0 ? [`reminder ${alert.repeats}`] : []),
    ...(repeated?.has(alert.id) ? ['sent again: it may have arrived before'] : []),
    ...(url ? [hand.link(url, 'open')] : []),
  ].join(' · ')
  const foot = why + line
  const room = MESSAGE_CHARS_MAX - head.length - foot.length - 2
  const body = escapeWithin(alert.text, room, hand)
  return [head, body, foot].filter((part) => part !== '').join('\n')
}

const list = (telling: Telling, url: string | null, hand: Hand): string => {
  const { alerts, repeated } = telling
  const head = hand.bold(hand.escape(headingOf(telling)))
  const link = url ? hand.link(url, 'open the list') : ''
  const lines: string[] = []
  const more = (count: number) => `+${count} more`
  let length = head.length + link.length + more(alerts.length).length + 3
  for (const alert of alerts) {
    const title = hand.escape(mark(alert) + cut(alert.title, LIST_TITLE_CHARS_MAX))
    const again = repeated?.has(alert.id) ? ['sent again'] : []
    const line = `#${alert.id} ${[title, ...times(alert), ...again].join(' · ')}`
    if (length + line.length + 1 > MESSAGE_CHARS_MAX) break
    lines.push(line)
    length += line.length + 1
  }
  const left = alerts.length - lines.length
  return [head, ...lines, left > 0 ? more(left) : '', link].filter((part) => part !== '').join('\n')
}

const headingOf = ({ alerts, form, heading }: Telling): string =>
  heading ??
  (form === 'overflow'
    ? `${alerts.length} more: the hour’s messages are used up`
    : `${alerts.length} alerts`)

const mark = (alert: Alert) =>
  alert.kind === 'recovered' ? '✅ ' : alert.severity === 'critical' ? '🔴 ' : ''

const times = (alert: Alert) => (alert.occurrences > 1 ? [`${alert.occurrences} times`] : [])

/** One line, cut by whole characters. */
const cut = (text: string, max: number): string => {
  const line = text.replace(/\s+/g, ' ').trim()
  const chars = [...line]
  return chars.length <= max ? line : `${chars.slice(0, max - 1).join('')}…`
}

/** The escaped text, cut so that no entity and no character is split. */
const escapeWithin = (text: string, room: number, hand: Hand): string => {
  const whole = hand.escape(text.trim())
  if (whole.length <= room) return whole
  let cutText = ''
  for (const char of text.trim()) {
    const next = hand.escape(char)
    if (cutText.length + next.length + 1 > room) break
    cutText += next
  }
  return `${cutText}…`
}

/** Control characters but `\n` and `\t` are dropped, and half characters replaced. */
const clean = (text: string): string =>
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is being removed
  text.toWellFormed().replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, '')

const plain: Hand = {
  escape: clean,
  bold: (text) => text,
  link: (url) => url,
}

/** What Telegram's HTML asks to be escaped. */
const escapeHtml = (text: string): string =>
  clean(text)
    .replace(/&/g, '&amp;')
    .replace(/</g, '&lt;')
    .replace(/>/g, '&gt;')
    .replace(/"/g, '&quot;')

const html: Hand = {
  escape: escapeHtml,
  bold: (escaped) => `<b>${escaped}</b>`,
  link: (url, label) => `<a href="${escapeHtml(url)}">${escapeHtml(label)}</a>`,
}
