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

export const openStates: readonly AlertState[] = [
  'queued',
  'sending',
  'sent',
  'undelivered',
  'expired',
]
export const overStates: readonly AlertState[] = ['acknowledged', 'snoozed', 'resolved']

export const presentAlert = (alert: Alert) => ({
  ...alert,
  ...states[alert.state],
  open: openStates.includes(alert.state),
  snoozed: alert.state === 'snoozed',
})
export type AlertView = ReturnType<typeof presentAlert>

/** Critical first, then newest first. */
export const presentOpen = (alerts: readonly Alert[]): AlertView[] => {
  const rank = (alert: AlertView) => (alert.severity === 'critical' ? 0 : 1)
  return alerts.map(presentAlert).sort((a, b) => rank(a) - rank(b) || b.id - a.id)
}
