import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { FILES_MAX, safeName } from '@mc/core/attachments/attachment.ts'
import type { Attachments } from '@mc/core/attachments/attachments.ts'
import { AppError } from '@mc/core/errors.ts'
import { Type } from 'typebox'
import { NameParam } from '../schemas.ts'
import { isShown, presentAttachment } from './present.ts'

const AttachmentShape = Type.Object(
  {
    id: Type.String(),
    name: Type.String(),
    mediaType: Type.String(),
    bytes: Type.Integer(),
    size: Type.String(),
    url: Type.String(),
    isImage: Type.Boolean(),
  },
  { additionalProperties: true },
)

/** Files before they are sent: uploaded one by one, and taken back. */
export const attachmentRoutes: FastifyPluginAsyncTypebox<{ attachments: Attachments }> = async (
  app,
  { attachments },
) => {
  app.post(
    '/',
    {
      schema: {
        consumes: ['multipart/form-data'],
        response: { 201: Type.Object({ items: Type.Array(AttachmentShape) }) },
      },
      config: {
        may: 'person',
        takesFiles: true,
        rateLimit: { max: 20 * FILES_MAX, timeWindow: '1 minute' },
      },
    },
    async (request, reply) => {
      const files = request.attached ?? []
      if (files.length === 0)
        throw new AppError('invalid', 'Expected a file as multipart/form-data, got none')
      return reply.code(201).send({ items: files.map(presentAttachment) })
    },
  )

  app.delete(
    '/:id',
    { schema: { params: NameParam, response: { 204: Type.Null() } }, config: { may: 'person' } },
    async (request, reply) => {
      await attachments.remove(request.params.id)
      return reply.code(204).send(null)
    },
  )
}

/**
 * The files themselves. What a stranger may have made is never a page of ours: only raster images
 * are shown, by what their bytes say; all else (SVG and HTML too) is saved, and could not run
 * anything if a browser opened it all the same.
 */
export const attachedFiles: FastifyPluginAsyncTypebox<{ attachments: Attachments }> = async (
  app,
  { attachments },
) => {
  app.get(
    '/attachments/:id',
    { schema: { params: NameParam, hide: true } },
    async (request, reply) => {
      const one = await attachments.get(request.params.id)
      const stream = await attachments.read(one).catch((error: NodeJS.ErrnoException) => {
        if (error.code !== 'ENOENT') throw error
        throw new AppError('not_found', `${one.name} is no longer there`)
      })
      const how = isShown(one) ? 'inline' : 'attachment'
      const name = encodeURIComponent(one.name).replace(/['()*]/g, percent)
      return reply
        .type(isShown(one) ? one.mediaType : 'application/octet-stream')
        .header('content-length', one.bytes)
        .header(
          'content-disposition',
          `${how}; filename="${safeName(one.name)}"; filename*=UTF-8''${name}`,
        )
        .header('content-security-policy', "default-src 'none'; sandbox")
        .header('x-content-type-options', 'nosniff')
        .header('cross-origin-resource-policy', 'same-origin')
        .header('cache-control', 'private, max-age=31536000, immutable')
        .send(stream)
    },
  )
}

const percent = (letter: string): string => `%${letter.charCodeAt(0).toString(16)}`
