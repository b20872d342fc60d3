import { AppError } from '@mc/core/errors.ts'
import type { FastifyRequest } from 'fastify'

/** A message that is missing or blank is answered in a person's words, not in the schema's. */
export const mustSay = async (request: FastifyRequest): Promise<void> => {
  const { text } = (request.body ?? {}) as { text?: unknown }
  if (text === undefined || (typeof text === 'string' && text.trim() === ''))
    throw new AppError('invalid', 'Write a message first.')
}
