import { type Alert, hasReserve, isUrgent } from './alert.ts'
import type { ChannelName } from './channel.ts'
import { type ChannelState, lastHour, slotFreeAt } from './channel-state.ts'

/**
 * one: an alert by itself. list: several that are due. summary: what waited for the end of quiet
 * hours, a mute or an outage. overflow: what the hour had no room for.
 */
export type MessageForm = 'one' | 'list' | 'summary' | 'overflow'

export type Chosen = {
  channel: ChannelName
  alerts: Alert[]
  form: MessageForm
  /** Which of the hour's budgets it is counted in. */
  budget: 'told' | 'urgent'
}

/** Nothing may go now; `at` (ms) is when it is worth another look, null when only news changes it. */
export type Wait = { at: number | null }

/** Alert messages in an hour, and as many more for the urgent and what is told of ourselves. */
export const PER_HOUR = 10
export const URGENT_PER_HOUR = 10
/** Beyond their reserve the urgent are told together, this often. */
const URGENT_TOGETHER_MS = 5 * 60_000
/** What the hour has no room for is collected so long, then told in one. */
const OVERFLOW_WAIT_MS = 5 * 60_000
const HOUR_MS = 3_600_000
/** From so many on, those due go as one message. */
const MANY = 4

export type Choice = {
  /** Those configured, the first first. */
  channels: readonly { name: ChannelName; state: ChannelState }[]
  /** What is due, the urgent first. */
  due: readonly Alert[]
  now: number
  fallbackAfterMs: number
}

/**
 * What goes next, and through which channel: the first that is not broken; urgent alerts that a
 * failing first channel did not get through for `fallbackAfterMs` take the next.
 */
export const chooseMessage = ({ channels, due, now, fallbackAfterMs }: Choice): Chosen | Wait => {
  const looks: number[] = []
  let failing = false
  for (const [index, { name, state }] of channels.entries()) {
    const standIn = index < channels.length - 1
    if (state.problem !== null && standIn && now < retryAt(state)) {
      looks.push(retryAt(state))
      continue
    }
    const candidates = failing ? due.filter((one) => waited(one, now) >= fallbackAfterMs) : due
    const found = candidates.length > 0 ? forChannel(state, candidates, now) : { at: null }
    if ('alerts' in found) return { channel: name, ...found }
    if (found.at !== null) looks.push(found.at)
    if (state.failures === 0 && state.problem === null) break
    if (!failing)
      for (const one of due) {
        const at = Date.parse(one.dueAt) + fallbackAfterMs
        if (standIn && isUrgent(one) && at > now) looks.push(at)
      }
    failing = true
  }
  return { at: looks.length > 0 ? Math.min(...looks) : null }
}

const retryAt = (state: ChannelState): number => (state.retryAt ? Date.parse(state.retryAt) : 0)

/** How long an urgent alert has been due; what is not urgent waits for the first channel. */
const waited = (alert: Alert, now: number): number =>
  isUrgent(alert) ? now - Date.parse(alert.dueAt) : -1

const forChannel = (
  state: ChannelState,
  due: readonly Alert[],
  now: number,
): Omit<Chosen, 'channel'> | Wait => {
  const slotAt = slotFreeAt(state, 'alert', now)
  if (slotAt > now) return { at: slotAt }
  const urgent = due.filter(hasReserve)
  const budget = urgent.length > 0 ? 'urgent' : 'told'
  if (state.failures > 0 && due.length > 1) return { alerts: [...due], form: 'summary', budget }
  const looks: number[] = []
  if (urgent.length > 0) {
    const told = lastHour(state, 'urgent', now)
    const together = (told.at(-1) ?? 0) + URGENT_TOGETHER_MS
    if (told.length < URGENT_PER_HOUR || together <= now)
      return someOf(urgent, 'urgent', told.length >= URGENT_PER_HOUR)
    looks.push(together)
  }
  const normal = due.filter((one) => !hasReserve(one))
  if (normal.length === 0) return { at: looks[0] ?? null }
  const found = normalMessage(state, normal, now)
  if ('alerts' in found) return found
  return { at: Math.min(...looks, found.at ?? Number.POSITIVE_INFINITY) }
}

const normalMessage = (
  state: ChannelState,
  normal: readonly Alert[],
  now: number,
): Omit<Chosen, 'channel'> | Wait => {
  const told = lastHour(state, 'told', now)
  if (normal.length > 1 && normal.some((one) => one.held !== null))
    return { alerts: [...normal], form: 'summary', budget: 'told' }
  if (told.length < PER_HOUR) return someOf(normal, 'told', false)
  const overflowAgain = state.overflowAt ? Date.parse(state.overflowAt) + HOUR_MS : 0
  const oldest = Math.min(...normal.map((one) => Date.parse(one.dueAt)))
  const overflowAt = Math.max(overflowAgain, oldest + OVERFLOW_WAIT_MS)
  if (overflowAt <= now) return { alerts: [...normal], form: 'overflow', budget: 'told' }
  // Room comes when the first of the last ten is an hour old.
  return { at: Math.min(overflowAt, (told.at(-PER_HOUR) ?? now) + HOUR_MS) }
}

const someOf = (
  alerts: readonly Alert[],
  budget: 'told' | 'urgent',
  together: boolean,
): Omit<Chosen, 'channel'> => {
  const asList = alerts.length >= MANY || (together && alerts.length > 1)
  return asList
    ? { alerts: [...alerts], form: 'list', budget }
    : { alerts: alerts.slice(0, 1), form: 'one', budget }
}
