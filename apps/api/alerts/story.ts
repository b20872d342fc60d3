import { channelLabels } from '@mc/core/alerts/channels.ts'
import type { Delivery } from '@mc/core/alerts/deliveries.ts'
import type { AlertEvent, AlertEventKind } from '@mc/core/alerts/events.ts'
import { ticketKey } from '@mc/core/tickets/ticket.ts'
import type { IconName } from '../frame/icons.ts'
import type { Tone } from '../frame/pill.ts'

/** One line of an alert's story. */
export type StoryLine = {
  at: string
  icon: IconName
  tone: Tone
  text: string
  detail: string | null
  /** A time that ends the detail, shown as the page shows its times. */
  detailAt: string | null
  href: string | null
}

const words: Record<AlertEventKind, { text: string; icon: IconName; tone: Tone }> = {
  raised: { text: 'Raised', icon: 'alerts', tone: 'warn' },
  again: { text: 'It still goes on: told again', icon: 'alerts', tone: 'warn' },
  worse: { text: 'It became critical', icon: 'hand', tone: 'bad' },
  held: { text: 'Held back', icon: 'pause', tone: 'quiet' },
  acknowledged: { text: 'Acknowledged', icon: 'check', tone: 'good' },
  snoozed: { text: 'Snoozed', icon: 'pause', tone: 'quiet' },
  woke: { text: 'Its snooze is over', icon: 'clock', tone: 'busy' },
  ticket: { text: 'Became a ticket', icon: 'board', tone: 'busy' },
  resolved: { text: 'Resolved', icon: 'check', tone: 'good' },
  undelivered: { text: 'Could not be delivered', icon: 'off', tone: 'bad' },
  expired: { text: 'Given up', icon: 'cross', tone: 'bad' },
}

/** What happened to it and how it was told, in the order in which it happened. */
export const presentStory = (
  events: readonly AlertEvent[],
  deliveries: readonly Delivery[],
): StoryLine[] =>
  [...events.map(eventLine), ...deliveries.map(deliveryLine)].sort((a, b) =>
    a.at < b.at ? -1 : a.at > b.at ? 1 : 0,
  )

const eventLine = ({ at, kind, actor, detail }: AlertEvent): StoryLine => {
  const { text, icon, tone } = words[kind]
  const by = actor === null ? '' : ` by ${actor === 'person' ? 'you' : actor}`
  const line = { at, icon, tone, text: `${text}${by}`, detail, detailAt: null, href: null }
  if (kind === 'ticket' && detail)
    return {
      ...line,
      detail: ticketKey(Number(detail)),
      href: `/tickets/${ticketKey(Number(detail))}`,
    }
  if (kind === 'snoozed' && detail) return { ...line, detail: 'until', detailAt: detail }
  if (kind === 'held' && detail) return { ...line, ...heldWords(detail) }
  return line
}

/** `quiet 2026-…`: what holds it, and until when. */
const heldWords = (detail: string): Pick<StoryLine, 'detail' | 'detailAt'> => {
  const [by, until = ''] = detail.split(' ')
  return { detail: `${by === 'mute' ? 'muted' : 'quiet hours'} until`, detailAt: until }
}

const deliveryLine = (delivery: Delivery): StoryLine => {
  const { at, channel, state, tries, repeated, ref, error } = delivery
  const by = channelLabels[channel]
  const facts = [
    tries > 1 ? `${tries} tries` : null,
    repeated ? 'marked as a repeat' : null,
    state === 'sent' ? `message ${ref}` : null,
    error,
  ].filter((fact) => fact !== null)
  const look = {
    sent: { text: `Sent by ${by}`, icon: 'send' as const, tone: 'good' as const },
    sending: { text: `On its way by ${by}`, icon: 'dots' as const, tone: 'busy' as const },
    failed: { text: `${by} did not take it`, icon: 'cross' as const, tone: 'bad' as const },
    unknown: {
      text: `It may have arrived by ${by}`,
      icon: 'question' as const,
      tone: 'warn' as const,
    },
  }[state]
  return { at, ...look, detail: facts.join(' · ') || null, detailAt: null, href: null }
}
