import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { AppError } from '@mc/core/errors.ts'
import type { Proposal } from '@mc/core/proposals/proposal.ts'
import type { Proposals } from '@mc/core/proposals/proposals.ts'
import { Type } from 'typebox'
import { answer, refuseOnPage } from '../forms.ts'
import { LIMIT, Page, readCursor, toPage } from '../paging.ts'
import { actorOf, callerOf } from '../safety/caller.ts'
import { readEdited, readProposal } from './read-body.ts'
import {
  AcceptBody,
  ChangesBody,
  NewProposalBody,
  ProposalFilter,
  ProposalParam,
  ProposalShape,
  ProposalStoryShape,
  ProposedShape,
  RefuseBody,
  WithdrawBody,
} from './schemas.ts'

/** A yes to all that is chosen: begun, or only filed; and what is then told. */
const yeses = [
  ['accept', 'Accepted'],
  ['park', 'Parked'],
] as const

/** What Luci proposes, the person's four answers to it, and her own second thought. */
export const proposalRoutes: FastifyPluginAsyncTypebox<{
  proposals: Proposals
  chatOff: () => Promise<boolean>
}> = async (app, { proposals, chatOff }) => {
  app.get(
    '/',
    { schema: { querystring: ProposalFilter, response: { 200: Page(ProposalShape) } } },
    async (request) => {
      const { cursor, limit = LIMIT, state, turn } = request.query
      const before = readCursor(cursor)
      const rows = await proposals.list({
        ...(state ? { states: [state] } : {}),
        ...(turn ? { turn } : {}),
        ...(before ? { before } : {}),
        limit: limit + 1,
      })
      return toPage(rows, limit, ({ seq }) => seq)
    },
  )

  app.get(
    '/:id',
    { schema: { params: ProposalParam, response: { 200: ProposalStoryShape } } },
    async (request) => proposals.story(request.params.id),
  )

  app.post(
    '/',
    {
      schema: { body: NewProposalBody, response: { 201: ProposedShape } },
      config: { may: 'digest' },
      preValidation: readProposal,
    },
    async (request, reply) => {
      const { item, replaces, ...content } = request.body
      const made = await proposals.propose(callerOf(request).turn, content, { item, replaces })
      const note = noteOf(made.proposal)
      return answer(request, reply, { status: 201, body: { ...made, note }, notice: note })
    },
  )

  for (const [verb, done] of yeses)
    app.post(
      `/:id/${verb}`,
      {
        schema: { params: ProposalParam, body: AcceptBody, response: { 200: ProposalStoryShape } },
        config: { may: 'person' },
        preValidation: readEdited,
        errorHandler: refuseOnPage,
      },
      async (request, reply) => {
        const by = actorOf(callerOf(request))
        const { id } = await proposals[verb](request.params.id, { ...request.body, by })
        const story = await proposals.story(id)
        return answer(request, reply, { body: story, notice: cameOf(done, story) })
      },
    )

  app.post(
    '/:id/refuse',
    {
      schema: { params: ProposalParam, body: RefuseBody, response: { 200: ProposalShape } },
      config: { may: 'person' },
      errorHandler: refuseOnPage,
    },
    async (request, reply) => {
      const by = actorOf(callerOf(request))
      const refused = await proposals.refuse(request.params.id, { ...request.body, by })
      return answer(request, reply, { body: refused, notice: 'Refused: nothing of it was done' })
    },
  )

  app.post(
    '/:id/withdraw',
    {
      schema: { params: ProposalParam, body: WithdrawBody, response: { 200: ProposalShape } },
      config: { may: 'turn' },
      errorHandler: refuseOnPage,
    },
    async (request, reply) => {
      const { turn } = callerOf(request)
      const withdrawn = await proposals.withdraw(turn, request.params.id, request.body)
      return answer(request, reply, {
        body: withdrawn,
        notice: 'Taken back: nothing of it is done',
      })
    },
  )

  app.post(
    '/:id/changes',
    {
      schema: {
        params: ProposalParam,
        body: ChangesBody,
        response: { 202: Type.Object({ proposal: ProposalShape, turn: Type.String() }) },
      },
      config: { may: 'person' },
      preValidation: readEdited,
      errorHandler: refuseOnPage,
    },
    async (request, reply) => {
      if (await chatOff())
        throw new AppError(
          'unavailable',
          'Chat with Luci is switched off, so she cannot be asked',
          {
            hint: 'Switch it on under Settings, or edit the proposal and accept it as you want it.',
          },
        )
      const { note = '', ...rest } = request.body
      const by = actorOf(callerOf(request))
      const asked = await proposals.askChanges(request.params.id, { ...rest, note, by })
      return answer(request, reply, {
        status: 202,
        body: { proposal: asked.proposal, turn: asked.turnId },
        notice: 'Luci was asked for changes',
      })
    },
  )
}

/** What became of what she proposed, for her and for the command line. */
export const noteOf = ({ id, state, reason }: Proposal): string =>
  state === 'carried_out'
    ? `Carried out at once, as proposal ${id}. The person can undo it.`
    : `Proposed to the person as ${id}; nothing is done until they say so.${reason ? ` ${reason}.` : ''}`

const cameOf = (verb: string, { tickets }: { tickets: { key: string }[] }): string =>
  tickets.length === 0 ? verb : `${verb}: ${tickets.map(({ key }) => key).join(', ')}`
