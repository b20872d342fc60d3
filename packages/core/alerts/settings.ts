import { parseQuietHours, QUIET_HOURS_EXPECTED, type QuietHours } from './quiet-hours.ts'
import { BARE_PERCENT, urlCredentials } from './url-credentials.ts'
import { guessShape, type WebhookShape, webhookShapes } from './webhook-shapes.ts'

/** How alerts go out, beside Telegram. */
export type AlertSettings = {
  /** The first value; what a person sets is stored and wins. */
  quiet: QuietHours | null
  webhook: { url: string; shape: WebhookShape; token: string | null } | null
  email: { url: string; from: string; to: string[] } | null
  /** So long an urgent alert waits for a first channel that fails, then it takes the second. */
  fallbackAfterMs: number
}

export const noAlertSettings: AlertSettings = {
  quiet: null,
  webhook: null,
  email: null,
  fallbackAfterMs: 5 * 60_000,
}

/** What must appear in no output that is stored: the address of a webhook is one, too. */
export const alertSecrets = ({ webhook, email }: AlertSettings): string[] => [
  ...(webhook ? [webhook.url] : []),
  ...(webhook?.token ? [webhook.token] : []),
  ...(email ? [email.url] : []),
]

/** What reading the environment offers, as far as it is used here. */
type Read = {
  text(name: string): string | null
  duration(name: string, fallback: number): number
  /** A problem that does not show the value: it may be a secret. */
  refuseUnseen(name: string, expected: string): void
}

/** The settings of alerts, from the environment. */
export const readAlertSettings = (read: Read): AlertSettings => ({
  quiet: readQuiet(read),
  webhook: readWebhook(read),
  email: readEmail(read),
  fallbackAfterMs: read.duration('MC_ALERT_FALLBACK_AFTER', noAlertSettings.fallbackAfterMs),
})

const readQuiet = (read: Read): QuietHours | null => {
  const text = read.text('MC_QUIET_HOURS')
  if (text === null) return null
  const hours = parseQuietHours(text, Intl.DateTimeFormat().resolvedOptions().timeZone)
  if (!hours) read.refuseUnseen('MC_QUIET_HOURS', `${QUIET_HOURS_EXPECTED}, got "${text}"`)
  return hours
}

const readWebhook = (read: Read): AlertSettings['webhook'] => {
  const url = read.text('MC_ALERT_WEBHOOK_URL')
  const named = read.text('MC_ALERT_WEBHOOK_SHAPE')
  const token = read.text('MC_ALERT_WEBHOOK_TOKEN')
  const shape = webhookShapes.find((one) => one === named)
  if (named !== null && !shape)
    read.refuseUnseen('MC_ALERT_WEBHOOK_SHAPE', `one of ${webhookShapes.join(', ')}`)
  if (url === null) return null
  if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol)) {
    read.refuseUnseen('MC_ALERT_WEBHOOK_URL', 'an http:// or https:// URL')
    return null
  }
  if (!urlCredentials(url)) read.refuseUnseen('MC_ALERT_WEBHOOK_URL', BARE_PERCENT)
  const meant = shape ?? guessShape(url)
  if (meant === 'ntfy' && new URL(url).pathname.split('/').filter(Boolean).length !== 1)
    read.refuseUnseen(
      'MC_ALERT_WEBHOOK_URL',
      'the address of one ntfy topic, such as https://ntfy.sh/my-topic',
    )
  return { url, shape: meant, token }
}

const readEmail = (read: Read): AlertSettings['email'] => {
  const url = read.text('MC_SMTP_URL')
  const from = read.text('MC_MAIL_FROM')
  const to = (read.text('MC_MAIL_TO') ?? '')
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')
  if (url === null) return null
  if (!URL.canParse(url) || !/^smtps?:$/.test(new URL(url).protocol))
    read.refuseUnseen(
      'MC_SMTP_URL',
      'an smtp:// or smtps:// URL such as smtp://user:password@host:587',
    )
  else if (!urlCredentials(url)) read.refuseUnseen('MC_SMTP_URL', BARE_PERCENT)
  if (from === null || !from.includes('@'))
    read.refuseUnseen('MC_MAIL_FROM', 'the address to write from, because MC_SMTP_URL is set')
  if (to.length === 0 || !to.every((one) => one.includes('@')))
    read.refuseUnseen(
      'MC_MAIL_TO',
      'the addresses to write to, with commas between, because MC_SMTP_URL is set',
    )
  return { url, from: from ?? '', to }
}
