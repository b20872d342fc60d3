import type { WebhookCredential } from '@mc/core/credentials/webhooks.ts'
import type { ShapeName } from '@mc/core/webhooks/shapes.ts'

export type SetUp = { url: string; steps: string[]; example: string }

/** What to write where, for a token that is shown now. */
export const setUpOf = (shape: ShapeName | null, base: string, token: string): SetUp => {
  const url = `${base}/api/v1/webhooks/${shape ?? 'plain'}`
  switch (shape) {
    case 'alertmanager':
      return {
        url,
        steps: ['In alertmanager.yml, as a receiver; then reload it.'],
        example: [
          'receivers:',
          '  - name: mission-control',
          '    webhook_configs:',
          `      - url: ${url}`,
          '        send_resolved: true',
          '        http_config:',
          '          authorization:',
          '            type: Bearer',
          `            credentials: ${token}`,
        ].join('\n'),
      }
    case 'healthchecks':
      return {
        url,
        steps: [
          'Integrations, Add, Webhook. The same for "down" and "up": method POST, this URL, these headers and this body.',
        ],
        example: [
          `Authorization: Bearer ${token}`,
          'Content-Type: application/json',
          '',
          '{"name": $NAME_JSON, "code": "$CODE", "status": "$STATUS", "now": "$NOW", "tags": "$TAGS", "exitstatus": $EXITSTATUS, "body": $BODY_JSON}',
        ].join('\n'),
      }
    case 'uptime-kuma':
      return {
        url,
        steps: [
          'Settings, Notifications, Setup Notification, type Webhook: this Post URL, Request Body "Preset - application/json", and under Additional Headers:',
        ],
        example: JSON.stringify({ Authorization: `Bearer ${token}` }),
      }
    case 'github':
      return {
        url,
        steps: [
          'Repository (or organisation) Settings, Webhooks, Add webhook: this Payload URL, Content type application/json, and the token as Secret. GitHub signs with it and never sends it.',
          'Events: Workflow runs, and if you like Check suites, Dependabot alerts, Secret scanning alerts, Code scanning alerts, Issues.',
        ],
        example: token,
      }
    default:
      return {
        url,
        steps: ['From any program; "key" names the trouble, and status ok with that key ends it.'],
        example: [
          `curl ${url} \\`,
          `  -H 'Authorization: Bearer ${token}' -H 'Content-Type: application/json' \\`,
          `  -d '{"message": "Backup of the cellar failed", "status": "failed", "key": "backup-cellar"}'`,
        ].join('\n'),
      }
  }
}

export const presentWebhook = (webhook: WebhookCredential) => ({
  ...webhook,
  may: webhook.shape ?? 'any but github',
})
