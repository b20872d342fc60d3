import type { Database } from '@mc/db/database.ts'
import type { ChannelLook } from '../client/status.ts'
import { type Clock, isoTime } from '../clock.ts'
import type { Config } from '../config.ts'
import { AppError } from '../errors.ts'
import type { Settings } from '../settings/settings.ts'
import type { ChannelName, Message } from './channel.ts'
import { channelStateFrom, lastHour } from './channel-state.ts'
import { channelLabels, channelSettings, configuredChannels, createChannels } from './channels.ts'
import { PER_HOUR, URGENT_PER_HOUR } from './choose.ts'
import { createOutbox } from './outbox.ts'

/** How a channel is, as the pages and `mc alert channels` show it. */
export type ChannelHealth = {
  name: ChannelName
  label: string
  /** first: takes all. standby: stands in for it. */
  role: 'first' | 'standby'
  /** Why it takes nothing until a person mends it; null while it does. */
  problem: string | null
  /** What to look at then. */
  settings: string
  failures: number
  downSince: string | null
  /** It rests, or backs off, until then; null while it may send. */
  restingUntil: string | null
  lastSentAt: string | null
  lastError: string | null
  /** Alert messages of the last hour, and how many there may be. */
  told: { count: number; most: number }
  urgent: { count: number; most: number }
}

export type Tried = {
  channel: ChannelName
  status: 'sent' | 'failed'
  ref: string | null
  reason: string | null
}

/** What people ask of the channels: how they are, and whether one works. */
export const createChannelDesk = (
  db: Database,
  clock: Clock,
  config: Pick<Config, 'telegram' | 'alerting'> & { http: Pick<Config['http'], 'publicUrl'> },
) => {
  const channels = createChannels(config.telegram, config.alerting)
  const outbox = createOutbox(db, clock, { channels: channels.map(({ name }) => name) })
  return {
    /** Those configured, the first first. */
    health: (): Promise<ChannelHealth[]> =>
      Promise.all(
        channels.map(async ({ name }, index) => {
          const state = await outbox.state(name)
          const now = clock.now().getTime()
          return {
            name,
            label: channelLabels[name],
            role: index === 0 ? 'first' : 'standby',
            problem: state.problem,
            settings: channelSettings[name],
            failures: state.failures,
            downSince: state.downSince,
            restingUntil: state.notBefore > isoTime(clock.now()) ? state.notBefore : null,
            lastSentAt: state.lastSentAt,
            lastError: state.lastError,
            told: { count: lastHour(state, 'told', now).length, most: PER_HOUR },
            urgent: { count: lastHour(state, 'urgent', now).length, most: URGENT_PER_HOUR },
          }
        }),
      ),

    /**
     * Sends a test message; the first channel when none is named. One that was broken and takes it
     * is mended. Throws `not_found` for a channel that is not configured, `unavailable` when the
     * pace has no room.
     */
    async try(wanted: ChannelName | undefined, signal: AbortSignal): Promise<Tried> {
      const found = channels.find(({ name }) => wanted === undefined || name === wanted)
      if (!found)
        throw new AppError(
          'not_found',
          wanted ? `${channelLabels[wanted]} is not configured` : 'No channel is configured',
          {
            hint: 'Set MC_TELEGRAM_TOKEN, MC_ALERT_WEBHOOK_URL or MC_SMTP_URL: see "Configure" in the README.',
          },
        )
      const { name, channel } = found
      const waitMs = await outbox.takeSlot('summary', name)
      if (waitMs > 0)
        throw new AppError(
          'unavailable',
          `${channelLabels[name]} rests for ${Math.ceil(waitMs / 1_000)} s`,
          {
            hint: 'Try again then: one message a second, 15 a minute, and what the other side asks for.',
          },
        )
      const sent = await channel.send(testMessage(config.http.publicUrl), signal)
      if (sent.status === 'sent') {
        if (await outbox.heard(name, sent)) await outbox.takeUp()
        return { channel: name, status: 'sent', ref: sent.ref, reason: null }
      }
      if (sent.status === 'broken') await outbox.heard(name, sent)
      if (sent.status === 'wait') await outbox.rest(sent.afterMs, name)
      return { channel: name, status: 'failed', ref: null, reason: sent.reason }
    },
  }
}

export type ChannelDesk = ReturnType<typeof createChannelDesk>

/** Each that is configured, in short; the first first. */
export const lookAtChannels = (
  settings: Settings,
  config: Pick<Config, 'telegram' | 'alerting'>,
): Promise<ChannelLook[]> =>
  Promise.all(
    configuredChannels(config).map(async (name) => {
      const { problem, failures } = await channelStateFrom(settings, name)
      return { label: channelLabels[name], problem, failures }
    }),
  )

/** A channel that takes nothing until a person mends it, and what stands in for it; null without one. */
export type BrokenChannel = {
  label: string
  problem: string
  settings: string
  standIn: string | null
}

/** The first of those configured that is broken; null while all is well. */
export const brokenChannel = async (
  settings: Settings,
  config: Pick<Config, 'telegram' | 'alerting'>,
): Promise<BrokenChannel | null> => {
  const states = await Promise.all(
    configuredChannels(config).map(async (name) => ({
      name,
      problem: (await channelStateFrom(settings, name)).problem,
    })),
  )
  const broken = states.find(({ problem }) => problem !== null)
  if (!broken || broken.problem === null) return null
  const standIn = states.find(({ problem }) => problem === null)
  return {
    label: channelLabels[broken.name],
    problem: broken.problem,
    settings: channelSettings[broken.name],
    standIn: standIn ? channelLabels[standIn.name] : null,
  }
}

const testMessage = (publicUrl: string | null): Message => {
  const words = 'A test from Mission Control: alerts arrive here.'
  return { html: words, text: words, title: 'Test', urgent: false, url: publicUrl }
}
