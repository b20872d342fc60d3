import { isFixedTime, nextSlot } from './calendar.ts'
import { cronWords } from './cron-words.ts'
import type { Task } from './task.ts'
import { type Stretch, stretchAt } from './zone.ts'

export type Fire = {
  /** ISO, UTC. */
  utc: string
  /** `Sun 2026-03-29 03:00:00 +02:00`. */
  local: string
}

export type Explained = {
  cron: string
  timezone: string
  words: string
  next: Fire[]
  /** What the next changes of the clocks do to it; empty where they never change. */
  clockChanges: string[]
  /** How a day of the month and a weekday go together; null when at most one is said. */
  days: string | null
}

type Times = Pick<Task, 'cron' | 'timezone'>

const CHANGES_SHOWN = 2
const YEAR_MS = 370 * 86_400_000

/** When it fires next, and what the calendar's rules do to it. Throws for a bad expression or zone. */
export const explain = (task: Times, from: Date, count: number): Explained => {
  const next: Fire[] = []
  for (let slot = nextSlot(task, from); slot && next.length < count; slot = nextSlot(task, slot))
    next.push({ utc: slot.toISOString(), local: localTime(task.timezone, slot.getTime()) })
  return {
    ...task,
    words: cronWords(task.cron),
    next,
    clockChanges: changesAfter(task.timezone, from).map((change) => changeWords(task, change)),
    days: daysWords(task.cron),
  }
}

const weekdays = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat']

/** `Sun 2026-03-29 03:00:00 +02:00`: a moment as the clocks of a zone show it. */
export const localTime = (timezone: string, at: number): string => {
  const { offsetMs } = stretchAt(timezone, at)
  return `${floating(at + offsetMs)} ${offsetWords(offsetMs)}`
}

const floating = (local: number): string => {
  const date = new Date(local)
  return `${weekdays[date.getUTCDay()]} ${date.toISOString().slice(0, 19).replace('T', ' ')}`
}

const clockTime = (local: number): string => new Date(local).toISOString().slice(11, 16)

const offsetWords = (offsetMs: number): string => {
  const minutes = Math.abs(Math.round(offsetMs / 60_000))
  const two = (number: number) => String(number).padStart(2, '0')
  return `${offsetMs < 0 ? '-' : '+'}${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`
}

type Change = { at: number; before: Stretch; after: Stretch }

const changesAfter = (timezone: string, from: Date): Change[] => {
  const changes: Change[] = []
  let before = stretchAt(timezone, from.getTime())
  while (changes.length < CHANGES_SHOWN && before.until < from.getTime() + YEAR_MS) {
    const after = stretchAt(timezone, before.until)
    if (after.offsetMs !== before.offsetMs) changes.push({ at: before.until, before, after })
    before = after
  }
  return changes
}

const changeWords = (task: Times, { at, before, after }: Change): string => {
  const [was, is] = [at + before.offsetMs, at + after.offsetMs]
  const forward = is > was
  const day = floating(was).slice(0, 14)
  const head = `${day}: at ${clockTime(was)} clocks go ${forward ? 'forward' : 'back'} to ${clockTime(is)}.`
  // What the calendar says of the local times that are left out, or come twice.
  const affected = floatingFires(task.cron, Math.min(was, is), Math.max(was, is))
  const [first] = affected
  const span = `${clockTime(Math.min(was, is))}–${clockTime(Math.max(was, is))}`
  if (first === undefined) return `${head} Nothing is due in ${span}: nothing changes for it.`
  const isFixed = isFixedTime(task.cron)
  if (isFixed && forward) {
    const runs = nextSlot(task, new Date(at - 1))?.getTime() === at
    return `${head} ${clockTime(first)} does not exist that day: ${runs ? `it fires once, at ${clockTime(is)}` : 'it does not fire'}.`
  }
  if (isFixed) return `${head} ${clockTime(first)} comes twice: it fires the first time only.`
  return forward
    ? `${head} It follows real time: the fires of ${span} do not come, and none is made up for.`
    : `${head} It follows real time: the fires of ${span} come in both hours.`
}

const FIRES_LOOKED_AT = 2

const floatingFires = (cron: string, from: number, until: number): number[] => {
  const fires: number[] = []
  const task = { cron, timezone: 'UTC' }
  let slot = nextSlot(task, new Date(from - 1))
  while (slot && slot.getTime() < until && fires.length < FIRES_LOOKED_AT) {
    fires.push(slot.getTime())
    slot = nextSlot(task, slot)
  }
  return fires
}

const daysWords = (cron: string): string | null => {
  const fields = cron.trim().split(/\s+/)
  if (fields.length < 5) return null
  const [day = '*', , weekday = '*'] = fields.slice(-3)
  if (/^[*?]$/.test(day) || /^[*?]$/.test(weekday)) return null
  if (weekday.startsWith('+'))
    return `Both days are restricted, and "+" asks for both: it fires when the day of the month is ${day} AND the weekday ${weekday.slice(1)}.`
  const vixie = day.startsWith('*/') || weekday.startsWith('*/')
  return `Both days are restricted: it fires when the day of the month is ${day} OR the weekday is ${weekday}.${
    vixie ? ' Vixie cron would ask for both here, because of the "*/".' : ''
  } To ask for both write the weekday as "+${weekday}".`
}
