import type { WebhookCredential } from '@mc/core/credentials/webhooks.ts'
import { Command } from 'commander'
import { atDesk } from './desk.ts'
import { shortTime } from './time.ts'

const BASE = '/api/v1/webhook_credentials'

export const webhookCommands = (): Command =>
  new Command('webhook')
    .description('tokens for other programs: they may report what happened, and nothing else')
    .addCommand(create())
    .addCommand(list())
    .addCommand(revoke())

const create = () =>
  new Command('create')
    .description('make a token; it is printed this once')
    .argument('<name>', 'lower-case letters, digits and hyphens')
    .option(
      '--shape <shape>',
      'only plain, alertmanager, healthchecks, uptime-kuma or github; default: any but github',
    )
    .addHelpText('after', '\nWhat to write where: docs/webhooks.md')
    .action(
      atDesk(async (desk, name: string, { shape }: { shape?: string }) => {
        const made = await desk.client.post<{
          webhook: WebhookCredential
          token: string
          url: string
        }>(BASE, { name, ...(shape ? { shape } : {}) })
        desk.show(made, () =>
          [
            `Webhook ${name} may post to ${made.url}`,
            shape === 'github'
              ? 'GitHub signs with this secret (content type application/json):'
              : 'Its token, for the header "Authorization: Bearer …":',
            made.token,
            'It is not shown again.',
          ].join('\n'),
        )
      }),
    )

const list = () =>
  new Command('list').description('the tokens there are, oldest first').action(
    atDesk(async (desk) => {
      const found = await desk.client.get<{ items: WebhookCredential[] }>(BASE)
      desk.show(found, () =>
        desk.table(
          ['name', 'id', 'made', 'used', 'may post'],
          found.items.map((one) => [
            one.name,
            one.id,
            shortTime(one.createdAt),
            shortTime(one.usedAt),
            one.shape ?? 'any but github',
          ]),
          'No webhooks.',
        ),
      )
    }),
  )

const revoke = () =>
  new Command('revoke')
    .description('what it sends is refused from now on')
    .argument('<name>', 'or its id')
    .action(
      atDesk(async (desk, name: string) => {
        const path = `${BASE}/${encodeURIComponent(name)}/revoke`
        const revoked = await desk.client.post<WebhookCredential>(path)
        desk.show(revoked, () => `Webhook ${revoked.name} is revoked`)
      }),
    )
