import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { Clock } from '@mc/core/clock.ts'
import type { WebhookCredentials } from '@mc/core/credentials/webhooks.ts'
import { AppError } from '@mc/core/errors.ts'
import { receive } from '@mc/core/webhooks/receive.ts'
import { readShape, shapeNames } from '@mc/core/webhooks/shapes.ts'
import type { Database } from '@mc/db/database.ts'
import type { FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import { callerOf } from '../safety/caller.ts'
import { Nullable } from '../schemas.ts'
import { WEBHOOK_BODY_BYTES_MAX, webhookPace } from './limits.ts'
import { keepRawBody } from './raw-body.ts'

const Received = Type.Object({
  items: Type.Array(
    Type.Object({ item: Type.Integer(), repeated: Type.Boolean(), times: Type.Integer() }),
  ),
  ignored: Nullable(
    Type.String({ description: 'Why nothing was posted; null when something was' }),
  ),
})

/** Ready shapes: what other programs send as it comes. Each payload is posted whole or not at all. */
export const webhookRoutes: FastifyPluginAsyncTypebox<{
  db: Database
  clock: Clock
  webhooks: WebhookCredentials
}> = async (app, { db, clock, webhooks }) => {
  keepRawBody(app)

  for (const shape of shapeNames)
    app.post(
      `/${shape}`,
      {
        bodyLimit: WEBHOOK_BODY_BYTES_MAX,
        schema: {
          summary: `Posts what ${shape === 'plain' ? 'any program' : shape} tells`,
          description:
            'See docs/webhooks.md. The same occurrence told again is counted, not posted twice.',
          // A form of GitHub's carries JSON, which must not be shaped as fields.
          ...(shape === 'github' ? {} : { body: Type.Any() }),
          response: { 200: Received },
        },
        config: { may: 'person', webhook: shape, rateLimit: webhookPace },
      },
      async (request) => {
        const sender = await senderOf(request)
        const { events, ignored } = readShape(shape, request.body, eventHeader(request))
        const from = { shape, name: sender.name }
        const items = events.length > 0 ? await receive(db, clock, from, events) : []
        if (sender.id) await webhooks.noteUse(sender.id)
        return { items, ignored }
      },
    )

  /** A person who tries it out is one too. */
  const senderOf = async (
    request: FastifyRequest,
  ): Promise<{ name: string; id: string | null }> => {
    if (request.caller) {
      const { webhook, credentialId } = callerOf(request)
      return webhook ? { name: webhook.name, id: credentialId } : { name: 'trial', id: null }
    }
    const signature = request.headers['x-hub-signature-256']
    const signer =
      typeof signature === 'string' && request.rawBody
        ? await webhooks.bySignature(request.rawBody, signature)
        : null
    if (!signer)
      throw new AppError('unauthorized', 'The signature is none of a webhook known here', {
        hint: 'Make one with "mc webhook create <name> --shape github" and give its token to GitHub as the secret.',
      })
    return { name: signer.name, id: signer.id }
  }
}

const eventHeader = (request: FastifyRequest): string | undefined => {
  const event = request.headers['x-github-event']
  return typeof event === 'string' ? event : undefined
}
