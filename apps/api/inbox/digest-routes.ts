import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { Digests } from '@mc/core/digest/digests.ts'
import { AppError } from '@mc/core/errors.ts'
import { Type } from 'typebox'
import { LIMIT, Page, Paging, toPage } from '../paging.ts'
import { NameParam } from '../schemas.ts'

const DigestShape = Type.Object(
  { id: Type.String(), state: Type.String() },
  { additionalProperties: true },
)

/** What was sent to Luci at once, and what she said of each item. */
export const digestRoutes: FastifyPluginAsyncTypebox<{ digests: Digests }> = async (
  app,
  { digests },
) => {
  app.get(
    '/',
    { schema: { querystring: Type.Object(Paging), response: { 200: Page(DigestShape) } } },
    async (request) => {
      const { cursor, limit = LIMIT } = request.query
      const rows = await digests.list({
        ...(cursor ? { before: cursor } : {}),
        limit: limit + 1,
      })
      return toPage(rows, limit, (digest) => digest.id)
    },
  )

  app.get(
    '/:id',
    { schema: { params: NameParam, response: { 200: DigestShape } } },
    async (request) => {
      const digest = await digests.find(request.params.id)
      if (!digest) throw new AppError('not_found', `There is no digest ${request.params.id}`)
      return digest
    },
  )
}
