import type { Database } from '@mc/db/database.ts'
import { type Clock, isoTime } from '../clock.ts'
import { createSettings, type Settings } from '../settings/settings.ts'
import type { ChannelName } from './channel.ts'

/** Shared by every sender, so that several processes are one sender to the channel. */
export type ChannelState = {
  /** Nothing is sent before this moment: a retry_after, or a back-off. */
  notBefore: string
  /** Sends in a row that did not get through. */
  failures: number
  /** Since when; null while they get through. */
  downSince: string | null
  /** Why the channel is broken; null while it is not. A person must repair it. */
  problem: string | null
  /** A broken channel that another stands in for is tried again from this moment. */
  retryAt: string | null
  /** When messages went in the last minute, of every kind. */
  slots: string[]
  /** When alert messages went in the last hour, the urgent apart. */
  told: string[]
  urgent: string[]
  /** When the overflow was last told in one. */
  overflowAt: string | null
  lastSentAt: string | null
  lastError: string | null
}

/** `reply`: an answer to the person in the chat. It leaves some of the pace for alerts. */
export type SlotKind = 'alert' | 'summary' | 'reply'

/** Between two messages: Telegram's own advice for one chat. */
export const PACE_MS = 1_000
export const PER_MINUTE = 15
/** So many of them a conversation never takes. */
const KEPT_FOR_ALERTS = 3
const MINUTE_MS = 60_000
const HOUR_MS = 3_600_000

export const freshState: ChannelState = {
  notBefore: isoTime(new Date(0)),
  failures: 0,
  downSince: null,
  problem: null,
  retryAt: null,
  slots: [],
  told: [],
  urgent: [],
  overflowAt: null,
  lastSentAt: null,
  lastError: null,
}

/** What a message that arrived says of its channel. */
export const recovered = {
  failures: 0,
  downSince: null,
  problem: null,
  retryAt: null,
  lastError: null,
}

/** The moment (ms) from which a message of this kind may go. */
export const slotFreeAt = (state: ChannelState, kind: SlotKind, now: number): number => {
  const most = kind === 'reply' ? PER_MINUTE - KEPT_FOR_ALERTS : PER_MINUTE
  const slots = since(state.slots, now - MINUTE_MS)
  const full = slots.at(-most)
  return Math.max(
    Date.parse(state.notBefore),
    (slots.at(-1) ?? Number.NEGATIVE_INFINITY) + PACE_MS,
    full === undefined ? 0 : full + MINUTE_MS,
  )
}

export const withSlot = (state: ChannelState, now: number): ChannelState => ({
  ...state,
  slots: [...texts(since(state.slots, now - MINUTE_MS)), isoTime(new Date(now))],
})

/** Counted when it is about to go, so that two senders cannot both take the last one. */
export const withTold = (state: ChannelState, which: 'told' | 'urgent', now: number) => ({
  ...state,
  [which]: [...texts(lastHour(state, which, now)), isoTime(new Date(now))],
})

/** It did not arrive: it does not count. */
export const withoutTold = (state: ChannelState, which: 'told' | 'urgent', at: string) => ({
  ...state,
  [which]: state[which].filter((one) => one !== at),
})

/** Moments (ms) of the last hour, in order. */
export const lastHour = (state: ChannelState, which: 'told' | 'urgent', now: number): number[] =>
  since(state[which], now - HOUR_MS)

const since = (times: readonly string[], after: number): number[] =>
  times.map((time) => Date.parse(time)).filter((time) => time > after)
const texts = (times: readonly number[]): string[] => times.map((time) => isoTime(new Date(time)))

export const settingOf = (channel: ChannelName): string => `channel.${channel}`

export const channelStateFrom = async (
  settings: Settings,
  channel: ChannelName,
): Promise<ChannelState> => {
  const stored = await settings.get<Partial<ChannelState>>(settingOf(channel))
  return { ...freshState, ...stored?.value }
}

export const readChannelState = (
  db: Database,
  clock: Clock,
  channel: ChannelName,
): Promise<ChannelState> => channelStateFrom(createSettings(db, clock), channel)

export const saveChannelState = (
  db: Database,
  clock: Clock,
  channel: ChannelName,
  state: ChannelState,
): Promise<void> => createSettings(db, clock).set(settingOf(channel), state, 'sender')
