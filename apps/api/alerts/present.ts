import type { Alert, AlertState, AlertTab } from '@mc/core/alerts/alert.ts'
import { hasReserve, isUrgent, openStates } from '@mc/core/alerts/alert.ts'
import type { ChannelHealth } from '@mc/core/alerts/channel-health.ts'
import type { Mute } from '@mc/core/alerts/mutes.ts'
import { dayNames, type QuietHours } from '@mc/core/alerts/quiet-hours.ts'
import { sentences } from '@mc/core/client/sentences.ts'
import type { ItemKind } from '@mc/core/inbox/item.ts'
import { capital } from '@mc/core/trust/words.ts'
import { enumerate, local } from '../frame/format.ts'
import type { IconName } from '../frame/icons.ts'
import type { Tone } from '../frame/pill.ts'
import { kindWords } from '../inbox/present.ts'

type Look = { label: string; icon: IconName; tone: Tone }

const states: Record<AlertState, Look> = {
  queued: { label: 'On its way', icon: 'clock', tone: 'busy' },
  sending: { label: 'Being sent', icon: 'dots', tone: 'busy' },
  sent: { label: 'Sent', icon: 'send', tone: 'warn' },
  acknowledged: { label: 'Acknowledged', icon: 'check', tone: 'good' },
  snoozed: { label: 'Snoozed', icon: 'pause', tone: 'quiet' },
  resolved: { label: 'Resolved', icon: 'check', tone: 'good' },
  expired: { label: 'Not delivered in time', icon: 'cross', tone: 'bad' },
  undelivered: { label: 'Not delivered', icon: 'off', tone: 'bad' },
}

const lookOf = (alert: Alert, isDue: boolean): Look => {
  if (alert.state !== 'queued') return states[alert.state]
  if (alert.held === 'mute' && !isDue) return { label: 'Muted', icon: 'off', tone: 'quiet' }
  if (alert.held === 'quiet' && !isDue)
    return { label: 'Waits for the end of quiet hours', icon: 'pause', tone: 'quiet' }
  return states.queued
}

/** `channels` tell why one that is due has not gone yet. */
export const presentAlert = (alert: Alert, channels: readonly ChannelHealth[], now: Date) => {
  const isDue = alert.dueAt <= now.toISOString()
  const open = openStates.includes(alert.state)
  return {
    ...alert,
    ...lookOf(alert, isDue),
    kindLabel: kindLabel(alert.kind),
    urgent: isUrgent(alert),
    open,
    isOver: alert.state === 'resolved',
    reason: reasonOf(alert, channels, isDue),
    /** What a time stands beside, and which. */
    until: untilOf(alert, isDue),
  }
}
export type AlertView = ReturnType<typeof presentAlert>

/** As the inbox calls it; an alert may also be of a kind that no item is of. */
const kindLabel = (kind: string): string =>
  kindWords[kind as ItemKind]?.label ?? capital(kind.replaceAll('_', ' '))

const untilOf = (alert: Alert, isDue: boolean): string | null => {
  if (alert.state === 'snoozed') return alert.snoozedUntil
  const isHeld = alert.state === 'queued' && !isDue && alert.held !== null
  return isHeld ? alert.dueAt : null
}

/** Why it stands where it stands, where the state alone does not say it. */
const reasonOf = (
  alert: Alert,
  channels: readonly ChannelHealth[],
  isDue: boolean,
): string | null => {
  if (alert.state === 'acknowledged')
    return 'You are left alone about it for a day; if it still goes on then, you are told again.'
  if (alert.state === 'snoozed') return 'Then it is told again.'
  if (alert.state === 'undelivered' || alert.state === 'expired')
    return alert.lastError ? `Last try: ${alert.lastError}` : null
  if (alert.state !== 'queued') return null
  if (!isDue) return alert.held ? 'Then you are told what is still open, in one message.' : null
  const [first] = channels
  if (!first) return null
  const tried = alert.lastError ? `Last try: ${alert.lastError}` : null
  return sentences(tried, waitsFor(alert, first)) || null
}

/** What one that is due waits for; null when it goes next. */
const waitsFor = (alert: Alert, { label, restingUntil, told, urgent }: ChannelHealth) => {
  if (restingUntil) return `${label} rests until ${local(restingUntil)}`
  if (hasReserve(alert))
    return urgent.count < urgent.most
      ? null
      : `${urgent.count} urgent messages went this hour; until there is room the urgent are told together, every five minutes`
  return told.count < told.most
    ? null
    : `${told.count} messages went this hour; it goes with the next, as one of several`
}

/** Critical first, then newest first. */
export const inOrder = (alerts: readonly AlertView[]): AlertView[] => {
  const rank = (alert: AlertView) => (alert.urgent ? 0 : 1)
  return [...alerts].sort((a, b) => rank(a) - rank(b) || b.id - a.id)
}

export const tabLabels: Record<AlertTab, string> = { open: 'Open', quiet: 'Quiet', all: 'All' }

export const emptyTexts: Record<AlertTab, { title: string; text: string }> = {
  open: {
    title: 'No open alerts',
    text: 'You are alerted when you can do something about it now: a refused credential at once, a failure once. Everything else becomes a ticket or stays silent. Acknowledging one leaves you alone about it for a day.',
  },
  quiet: {
    title: 'Nothing is kept quiet',
    text: 'What you acknowledged, snoozed or muted stands here until it is over, or until it is told again.',
  },
  all: {
    title: 'No alerts yet',
    text: 'Each stays here with its story: when it was told, by which channel, and what became of it.',
  },
}

/** `Mon to Fri, from 22:00 to 07:00 (Europe/Berlin)`. */
export const quietWords = ({ from, to, zone, days }: QuietHours): string => {
  const which = days.length === 7 ? 'Every day' : enumerate(days.map(dayLabel))
  const span = from === to ? 'the whole day' : `from ${from} to ${to}`
  return `${which}, ${span} (${zone})`
}

const dayLabel = (day: number): string => {
  const name = dayNames[day - 1] ?? ''
  return name.charAt(0).toUpperCase() + name.slice(1)
}

export const presentDays = (hours: QuietHours | null) =>
  dayNames.map((name, index) => ({
    name,
    label: dayLabel(index + 1),
    checked: hours === null || hours.days.includes(index + 1),
  }))

export const presentMute = (mute: Mute & { alert?: { id: number; title: string } | null }) => ({
  ...mute,
  what: mute.alert?.title ?? mute.fingerprint ?? 'All that is not urgent',
  href: mute.alert ? `/alerts/${mute.alert.id}` : null,
  by: mute.by === 'person' ? 'you' : mute.by,
})

export const presentChannel = (channel: ChannelHealth): ChannelHealth & Look => ({
  ...channel,
  ...(channel.problem !== null
    ? { icon: 'off' as const, tone: 'bad' as const, label: channel.label }
    : channel.failures > 0
      ? { icon: 'hand' as const, tone: 'warn' as const, label: channel.label }
      : { icon: 'check' as const, tone: 'good' as const, label: channel.label }),
})
