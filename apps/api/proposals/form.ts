import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { sentences } from '@mc/core/client/sentences.ts'
import { AppError, type ErrorCode } from '@mc/core/errors.ts'
import type { Proposal } from '@mc/core/proposals/proposal.ts'
import type { Proposals } from '@mc/core/proposals/proposals.ts'
import { undecided } from '@mc/core/proposals/rows.ts'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { leaveNotice } from '../forms.ts'
import type { PageFrame } from '../frame/frame.ts'
import { actorOf, callerOf } from '../safety/caller.ts'
import { NameParam } from '../schemas.ts'
import {
  addStep,
  answersIn,
  contentOf,
  type Draft,
  moveStep,
  readDraft,
  removeStep,
  wrongIn,
} from './draft.ts'
import { editsOf } from './edits.ts'
import { type OpenPage, warnedOf } from './open-page.ts'
import { presentProposal, presentSteps } from './present.ts'

/**
 * The form in which a person judges a proposal. Whatever comes of it, nothing that was typed is
 * lost: what is refused comes back in the form, and what is too late is shown beside what became.
 */
export const proposalForm: FastifyPluginAsyncTypebox<{
  proposals: Proposals
  frame: PageFrame
  openPage: OpenPage
  chatOff: () => Promise<boolean>
}> = async (app, { proposals, frame, openPage, chatOff }) => {
  app.post(
    '/proposals/:id',
    { schema: { params: NameParam, hide: true }, config: { may: 'person' } },
    async (request, reply) => {
      const body = (request.body ?? {}) as Record<string, string | string[]>
      const proposal = await proposals.get(request.params.id)
      const [verb = '', name = ''] = String([body.do ?? ''].flat().at(-1)).split('.')
      const sent = readDraft(body, proposal)
      const draft = verb === 'park' ? withAllToFile(sent) : sent
      if (isDecision(verb))
        return decide(request, reply, proposal, draft, verb, String(body.warned))
      return openPage.send(request, reply, proposal, arrange(draft, verb, name))
    },
  )

  // What the choice comes to, while it is made.
  app.post(
    '/proposals/:id/plan',
    { schema: { params: NameParam, hide: true }, config: { may: 'person' } },
    async (request, reply) => {
      const proposal = await proposals.get(request.params.id)
      const draft = readDraft(request.body, proposal)
      const { plan, graph } = await openPage.look(proposal, draft)
      return frame.sendPartial(reply, 'proposals/views/plan_parts', {
        plan,
        graph,
        warned: warnedOf(plan),
      })
    },
  )

  const decide = async (
    request: FastifyRequest,
    reply: FastifyReply,
    proposal: Proposal,
    draft: Draft,
    verb: Decision,
    warned: string,
  ): Promise<unknown> => {
    const { content, plan } = await openPage.look(proposal, draft)
    const wrong = verb === 'accept' || verb === 'park' ? wrongIn(content) : []
    if (wrong.length > 0)
      return openPage.send(request, reply, proposal, draft, { status: 400, wrong })
    const seen = new Set(warned.split(' '))
    if (verb === 'accept' && plan.lost.some(({ step, other }) => !seen.has(`${step}>${other}`)))
      return openPage.send(request, reply, proposal, draft, { mustSee: true })
    try {
      leaveNotice(reply, {
        tone: 'good',
        text: await carryOut(request, proposal, draft, verb),
      })
      return reply.redirect(`/proposals/${proposal.id}`, 303)
    } catch (error) {
      if (!(error instanceof AppError)) throw error
      const { code, message, hint, problems, stale } = error
      if (code === 'conflict' && (stale || (await isDecided(proposal.id))))
        return tooLate(request, reply, proposal.id, draft)
      const status = shownAs[code]
      if (status === undefined) throw error
      return openPage.send(request, reply, proposal, draft, {
        status,
        wrong: problems?.length
          ? problems.map((one) => sentences(one))
          : [sentences(message, hint)],
      })
    }
  }

  const isDecided = async (id: string): Promise<boolean> =>
    !undecided.includes((await proposals.get(id)).state)

  /** Throws what core refuses. Returns what is told. */
  const carryOut = async (
    request: FastifyRequest,
    proposal: Proposal,
    draft: Draft,
    verb: Decision,
  ): Promise<string> => {
    const by = actorOf(callerOf(request))
    const { id } = proposal
    const { version, seen } = draft
    const answers = answersIn(draft, proposal)
    const content = contentOf(draft, proposal)
    if (verb === 'accept' || verb === 'park') {
      const decided = await proposals[verb](id, {
        version,
        seen,
        by,
        content: answered(content, answers),
      })
      const { tickets } = await proposals.story(decided.id)
      const keys = tickets.map(({ key }) => key).join(', ')
      return `${verb === 'accept' ? 'Accepted' : 'Filed as parked'}${keys ? `: ${keys}` : ''}`
    }
    if (verb === 'refuse') {
      await proposals.refuse(id, { version, by, ...(draft.note ? { reason: draft.note } : {}) })
      return 'Refused: nothing of it was done'
    }
    if (await chatOff())
      throw new AppError('unavailable', 'Chat with Luci is switched off, so she cannot be asked', {
        hint: 'Switch it on under Settings, or edit the proposal and accept it as you want it.',
      })
    const note = [draft.note, answers].filter(Boolean).join('\n\n')
    await proposals.askChanges(id, { version, by, note, content })
    return 'Luci was asked for changes; what she proposes then takes the place of this one'
  }

  /** Somebody was faster. What was typed is shown, and may still count when nobody has decided. */
  const tooLate = async (
    request: FastifyRequest,
    reply: FastifyReply,
    id: string,
    draft: Draft,
  ): Promise<unknown> => {
    const proposal = await proposals.get(id)
    const view = presentProposal(proposal, (await proposals.story(id)).tickets)
    if (view.mayDecide)
      return openPage.send(
        request,
        reply,
        proposal,
        { ...draft, version: proposal.version },
        { status: 409, isStale: true },
      )
    const [successor = null] = await proposals.list({ replaces: id, limit: 1 })
    reply.code(409)
    return frame.sendPage(request, reply, 'proposals/views/too_late', {
      page: 'proposals',
      title: `${proposal.title} was decided meanwhile`,
      proposal,
      view,
      successor,
      note: draft.note,
      answers: answersIn(draft, proposal),
      edits: editsOf(proposal.content, contentOf(draft, proposal)).filter(
        ({ how }) => how !== 'same',
      ),
      steps: presentSteps(draft, proposal, new Map()),
    })
  }
}

/** What is refused for what it says, and can be mended in the form. */
const shownAs: Partial<Record<ErrorCode, number>> = {
  invalid: 400,
  conflict: 409,
  unavailable: 503,
}

/** Parked is all that can be filed, whatever is ticked to begin. */
const withAllToFile = (draft: Draft): Draft => ({
  ...draft,
  steps: draft.steps.map((step) => (step.do === 'file' ? { ...step, take: true } : step)),
})

const decisions = ['accept', 'park', 'changes', 'refuse'] as const
type Decision = (typeof decisions)[number]
const isDecision = (verb: string): verb is Decision =>
  (decisions as readonly string[]).includes(verb)

const arrange = (draft: Draft, verb: string, name: string): Draft => {
  if (verb === 'up') return moveStep(draft, name, -1)
  if (verb === 'down') return moveStep(draft, name, 1)
  if (verb === 'add') return addStep(draft)
  if (verb === 'remove') return removeStep(draft, name)
  return draft
}

/** Answers are kept with what is accepted: who reads the summary later has both. */
const answered = <T extends { summary?: string }>(content: T, answers: string): T =>
  answers
    ? { ...content, summary: [content.summary, answers].filter(Boolean).join('\n\n') }
    : content
