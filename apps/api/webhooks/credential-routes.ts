import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { WebhookCredentials } from '@mc/core/credentials/webhooks.ts'
import { shapeNames } from '@mc/core/webhooks/shapes.ts'
import { Type } from 'typebox'
import { answer } from '../forms.ts'
import type { PageFrame } from '../frame/frame.ts'
import { NameParam, Nullable } from '../schemas.ts'
import { setUpOf } from './present.ts'

const NewWebhook = Type.Object(
  {
    name: Type.String({
      pattern: '^[a-z0-9][a-z0-9-]{0,39}$',
      description: 'Lower-case letters, digits and hyphens: it stands in the items’ source id',
    }),
    shape: Type.Optional(
      Type.Enum(shapeNames, {
        description: 'The one shape it may post; without it any but github',
      }),
    ),
  },
  { additionalProperties: false },
)

const WebhookShape = Type.Object({
  id: Type.String(),
  name: Type.String(),
  shape: Nullable(Type.Enum(shapeNames)),
  createdAt: Type.String(),
  usedAt: Nullable(Type.String()),
})

/** Who may post events. A token is told once, to the person who makes it. */
export const webhookCredentialRoutes: FastifyPluginAsyncTypebox<{
  webhooks: WebhookCredentials
  frame: PageFrame
  publicUrl: string | null
}> = async (app, { webhooks, frame, publicUrl }) => {
  app.get(
    '/',
    { schema: { response: { 200: Type.Object({ items: Type.Array(WebhookShape) }) } } },
    async () => ({ items: await webhooks.list() }),
  )

  app.post(
    '/',
    {
      schema: {
        body: NewWebhook,
        response: {
          201: Type.Object({
            webhook: WebhookShape,
            token: Type.String({ description: 'Told this once' }),
            url: Type.String(),
          }),
        },
      },
      config: { may: 'person', secretAnswer: true },
    },
    async (request, reply) => {
      const { name, shape = null } = request.body
      const made = await webhooks.create(name, shape)
      const base = publicUrl ?? `http://${request.headers.host}`
      const setUp = setUpOf(shape, base, made.token)
      if (request.formBack === null) return reply.code(201).send({ ...made, url: setUp.url })
      // Shown by this very answer: a token in a cookie or an address would stay there.
      reply.code(201)
      return frame.sendPage(request, reply, 'webhooks/views/created', {
        page: 'settings',
        title: `Webhook ${name}`,
        webhook: made.webhook,
        token: made.token,
        setUp,
      }) as never
    },
  )

  app.post(
    '/:id/revoke',
    { schema: { params: NameParam, response: { 200: WebhookShape } }, config: { may: 'person' } },
    async (request, reply) => {
      const revoked = await webhooks.revoke(request.params.id)
      return answer(request, reply, {
        body: revoked,
        notice: `Webhook ${revoked.name} is revoked: what it sends is refused from now on`,
      })
    },
  )
}
