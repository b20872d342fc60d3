import type { Entries } from './entry.ts'

/** Events of other programs, and who may post them. */
export const webhooks: Entries = {
  'GET /api/v1/webhook_credentials': {
    id: 'listWebhooks',
    tag: 'settings',
    summary: 'Who may post events',
  },
  'POST /api/v1/webhook_credentials': {
    id: 'createWebhook',
    tag: 'settings',
    summary: 'Let another program post events',
    about: 'The token is told once, here.',
    body: { name: 'alertmanager', shape: 'alertmanager' },
  },
  'POST /api/v1/webhook_credentials/:id/revoke': {
    id: 'revokeWebhook',
    tag: 'settings',
    summary: 'Take a program’s leave to post back',
  },
  'POST /api/v1/webhooks/plain': {
    id: 'postPlainEvent',
    tag: 'inbox',
    summary: 'Post what any program tells',
    body: { message: 'disk 3 is failing' },
  },
  'POST /api/v1/webhooks/alertmanager': {
    id: 'postAlertmanager',
    tag: 'inbox',
    summary: 'Post what Alertmanager tells',
    body: { version: '4', status: 'firing', alerts: [] },
  },
  'POST /api/v1/webhooks/healthchecks': {
    id: 'postHealthchecks',
    tag: 'inbox',
    summary: 'Post what healthchecks.io tells',
    body: { name: 'backup', status: 'down' },
  },
  'POST /api/v1/webhooks/uptime-kuma': {
    id: 'postUptimeKuma',
    tag: 'inbox',
    summary: 'Post what Uptime Kuma tells',
    body: { heartbeat: { status: 0 }, monitor: { name: 'site' }, msg: 'down' },
  },
  'POST /api/v1/webhooks/github': {
    id: 'postGithub',
    tag: 'inbox',
    summary: 'Post what GitHub tells',
    body: { zen: 'Keep it logically awesome.' },
  },
}
