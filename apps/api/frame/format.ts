/** `just now`, `4 min ago`, `in 2 h`, `3 days ago`. */
export const relative = (iso: string | null, now: Date): string => {
  if (!iso) return 'never'
  const ms = new Date(iso).getTime() - now.getTime()
  const words = span(Math.abs(ms))
  if (words === null) return ms > 0 ? 'in a moment' : 'just now'
  return ms > 0 ? `in ${words}` : `${words} ago`
}

const span = (ms: number): string | null => {
  const minutes = Math.round(ms / 60_000)
  if (ms < 45_000) return null
  if (minutes < 60) return `${Math.max(1, minutes)} min`
  const hours = Math.round(minutes / 60)
  if (hours < 36) return `${hours} h`
  return `${Math.round(hours / 24)} days`
}

/** `380 ms`, `4.2 s`, `3 min 20 s`, `2 h 5 min`. */
export const duration = (ms: number | null): string => {
  if (ms === null) return '–'
  if (ms < 1_000) return `${Math.round(ms)} ms`
  if (ms < 60_000) return `${(ms / 1_000).toFixed(1)} s`
  const minutes = Math.floor(ms / 60_000)
  if (minutes < 60) return `${minutes} min ${Math.round((ms % 60_000) / 1_000)} s`
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`
}

/** `0:42`, `1:03:07`: how long something has been going on. */
export const stopwatch = (sinceIso: string, now: Date): string => {
  const seconds = Math.max(0, Math.floor((now.getTime() - new Date(sinceIso).getTime()) / 1_000))
  const two = (number: number) => String(number).padStart(2, '0')
  const minutes = Math.floor(seconds / 60)
  return minutes < 60
    ? `${minutes}:${two(seconds % 60)}`
    : `${Math.floor(minutes / 60)}:${two(minutes % 60)}:${two(seconds % 60)}`
}

/** `2026-03-02 10:00:05 UTC`. */
export const utc = (iso: string): string => `${iso.slice(0, 19).replace('T', ' ')} UTC`

// Made once: making one costs as much as a thousand uses of it.
const toTheMinute = {
  weekday: 'short',
  day: 'numeric',
  month: 'short',
  hour: '2-digit',
  minute: '2-digit',
} as const
const localTime = new Intl.DateTimeFormat('en-GB', toTheMinute)
const localSeconds = new Intl.DateTimeFormat('en-GB', { ...toTheMinute, second: '2-digit' })
const dayOfYear = new Intl.DateTimeFormat('en-GB', {
  weekday: 'short',
  day: 'numeric',
  month: 'short',
  year: 'numeric',
  timeZone: 'UTC',
})
const dayOfMonth = new Intl.DateTimeFormat('en-GB', {
  day: 'numeric',
  month: 'short',
  timeZone: 'UTC',
})
const number = new Intl.NumberFormat('en')

/** `Mon 2 Mar, 10:00` on this machine's clock. */
export const local = (iso: string): string => localTime.format(new Date(iso))

/** `Mon 2 Mar, 10:00:05` on this machine's clock: where much happens within a minute. */
export const localExact = (iso: string): string => localSeconds.format(new Date(iso))

/** `Fri 27 Nov 2026` of `2026-11-27`. */
export const day = (iso: string): string => dayOfYear.format(new Date(`${iso}T00:00:00Z`))

/** `27 Nov` of `2026-11-27`. */
export const shortDay = (iso: string): string => dayOfMonth.format(new Date(`${iso}T00:00:00Z`))

/** `Europe/Berlin`: the zone of this machine's clock, which a field without script is read in. */
export const zone = (): string => Intl.DateTimeFormat().resolvedOptions().timeZone

/** `2026-03-02T10:00` on this machine's clock: what a datetime field shows. */
export const dateField = (iso: string): string => {
  const at = new Date(iso)
  const two = (number: number) => String(number).padStart(2, '0')
  const day = `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`
  return `${day}T${two(at.getHours())}:${two(at.getMinutes())}`
}

/** `480 B`, `1.2 KiB`, `10 MiB`. */
export const bytes = (count: number): string => {
  if (count < 1_024) return `${count} B`
  const [size, unit] = count < 1_048_576 ? [count / 1_024, 'KiB'] : [count / 1_048_576, 'MiB']
  return `${size < 10 ? size.toFixed(1) : Math.round(size)} ${unit}`
}

export const plural = (count: number, one: string, many = `${one}s`): string =>
  `${number.format(count)} ${count === 1 ? one : many}`

/** Counted no further than this, and shown as `999+`. */
export const COUNT_SHOWN_MAX = 1_000

export const countUp = (count: number): string =>
  count < COUNT_SHOWN_MAX ? String(count) : `${COUNT_SHOWN_MAX - 1}+`

/** `a`, `a and b`, `a, b and c`. */
export const enumerate = (words: readonly string[]): string =>
  words.length < 2 ? words.join() : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`

/** One line of a longer text. */
export const firstLine = (text: string, max = 120): string => {
  const line = text.trim().split('\n')[0] ?? ''
  return line.length > max ? `${line.slice(0, max - 1)}…` : line
}
