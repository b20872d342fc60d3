import type { Priority } from '../inbox/item.ts'
import { ticketFromText } from './ticket.ts'

/** A word of the first line that is no part of the title, and what it was taken for. */
export type Chip = { kind: 'priority' | 'label' | 'due'; word: string; meaning: string }

export type QuickTicket = {
  title: string
  body: string
  priority: Priority | null
  labels: string[]
  /** `2026-12-01`; null when none was named. */
  due: string | null
  chips: Chip[]
}

const LABELS_MAX = 20

/** `\p{L}` first: `#12` is a number, not a label. */
const LABEL = /^#(\p{L}[\p{L}\p{N}_-]{0,48})$/u

const priorities: Record<string, Priority> = {
  '!1': 'critical',
  '!2': 'normal',
  '!3': 'low',
  '!critical': 'critical',
  '!normal': 'normal',
  '!low': 'low',
}

const weekdays = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday']

/**
 * A ticket from one text as a person types it: `Buy disks !1 #hardware due:fri`, then the
 * description. Only the first line has such words; one in backticks or after a backslash (`\#tag`)
 * stays. When nothing else would be left they all stay. `today` is the person's day, `2026-11-22`.
 */
export const readQuickTicket = (text: string, today: string): QuickTicket => {
  const [first = '', ...rest] = text.trim().split('\n')
  const { title, chips } = takeChips(first, today)
  const plain = title === '' ? first : title
  const found = title === '' ? [] : chips
  const priority = found.findLast(({ kind }) => kind === 'priority')
  const due = found.findLast(({ kind }) => kind === 'due')
  const labels = found.filter(({ kind }) => kind === 'label').map(({ meaning }) => meaning)
  return {
    ...ticketFromText([plain, ...rest].join('\n')),
    priority: (priority?.meaning as Priority | undefined) ?? null,
    labels: [...new Set(labels)].slice(0, LABELS_MAX),
    due: due?.meaning ?? null,
    chips: found,
  }
}

const takeChips = (line: string, today: string): { title: string; chips: Chip[] } => {
  const chips: Chip[] = []
  const kept: string[] = []
  const words = piecesOf(line)
  for (let at = 0; at < words.length; at++) {
    const word = words[at] ?? ''
    const next = words[at + 1]
    const both = next !== undefined && /^due:?$/i.test(word) ? dueOf(next, today) : null
    if (both) {
      chips.push({ kind: 'due', word: `${word} ${next}`, meaning: both })
      at++
      continue
    }
    const chip = chipOf(word, today)
    if (chip) chips.push(chip)
    else kept.push(/^\\[#!]/.test(word) ? word.slice(1) : word)
  }
  return { title: kept.join(' '), chips }
}

/** Words, with what stands in backticks as one. */
const piecesOf = (line: string): string[] => line.match(/(?:`[^`]*`|\S)+/g) ?? []

const chipOf = (word: string, today: string): Chip | null => {
  const priority = priorities[word.toLowerCase()]
  if (priority) return { kind: 'priority', word, meaning: priority }
  const label = LABEL.exec(word)?.[1]
  if (label) return { kind: 'label', word, meaning: label }
  const named = /^due:(.+)$/i.exec(word)?.[1]
  const due = named === undefined ? null : dueOf(named, today)
  return due ? { kind: 'due', word, meaning: due } : null
}

/**
 * The day of `2026-12-01`, `today`, `tomorrow`, `fri`, `friday` or `+3d`; null when it is none.
 * A weekday is the next one after today.
 */
export const dueOf = (words: string, today: string): string | null => {
  const text = words.toLowerCase().replace(/[.,;]$/, '')
  if (/^\d{4}-\d\d-\d\d$/.test(text)) return plusDays(text, 0) === text ? text : null
  if (text === 'today') return today
  if (text === 'tomorrow') return plusDays(today, 1)
  const days = /^\+(\d{1,3})d?$/.exec(text)?.[1]
  if (days) return plusDays(today, Number(days))
  const weekday = weekdays.findIndex((name) => text === name || text === name.slice(0, 3))
  if (weekday === -1) return null
  const from = new Date(`${today}T00:00:00Z`).getUTCDay()
  return plusDays(today, ((weekday - from + 6) % 7) + 1)
}

/** Null when `day` is no day, such as 2026-02-30 read strictly. */
const plusDays = (day: string, days: number): string | null => {
  const at = new Date(`${day}T00:00:00Z`)
  if (Number.isNaN(at.getTime())) return null
  at.setUTCDate(at.getUTCDate() + days)
  return at.toISOString().slice(0, 10)
}

/** The day on this machine's clock. */
export const localDay = (at: Date): string => {
  const two = (number: number) => String(number).padStart(2, '0')
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`
}
