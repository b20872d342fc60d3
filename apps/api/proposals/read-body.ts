import { refuseMistakes } from '@mc/core/proposals/mistakes.ts'
import { shapeMistakes, withoutNulls } from '@mc/core/proposals/shape.ts'
import type { FastifyRequest } from 'fastify'

/** A route's `preValidation`: the body is the content, with what says how it is meant. */
export const readProposal = async (request: FastifyRequest): Promise<void> => {
  if (typeof request.body !== 'object' || request.body === null) return
  const body = withoutNulls(request.body) as Record<string, unknown>
  request.body = body
  const { item: _, replaces: __, ...content } = body
  refuseMistakes(shapeMistakes(content))
}

/** The same where the content is a field of the body, and may be left out. */
export const readEdited = async (request: FastifyRequest): Promise<void> => {
  if (typeof request.body !== 'object' || request.body === null) return
  const body = withoutNulls(request.body) as Record<string, unknown>
  request.body = body
  if (typeof body.content === 'object' && body.content !== null)
    refuseMistakes(shapeMistakes(body.content as Record<string, unknown>))
}
