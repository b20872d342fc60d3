import type { Alert } from './alert.ts'

/** Telegram's own limit on one message, counted here after escaping: the stricter reading. */
export const MESSAGE_CHARS_MAX = 4096

const TITLE_CHARS_MAX = 300
const LIST_TITLE_CHARS_MAX = 160

/**
 * One alert, or several as one list, as Telegram HTML: never longer than MESSAGE_CHARS_MAX. Each
 * carries its visible id (`#12`), by which a repeat after a crash can be recognised, and a link
 * when people can reach the app (`publicUrl` not null).
 */
export const alertMessage = (alerts: readonly Alert[], publicUrl: string | null): string => {
  const [first] = alerts
  if (!first) throw new Error('Expected at least one alert to write about, got none')
  return alerts.length === 1 ? one(first, publicUrl) : list(alerts, publicUrl)
}

const one = (alert: Alert, publicUrl: string | null): string => {
  const head = `<b>${mark(alert)}${escapeHtml(cut(alert.title, TITLE_CHARS_MAX))}</b>`
  const link = publicUrl ? ` · ${anchor(publicUrl, `/alerts#alert-${alert.id}`, 'open')}` : ''
  const foot = `#${alert.id}${times(alert)}${link}`
  const room = MESSAGE_CHARS_MAX - head.length - foot.length - 2
  const body = escapeWithin(alert.text, room)
  return [head, body, foot].filter((part) => part !== '').join('\n')
}

const list = (alerts: readonly Alert[], publicUrl: string | null): string => {
  const head = `<b>${alerts.length} alerts</b>`
  const link = publicUrl ? anchor(publicUrl, '/alerts', 'open the list') : ''
  const lines: string[] = []
  const more = (count: number) => `+${count} more`
  let length = head.length + link.length + more(alerts.length).length + 3
  for (const alert of alerts) {
    const line = `#${alert.id} ${mark(alert)}${escapeHtml(cut(alert.title, LIST_TITLE_CHARS_MAX))}${times(alert)}`
    if (length + line.length + 1 > MESSAGE_CHARS_MAX) break
    lines.push(line)
    length += line.length + 1
  }
  const left = alerts.length - lines.length
  return [head, ...lines, left > 0 ? more(left) : '', link].filter((part) => part !== '').join('\n')
}

const mark = (alert: Alert) =>
  alert.kind === 'recovered' ? '✅ ' : alert.severity === 'critical' ? '🔴 ' : ''

const times = (alert: Alert) => (alert.occurrences > 1 ? ` · ${alert.occurrences} times` : '')

const anchor = (publicUrl: string, path: string, label: string) =>
  `<a href="${escapeHtml(publicUrl + path)}">${escapeHtml(label)}</a>`

/** One line, cut by whole characters. */
const cut = (text: string, max: number): string => {
  const line = text.replace(/\s+/g, ' ').trim()
  const chars = [...line]
  return chars.length <= max ? line : `${chars.slice(0, max - 1).join('')}…`
}

/** The escaped text, cut so that no entity and no character is split. */
const escapeWithin = (text: string, room: number): string => {
  const whole = escapeHtml(text.trim())
  if (whole.length <= room) return whole
  let cutText = ''
  for (const char of text.trim()) {
    const next = escapeHtml(char)
    if (cutText.length + next.length + 1 > room) break
    cutText += next
  }
  return `${cutText}…`
}

/** What Telegram's HTML asks to be escaped; control characters but `\n` and `\t` are dropped. */
const escapeHtml = (text: string): string =>
  text
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is being removed
    .replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, '')
    .replace(/&/g, '&amp;')
    .replace(/</g, '&lt;')
    .replace(/>/g, '&gt;')
    .replace(/"/g, '&quot;')
