import multipart from '@fastify/multipart'
import { type Attachment, FILES_MAX, shownName, size } from '@mc/core/attachments/attachment.ts'
import type { Attachments } from '@mc/core/attachments/attachments.ts'
import type { Config } from '@mc/core/config.ts'
import { AppError } from '@mc/core/errors.ts'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { isCsrfToken } from '../safety/csrf.ts'
import { sessionCookie } from '../safety/session.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** The files that came with this request, already on the disk. */
    attached: Attachment[]
  }
  interface FastifyContextConfig {
    /** Takes multipart/form-data; all others refuse it. */
    takesFiles?: boolean
  }
}

const FIELD_BYTES_MAX = 2 * 1024 * 1024

/**
 * A multipart form becomes a body as any other form's, its files `attachments`, by id:
 * 1. A route that takes no files refuses it.
 * 2. A browser must prove itself before the first byte of a file is kept: by the header, or by
 *    the field `_csrf`, which our forms have first.
 * 3. Each file is streamed to the disk, never held in memory.
 * 4. When the request fails, its files go again.
 * Registered before the guard, which then finds the fields in the body.
 */
export const takeFiles = async (
  app: FastifyInstance,
  { attachments, config }: { attachments: Attachments; config: Config },
): Promise<void> => {
  const { bytesMax } = config.attachments
  app.decorateRequest('attached')
  await app.register(multipart, {
    limits: {
      fileSize: bytesMax,
      files: FILES_MAX,
      fields: 20,
      parts: FILES_MAX + 20,
      fieldSize: FIELD_BYTES_MAX,
    },
  })

  app.addHook('preValidation', async (request) => {
    if (!request.isMultipart()) return
    if (!request.routeOptions.config.takesFiles)
      throw Object.assign(new Error('No files are taken here'), { statusCode: 415 })
    request.attached = []
    const fields = await read(request).catch(async (error) => {
      await drop(request)
      throw error
    })
    const ids = request.attached.map(({ id }) => id)
    request.body = {
      ...fields,
      ...(ids.length > 0
        ? { attachments: [fields.attachments, ...ids].filter(Boolean).join(',') }
        : {}),
    }
  })

  const read = async (request: FastifyRequest): Promise<Record<string, string>> => {
    const fields: Record<string, string> = {}
    let last = ''
    try {
      for await (const part of request.parts()) {
        if (part.type === 'field') {
          fields[part.fieldname] = String(part.value)
          continue
        }
        // A file field that was left empty.
        if (!part.filename) {
          part.file.resume()
          continue
        }
        mustBeOurs(request, fields._csrf)
        const name = nameIn(part.filename)
        last = shownName(name)
        request.attached.push(await attachments.keep(name, part.file))
      }
      return fields
    } catch (error) {
      throw inWords(error, last, bytesMax)
    }
  }

  const drop = async (request: FastifyRequest): Promise<void> => {
    for (const { id } of request.attached ?? [])
      await attachments.remove(id).catch(() => {
        // Sent after all, or gone already; else the sweep takes it tomorrow.
      })
    request.attached = []
  }

  const mustBeOurs = (request: FastifyRequest, field: string | undefined): void => {
    if (request.caller?.kind !== 'browser') return
    const session = request.cookies[sessionCookie(config.http)] ?? ''
    if (!isCsrfToken(request.headers['x-csrf-token'] ?? field, session))
      throw new AppError('forbidden', 'The form was not one of this session', {
        hint: 'Reload the page and try again.',
      })
  }

  app.addHook('onResponse', async (request, reply) => {
    if (reply.statusCode >= 400) await drop(request)
  })
}

/** A browser writes three characters of a name so (WHATWG HTML, "multipart form data"), no other. */
const WRITTEN: Record<string, string> = { '%22': '"', '%0D': '\r', '%0A': '\n' }
const nameIn = (filename: string): string =>
  filename.replace(/%22|%0D|%0A/g, (code) => WRITTEN[code] ?? code)

/** What a person is told of a form that broke one of the limits. */
const inWords = (error: unknown, name: string, bytesMax: number): unknown => {
  const { code, statusCode } = error as { code?: string; statusCode?: number }
  if (statusCode !== 413) return error
  const words =
    code === 'FST_REQ_FILE_TOO_LARGE'
      ? `${name} is larger than ${size(bytesMax)} (MC_ATTACHMENT_MB)`
      : `Expected at most ${FILES_MAX} files at once`
  return Object.assign(new Error(words), { statusCode })
}
