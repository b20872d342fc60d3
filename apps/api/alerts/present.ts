import type { Alert, AlertState } from '@mc/core/alerts/alert.ts'
import type { IconName } from '../frame/icons.ts'
import type { Tone } from '../frame/pill.ts'

const states: Record<AlertState, { label: string; icon: IconName; tone: Tone }> = {
  queued: { label: 'On its way', icon: 'clock', tone: 'busy' },
  sending: { label: 'Being sent', icon: 'dots', tone: 'busy' },
  sent: { label: 'Sent', icon: 'send', tone: 'warn' },
  acknowledged: { label: 'Acknowledged', icon: 'check', tone: 'good' },
  snoozed: { label: 'Snoozed', icon: 'pause', tone: 'quiet' },
  resolved: { label: 'Resolved', icon: 'check', tone: 'good' },
  expired: { label: 'Not delivered in time', icon: 'cross', tone: 'bad' },
  undelivered: { label: 'Not delivered', icon: 'off', tone: 'bad' },
}

const open: readonly AlertState[] = ['queued', 'sending', 'sent', 'undelivered', 'expired']

export const presentAlert = (alert: Alert) => ({
  ...alert,
  ...states[alert.state],
  open: open.includes(alert.state),
  snoozed: alert.state === 'snoozed',
})
export type AlertView = ReturnType<typeof presentAlert>

/** What waits for a reaction, critical first; then what is over. */
export const presentAlerts = (alerts: readonly Alert[]) => {
  const views = alerts.map(presentAlert)
  const rank = (alert: AlertView) => (alert.severity === 'critical' ? 0 : 1)
  return {
    open: views.filter((alert) => alert.open).sort((a, b) => rank(a) - rank(b) || b.id - a.id),
    over: views.filter((alert) => !alert.open),
  }
}
