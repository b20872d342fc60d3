import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { type Proposal, proposalStates } from '@mc/core/proposals/proposal.ts'
import type { Held } from '@mc/core/trust/held.ts'
import { Type } from 'typebox'
import type { PageFrame } from '../frame/frame.ts'
import type { Nouns } from '../nouns.ts'
import { toPage } from '../paging.ts'
import { NameParam } from '../schemas.ts'
import { stateOf, withRuns } from '../tickets/state.ts'
import { createProposalCards } from './cards.ts'
import { fieldsOf } from './draft.ts'
import { drawProposal, stepWords, ticketsOfSteps } from './drawing.ts'
import { editsOf, fieldLabels } from './edits.ts'
import { proposalForm } from './form.ts'
import { ticketsCameOf, ticketsNamed } from './look.ts'
import { createOpenPage } from './open-page.ts'
import { presentProposal, tabs } from './present.ts'

const SHOWN = 30
/** Those that wait all stand on the first page; nobody lets more wait than this. */
const OPEN_SHOWN = 100

const Query = Type.Object({
  state: Type.Optional(Type.String({ maxLength: 20 })),
  before: Type.Optional(Type.Integer({ minimum: 1 })),
})

/** What Luci proposes: the list, each by itself, and the card that stands in the thread. */
export const proposalPages: FastifyPluginAsyncTypebox<{
  nouns: Nouns
  frame: PageFrame
  workers: boolean
  held: () => Promise<Held | null>
  chatOff: () => Promise<boolean>
}> = async (app, { nouns, frame, workers, held, chatOff }) => {
  const { proposals, tickets } = nouns
  const openPage = createOpenPage({ proposals, tickets, frame, workers, held })

  app.get('/proposals', { schema: { querystring: Query, hide: true } }, async (request, reply) => {
    const tab = tabs.find(({ id }) => id === request.query.state) ?? tabs[0]
    const { before } = request.query
    // What waits stands first, however old; it is not listed a second time below.
    const ended = proposalStates.filter((state) => state !== 'open')
    const states = tab?.states ?? ended
    const [open, found] = await Promise.all([
      tab?.states === null && before === undefined
        ? proposals.list({ states: ['open'], limit: OPEN_SHOWN })
        : ([] as Proposal[]),
      proposals.list({ states, ...(before ? { before } : {}), limit: SHOWN + 1 }),
    ])
    const page = toPage(found, SHOWN, ({ seq }) => seq)
    const shown = [...open, ...page.items]
    const came = await ticketsCameOf(
      tickets,
      shown.map(({ id }) => id),
    )
    const views = shown.map((one) => presentProposal(one, came.get(one.id) ?? []))
    return frame.sendPage(request, reply, 'proposals/views/proposals', {
      page: 'proposals',
      title: 'Proposals',
      tabs: tabs.map(({ id, label }) => ({
        id,
        label,
        href: id === 'all' ? '/proposals' : `/proposals?state=${id}`,
        current: id === tab?.id,
      })),
      tab,
      proposals: views,
      older: page.next,
      isPast: before !== undefined,
    })
  })

  app.get(
    '/proposals/:id',
    { schema: { params: NameParam, hide: true } },
    async (request, reply) => {
      const { acts, tickets: own, ...proposal } = await proposals.story(request.params.id)
      const filed = await withRuns(
        tickets,
        own.filter((ticket) => ticket.id !== proposal.parentId),
      )
      const view = presentProposal(proposal, filed)
      if (view.mayDecide) return openPage.send(request, reply, proposal)
      const [[successor = null], earlier, parent] = await Promise.all([
        proposals.list({ replaces: proposal.id, limit: 1 }),
        proposal.replaces === null ? null : proposals.find(proposal.replaces),
        proposal.parentId === null ? null : tickets.find(proposal.parentId),
      ])
      const content = proposal.accepted ?? proposal.content
      const named = await ticketsNamed(
        tickets,
        content,
        acts.map(({ ref }) => ref),
      )
      const became = ticketsOfSteps(acts, named, proposal.accepted, filed)
      return frame.sendPage(request, reply, 'proposals/views/decided', {
        page: 'proposals',
        title: proposal.title,
        proposal,
        view,
        content,
        parent,
        successor,
        earlier,
        graph: drawProposal(proposal.id, content, named, { became }),
        edits: editsOf(proposal.content, content).map((edit) => ({
          ...edit,
          step: [...content.steps, ...proposal.content.steps].find(
            ({ name }) => name === edit.name,
          ),
          ticket: became.get(edit.name) ?? null,
          isDone: proposal.accepted !== null && edit.how !== 'left_out',
        })),
        fieldLabels,
        fieldsOf,
        stepWords,
        stateOf,
        titleEdited: content.title !== proposal.content.title,
        summaryEdited: (content.summary ?? '') !== (proposal.content.summary ?? ''),
      })
    },
  )

  // Below the turn that they were made in.
  app.get(
    '/partials/turns/:id/proposals',
    { schema: { params: NameParam, hide: true } },
    async (request, reply) => {
      const { id } = request.params
      return frame.sendPartial(reply, 'proposals/views/cards', {
        proposals: (await createProposalCards(proposals, tickets)([id])).get(id) ?? [],
        csrf: request.caller?.csrf ?? '',
      })
    },
  )

  await app.register(proposalForm, { proposals, frame, openPage, chatOff })
}
