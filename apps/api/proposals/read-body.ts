import { AppError } from '@mc/core/errors.ts'
import { shapeMistakes, withoutNulls } from '@mc/core/proposals/shape.ts'
import type { FastifyRequest } from 'fastify'

/** A route's `preValidation`: the body is the content, with what says how it is meant. */
export const readProposal = async (request: FastifyRequest): Promise<void> => {
  if (typeof request.body !== 'object' || request.body === null) return
  const body = withoutNulls(request.body) as Record<string, unknown>
  request.body = body
  const { item: _, replaces: __, ...content } = body
  refuse(shapeMistakes(content))
}

/** The same where the content is a field of the body, and may be left out. */
export const readEdited = async (request: FastifyRequest): Promise<void> => {
  if (typeof request.body !== 'object' || request.body === null) return
  const body = withoutNulls(request.body) as Record<string, unknown>
  request.body = body
  if (typeof body.content === 'object' && body.content !== null)
    refuse(shapeMistakes(body.content as Record<string, unknown>))
}

const refuse = (problems: readonly string[]): void => {
  if (problems.length > 0)
    throw new AppError('invalid', problems.join('; '), {
      problems,
      hint: 'Nothing was done with it; set this right and send the whole of it again.',
    })
}
