import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { Attachments } from '@mc/core/attachments/attachments.ts'
import { nameToLuci } from '@mc/core/attachments/naming.ts'
import { compactTurn } from '@mc/core/digest/compact.ts'
import { AppError } from '@mc/core/errors.ts'
import type { Luci } from '@mc/core/luci/luci.ts'
import { isOpenTurn } from '@mc/core/turns/turn.ts'
import type { Turns } from '@mc/core/turns/turns.ts'
import { TURN_TEXT_MAX } from '@mc/core/turns/turns.ts'
import { Type } from 'typebox'
import { mustSay } from '../composer/must-say.ts'
import { answer } from '../forms.ts'
import { LIMIT, Page, Paging, readCursor, toPage } from '../paging.ts'
import { NameParam, TurnShape } from '../schemas.ts'

const Edit = Type.Object(
  { text: Type.String({ minLength: 1, maxLength: TURN_TEXT_MAX }) },
  { additionalProperties: false },
)

const Form = Type.Object({
  form: Type.Optional(
    Type.Enum(['full', 'compact'], {
      description:
        'compact: only what is to be read and answered, in the fewest tokens; a digest as rows',
    }),
  ),
})

/** A turn, or its compact form. */
const ShownTurn = Type.Union([
  TurnShape,
  Type.Object({ id: Type.String(), origin: Type.String() }, { additionalProperties: true }),
])

/** The thread as data; a queued turn may be edited and taken back. */
export const turnRoutes: FastifyPluginAsyncTypebox<{
  turns: Turns
  attachments: Attachments
  luci: Luci
}> = async (app, { turns, attachments, luci }) => {
  app.get(
    '/',
    { schema: { querystring: Type.Object(Paging), response: { 200: Page(TurnShape) } } },
    async (request) => {
      const { cursor, limit = LIMIT } = request.query
      const before = readCursor(cursor)
      const rows = await turns.list({ ...(before ? { before } : {}), limit: limit + 1 })
      return toPage(rows, limit, (turn) => turn.seq)
    },
  )

  app.get(
    '/:id',
    { schema: { params: NameParam, querystring: Form, response: { 200: ShownTurn } } },
    async (request) => {
      const turn = await turns.get(request.params.id)
      return request.query.form === 'compact' ? compactTurn(turn) : turn
    },
  )

  app.patch(
    '/:id',
    {
      schema: { params: NameParam, body: Edit, response: { 200: TurnShape } },
      config: { may: 'person' },
      preValidation: mustSay,
    },
    async (request) => turns.edit(request.params.id, request.body.text),
  )

  app.delete(
    '/:id',
    { schema: { params: NameParam, response: { 204: Type.Null() } }, config: { may: 'person' } },
    async (request, reply) => {
      await turns.remove(request.params.id)
      return reply.code(204).send(null)
    },
  )

  // A form knows neither PATCH nor DELETE.
  app.post(
    '/:id/edit',
    {
      schema: { params: NameParam, body: Edit, response: { 200: TurnShape } },
      config: { may: 'person' },
      preValidation: mustSay,
    },
    async (request, reply) => {
      const { id } = request.params
      // The form shows the person's own text; the lines that name files stay below it.
      const files = (await attachments.ofTurns([id])).get(id) ?? []
      const turn = await turns.edit(id, nameToLuci(request.body.text, files, attachments.path))
      return answer(request, reply, { body: turn, notice: 'Changed; it is still waiting' })
    },
  )

  app.post(
    '/:id/remove',
    {
      schema: { params: NameParam, response: { 200: Type.Object({ removed: Type.Boolean() }) } },
      config: { may: 'person' },
    },
    async (request, reply) => {
      await turns.remove(request.params.id)
      return answer(request, reply, { body: { removed: true }, notice: 'Taken back' })
    },
  )

  // "Steer now": what she is doing is stopped for it.
  app.post(
    '/:id/now',
    {
      schema: { params: NameParam, response: { 200: TurnShape } },
      config: { may: 'person' },
    },
    async (request, reply) => {
      const turn = await luci.sendNow(request.params.id)
      return answer(request, reply, {
        body: turn,
        notice: turn.state === 'queued' ? 'It goes next' : 'Luci has it now',
      })
    },
  )

  // What ended without an answer is never sent again by itself; a person may.
  app.post(
    '/:id/again',
    { schema: { params: NameParam, response: { 201: TurnShape } }, config: { may: 'person' } },
    async (request, reply) => {
      const before = await turns.get(request.params.id)
      if (isOpenTurn(before.state) || before.state === 'answered' || before.digestId)
        throw new AppError('conflict', `Turn ${before.id} is ${before.state}`, {
          hint: 'Only a message of a person that ended without an answer is asked again.',
        })
      const turn = await luci.send({ text: before.text, origin: 'user', author: 'person' })
      const files = (await attachments.ofTurns([before.id])).get(before.id) ?? []
      await attachments.give(files, { turnId: turn.id })
      return answer(request, reply, {
        status: 201,
        body: turn,
        notice: 'Asked again',
        to: `/#turn-${turn.id}`,
      })
    },
  )
}
