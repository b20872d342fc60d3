import type { Entries } from './entry.ts'

/** Alerts, and what holds them back. */
export const alerts: Entries = {
  'GET /api/v1/alerts': {
    id: 'listAlerts',
    tag: 'alerts',
    summary: 'Alerts, newest first',
  },
  'GET /api/v1/alerts/:id': { id: 'showAlert', tag: 'alerts', summary: 'One alert' },
  'POST /api/v1/alerts': {
    id: 'notify',
    tag: 'alerts',
    summary: 'Tell the person something',
    about: 'The same title within the repeat interval is counted, not told again.',
    body: { title: 'The report is ready', text: 'It is in /srv/reports.' },
  },
  'POST /api/v1/alerts/:id/acknowledge': {
    id: 'acknowledgeAlert',
    tag: 'alerts',
    summary: 'Acknowledge: left alone about it for a day',
  },
  'POST /api/v1/alerts/:id/snooze': {
    id: 'snoozeAlert',
    tag: 'alerts',
    summary: 'Hear of it again later',
    body: { until: '4h' },
  },
  'POST /api/v1/alerts/:id/resolve': {
    id: 'resolveAlert',
    tag: 'alerts',
    summary: 'It is over',
  },
  'POST /api/v1/alerts/:id/ticket': {
    id: 'fileTicketForAlert',
    tag: 'alerts',
    summary: 'File a ticket for an alert',
  },
  'POST /api/v1/alerts/bulk': {
    id: 'changeAlerts',
    tag: 'alerts',
    summary: 'Acknowledge, snooze or resolve many',
    body: { action: 'acknowledge', ids: [5, 6] },
    answer: { changed: [5, 6] },
  },
  'GET /api/v1/alerts/mutes': { id: 'listMutes', tag: 'alerts', summary: 'What is muted' },
  'POST /api/v1/alerts/mutes': {
    id: 'mute',
    tag: 'alerts',
    summary: 'Hear nothing of one trouble, or of all that is not urgent',
    body: { until: '4h', reason: 'I know, and I am on it' },
  },
  'POST /api/v1/alerts/mutes/:id/end': { id: 'endMute', tag: 'alerts', summary: 'End a mute' },
  'GET /api/v1/alerts/quiet': {
    id: 'showQuietHours',
    tag: 'alerts',
    summary: 'Quiet hours, and by whose word',
  },
  'POST /api/v1/alerts/quiet': {
    id: 'setQuietHours',
    tag: 'alerts',
    summary: 'Set quiet hours',
    about: 'Critical alerts and refused credentials are told all the same.',
    body: { hours: '22:00-07:00 Europe/Berlin mon-fri' },
  },
  'GET /api/v1/alerts/channels': {
    id: 'listChannels',
    tag: 'alerts',
    summary: 'The channels to the person, and how they are',
  },
  'POST /api/v1/alerts/test': {
    id: 'tryChannels',
    tag: 'alerts',
    summary: 'Send a message to see whether it arrives',
    body: {},
  },
}
