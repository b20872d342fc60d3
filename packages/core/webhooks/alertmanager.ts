import { Type } from 'typebox'
import type { Priority } from '../inbox/item.ts'
import { EVENTS_MAX, expecting, type HookEvent, MaybeText, type Reading } from './event.ts'

const Texts = Type.Record(Type.String(), Type.String())

/** https://prometheus.io/docs/alerting/latest/configuration/#webhook_config, version 4; Grafana sends the same. */
const Payload = Type.Object({
  status: Type.String(),
  alerts: Type.Array(
    Type.Object({
      status: Type.Enum(['firing', 'resolved']),
      labels: Texts,
      annotations: Type.Optional(Texts),
      startsAt: Type.String(),
      endsAt: MaybeText,
      generatorURL: MaybeText,
      fingerprint: MaybeText,
    }),
    { maxItems: EVENTS_MAX },
  ),
  receiver: MaybeText,
  groupKey: MaybeText,
  externalURL: MaybeText,
  truncatedAlerts: Type.Optional(Type.Union([Type.Number(), Type.Null()])),
})

/** Each alert is an event; what repeats it (`repeat_interval`) is the same occurrence. */
export const readAlertmanager = (payload: unknown): Reading => {
  const { alerts, truncatedAlerts, groupKey, receiver } = expecting(
    Payload,
    payload,
    'an Alertmanager payload with "status" and "alerts"',
  )
  const events = alerts.map((alert): HookEvent => {
    const { labels, annotations = {} } = alert
    const name = labels.alertname ?? 'alert'
    const where = labels.instance ? ` on ${labels.instance}` : ''
    const summary = annotations.summary ?? annotations.message ?? ''
    const resolved = alert.status === 'resolved'
    const words = `${name}${where}${summary ? `: ${summary}` : ''}`
    return {
      subject: alert.fingerprint || JSON.stringify(Object.entries(labels).sort()),
      occurrence: `${alert.startsAt} ${alert.status}`,
      state: resolved ? 'good' : 'bad',
      kind: resolved ? 'ok' : 'failed',
      priority: priorityOf(labels.severity, resolved),
      about: name,
      title: resolved ? `Resolved: ${words}` : words,
      text: annotations.description ?? '',
      url: annotations.runbook_url ?? alert.generatorURL ?? undefined,
      since: alert.startsAt,
      facts: labels,
    }
  })
  if (truncatedAlerts) events.push(truncated(truncatedAlerts, groupKey ?? receiver ?? ''))
  return { events, ignored: events.length === 0 ? 'It carries no alerts' : null }
}

const priorities: Record<string, Priority> = {
  critical: 'critical',
  page: 'critical',
  emergency: 'critical',
  disaster: 'critical',
  info: 'low',
  none: 'low',
  low: 'low',
}

/** The end is drained after its beginning, so never before it in rank; and nobody is woken by it. */
const priorityOf = (severity: string | undefined, resolved: boolean): Priority => {
  const priority = priorities[severity?.toLowerCase() ?? ''] ?? 'normal'
  return resolved && priority === 'critical' ? 'normal' : priority
}

const truncated = (count: number, group: string): HookEvent => ({
  subject: `truncated ${group}`,
  occurrence: null,
  state: 'note',
  kind: 'note',
  priority: 'normal',
  about: 'truncated',
  title: `Alertmanager left out ${count} alerts of a group`,
  text: 'Its receiver has max_alerts set. They are firing there and not known here.',
})
