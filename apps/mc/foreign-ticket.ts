import type { ImportedTicket } from '@mc/core/tickets/import.ts'

/** What other trackers call a column of ours; compared without case, spaces, dashes and underscores. */
const columns: Record<string, keyof ImportedTicket> = {
  title: 'title',
  summary: 'title',
  name: 'title',
  subject: 'title',
  body: 'body',
  description: 'body',
  status: 'status',
  state: 'status',
  priority: 'priority',
  labels: 'labels',
  tags: 'labels',
  due: 'due',
  duedate: 'due',
  key: 'key',
  id: 'key',
  issuekey: 'key',
  number: 'key',
  parent: 'parent',
  parentid: 'parent',
  parentkey: 'parent',
  blockedby: 'blockedBy',
  resolution: 'resolution',
  created: 'createdAt',
  createdat: 'createdAt',
  closed: 'closedAt',
  closedat: 'closedAt',
  resolved: 'closedAt',
}

const words = (text: string): string => text.toLowerCase().replace(/[\s_-]+/g, '')

/** The field of ours that a column means; null when none. */
export const fieldOf = (column: string): keyof ImportedTicket | null => meaning(columns, column)

/** A word of the list, whatever objects have from birth (`constructor`). */
const meaning = <T>(list: Record<string, T>, text: string): T | null =>
  Object.hasOwn(list, words(text)) ? (list[words(text)] ?? null) : null

const statuses: Record<string, NonNullable<ImportedTicket['status']>> = {
  parked: 'parked',
  backlog: 'parked',
  todo: 'todo',
  open: 'todo',
  new: 'todo',
  reopened: 'todo',
  doing: 'doing',
  inprogress: 'doing',
  started: 'doing',
  blocked: 'blocked',
  onhold: 'blocked',
  waiting: 'blocked',
  review: 'review',
  inreview: 'review',
  done: 'done',
  closed: 'done',
  resolved: 'done',
  completed: 'done',
  merged: 'done',
  cancelled: 'cancelled',
  canceled: 'cancelled',
  wontfix: 'cancelled',
  "won'tfix": 'cancelled',
  notplanned: 'cancelled',
  duplicate: 'cancelled',
}

const priorities: Record<string, NonNullable<ImportedTicket['priority']>> = {
  critical: 'critical',
  urgent: 'critical',
  highest: 'critical',
  blocker: 'critical',
  p0: 'critical',
  high: 'normal',
  major: 'normal',
  medium: 'normal',
  normal: 'normal',
  none: 'normal',
  nopriority: 'normal',
  p1: 'normal',
  p2: 'normal',
  low: 'low',
  lowest: 'low',
  minor: 'low',
  trivial: 'low',
  p3: 'low',
  p4: 'low',
}

const resolutionWords: Record<string, NonNullable<ImportedTicket['resolution']>> = {
  fixed: 'fixed',
  done: 'fixed',
  resolved: 'fixed',
  completed: 'fixed',
  recovered: 'recovered',
  wontfix: 'wont_fix',
  "won'tfix": 'wont_fix',
  "won'tdo": 'wont_fix',
  wontdo: 'wont_fix',
  notplanned: 'wont_fix',
  duplicate: 'duplicate',
  failed: 'failed',
}

export type Read = { ticket: Partial<ImportedTicket>; problems: string[]; ignored: string[] }

/**
 * One row of another tracker as a ticket of ours: columns by the names they are known under, words
 * for status and priority as others use them, times as ISO-8601 (without a zone: UTC). What means
 * nothing here is named in `ignored`, what cannot be read in `problems`.
 */
export const readForeign = (row: Record<string, unknown>): Read => {
  const read: Read = { ticket: {}, problems: [], ignored: [] }
  for (const [column, raw] of Object.entries(row)) {
    const field = fieldOf(column)
    if (field === null) {
      read.ignored.push(column)
      continue
    }
    if (raw === null || raw === undefined || raw === '') continue
    const value = readValue(field, raw)
    if (value === null)
      read.problems.push(`${column}: expected ${expected[field]}, got ${JSON.stringify(raw)}`)
    else Object.assign(read.ticket, { [field]: value })
  }
  if (read.ticket.title === undefined) read.problems.push('there is no title')
  return read
}

const expected: Record<keyof ImportedTicket, string> = {
  title: 'a text of at most 200 characters',
  body: 'a text',
  key: 'a text or number',
  parent: 'a text or number',
  status: `one of ${[...new Set(Object.values(statuses))].join(', ')}`,
  priority: `one of ${[...new Set(Object.values(priorities))].join(', ')}`,
  resolution: `one of ${[...new Set(Object.values(resolutionWords))].join(', ')}`,
  labels: 'words with commas between',
  blockedBy: 'keys with commas between',
  due: 'a day (2026-12-01)',
  createdAt: 'a time (2026-12-01T10:00:00Z)',
  closedAt: 'a time (2026-12-01T10:00:00Z)',
}

const readValue = (field: keyof ImportedTicket, raw: unknown): unknown => {
  if (field === 'labels' || field === 'blockedBy') return listOf(raw)
  if (typeof raw !== 'string' && typeof raw !== 'number') return null
  const text = String(raw).trim()
  if (field === 'status') return meaning(statuses, text)
  if (field === 'priority') return meaning(priorities, text)
  if (field === 'resolution') return meaning(resolutionWords, text)
  if (field === 'due') return timeOf(text)?.slice(0, 10) ?? null
  if (field === 'createdAt' || field === 'closedAt') return timeOf(text)
  return text
}

const listOf = (raw: unknown): string[] | null => {
  const parts = Array.isArray(raw) ? raw : typeof raw === 'string' ? raw.split(/[,;]/) : null
  if (!parts?.every((part) => typeof part === 'string' || typeof part === 'number')) return null
  return parts.map((part) => String(part).trim()).filter((part) => part !== '')
}

/** `2026-12-01`, `2026-12-01 10:00[:00]` and ISO-8601; null for any other. */
const timeOf = (text: string): string | null => {
  const match =
    /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d(?:\.\d+)?)?) ?(Z|UTC|[+-]\d\d:?\d\d)?)?$/.exec(
      text,
    )
  if (!match) return null
  const [, day = '', clock = '00:00', zone = 'Z'] = match
  const time = new Date(`${day}T${clock}${zone === 'UTC' ? 'Z' : zone}`)
  return Number.isNaN(time.getTime()) ? null : time.toISOString()
}
