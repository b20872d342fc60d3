import type { Proposal } from '@mc/core/proposals/proposal.ts'
import type { Proposals } from '@mc/core/proposals/proposals.ts'
import type { Tickets } from '@mc/core/tickets/tickets.ts'
import type { Held } from '@mc/core/trust/held.ts'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { PageFrame } from '../frame/frame.ts'
import { contentOf, type Draft, draftOf } from './draft.ts'
import { drawProposal } from './drawing.ts'
import { fieldLabels } from './edits.ts'
import { ticketsNamed } from './look.ts'
import { type Plan, planOf } from './plan.ts'
import { presentProposal, presentSteps } from './present.ts'

export type OpenPageDeps = {
  proposals: Proposals
  tickets: Tickets
  frame: PageFrame
  /** Whether there is a program that work could be handed to. */
  workers: boolean
  held: () => Promise<Held | null>
}

/** What the form is shown with beside itself. */
export type Said = {
  status?: number
  /** Mistakes that keep it from being taken. */
  wrong?: readonly string[]
  /** Somebody changed it since the form was filled in. */
  isStale?: boolean
  /** Links that are lost; the person has not seen it yet. */
  mustSee?: boolean
}

/** A proposal that waits, as the form in which it is judged. */
export const createOpenPage = ({ proposals, tickets, frame, workers, held }: OpenPageDeps) => {
  /** What accepting the draft as it stands would do, and its drawing. */
  const look = async (proposal: Proposal, draft: Draft) => {
    const content = contentOf(draft, proposal)
    const all = contentOf(
      { ...draft, steps: draft.steps.map((step) => ({ ...step, take: true })) },
      proposal,
    )
    const [named, stopped] = await Promise.all([ticketsNamed(tickets, all), held()])
    const plan = planOf(content, all.steps, {
      tickets: named,
      workers,
      held: stopped?.reason ?? null,
    })
    const left = new Set(draft.steps.filter(({ take }) => !take).map(({ name }) => name))
    return { content, plan, named, graph: drawProposal(proposal.id, all, named, { left }) }
  }

  return {
    look,

    async send(
      request: FastifyRequest,
      reply: FastifyReply,
      proposal: Proposal,
      draft: Draft = draftOf(proposal),
      { status = 200, wrong = [], isStale = false, mustSee = false }: Said = {},
    ): Promise<unknown> {
      const [{ plan, named, graph }, earlier, allEdits] = await Promise.all([
        look(proposal, draft),
        proposal.replaces === null ? null : proposals.find(proposal.replaces),
        proposals.ticketEdits([proposal]),
      ])
      const edits = allEdits.get(proposal.id) ?? []
      reply.code(status)
      return frame.sendPage(request, reply, 'proposals/views/open', {
        page: 'proposals',
        title: proposal.title,
        here: `/proposals/${proposal.id}`,
        proposal,
        view: presentProposal(proposal, []),
        draft,
        steps: presentSteps(draft, proposal, named, edits),
        // What stands on this page is what the person then has seen.
        seen: Math.max(0, ...edits.map(({ edit }) => edit)),
        questions: (proposal.content.questions ?? []).map((question, at) => ({
          ...question,
          at,
          answer: draft.answers[at] ?? '',
        })),
        plan,
        warned: warnedOf(plan),
        graph,
        earlier,
        wrong,
        isStale,
        mustSee,
        fieldLabels,
        hasProposalForm: true,
      })
    },
  }
}

export type OpenPage = ReturnType<typeof createOpenPage>

/** Which lost links a person was shown, as the form carries it. */
export const warnedOf = ({ lost }: Plan): string =>
  lost.map(({ step, other }) => `${step}>${other}`).join(' ')
