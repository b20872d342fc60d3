import type { Config } from '../config.ts'
import type { Channel, ChannelName } from './channel.ts'
import { createEmail } from './email.ts'
import type { AlertSettings } from './settings.ts'
import { createTelegram } from './telegram.ts'
import { createWebhook } from './webhook.ts'

export type NamedChannel = { name: ChannelName; channel: Channel }

/** Those that are configured: the first takes all, the others stand in for it. */
export const createChannels = (
  { token, chatId, apiRoot }: Pick<Config['telegram'], 'token' | 'chatId' | 'apiRoot'>,
  { webhook, email }: Pick<AlertSettings, 'webhook' | 'email'>,
): NamedChannel[] => [
  ...(token && chatId
    ? [{ name: 'telegram' as const, channel: createTelegram({ token, chatId, apiRoot }) }]
    : []),
  ...(webhook ? [{ name: 'webhook' as const, channel: createWebhook(webhook) }] : []),
  ...(email ? [{ name: 'email' as const, channel: createEmail(email) }] : []),
]

/** Their names alone, in the same order. */
export const configuredChannels = ({
  telegram,
  alerting,
}: Pick<Config, 'telegram' | 'alerting'>): ChannelName[] => [
  ...(telegram.token && telegram.chatId ? (['telegram'] as const) : []),
  ...(alerting.webhook ? (['webhook'] as const) : []),
  ...(alerting.email ? (['email'] as const) : []),
]

/** As a person calls it. */
export const channelLabels: Record<ChannelName, string> = {
  telegram: 'Telegram',
  webhook: 'Webhook',
  email: 'E-mail',
}

/** The settings that a person checks when it is broken. */
export const channelSettings: Record<ChannelName, string> = {
  telegram: 'MC_TELEGRAM_TOKEN and MC_TELEGRAM_CHAT_ID',
  webhook: 'MC_ALERT_WEBHOOK_URL and MC_ALERT_WEBHOOK_SHAPE',
  email: 'MC_SMTP_URL, MC_MAIL_FROM and MC_MAIL_TO',
}
