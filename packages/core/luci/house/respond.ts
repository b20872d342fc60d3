import type { Client } from '../../client/client.ts'
import { AppError } from '../../errors.ts'
import type { Turn } from '../../turns/turn.ts'
import { verdictsFor } from './digest-verdicts.ts'
import type {
  Alert,
  ItemFacts,
  Page,
  Proposal,
  Proposed,
  Run,
  StatusFacts,
  TaskView,
  Ticket,
  TicketEvent,
} from './facts.ts'
import { planOf } from './plan.ts'
import * as say from './replies.ts'
import { type Intent, understand } from './understand.ts'

type Api = Pick<Client, 'get' | 'post'>

/** What was proposed last, until the program ends; null before. */
export type Memory = { proposal: string | null }

/**
 * The house responder's answer to a message. Whatever the api refuses is said as the reply: to
 * be told so is what a person can act on.
 */
export const respond = async (text: string, api: Api, memory: Memory): Promise<string> => {
  try {
    return await act(understand(text), text, api, memory)
  } catch (error) {
    if (error instanceof AppError)
      return [`I could not do that: ${error.message}`, ...(error.hint ? [error.hint] : [])].join(
        '\n',
      )
    return `I could not do that: ${(error as Error).message}`
  }
}

const act = async (intent: Intent, text: string, api: Api, memory: Memory): Promise<string> => {
  switch (intent.kind) {
    case 'pull':
      return pull(intent.turn, api, memory)
    case 'help':
      return say.helpReply()
    case 'hello':
      return say.helloReply()
    case 'thanks':
      return say.thanksReply()
    case 'agents':
      return say.agentsReply((await status(api)).luci.found)
    case 'status':
      return say.statusReply(await status(api))
    case 'needs_me':
      return needsMe(api)
    case 'failed': {
      const runs = await page<Run>(api, '/runs', { status: 'failed', limit: 5 })
      return say.failedReply((await status(api)).tasks.failing, runs)
    }
    case 'scheduled':
      return say.scheduledReply(await page<TaskView>(api, '/tasks'))
    case 'alerts':
      return say.alertsReply(await openAlerts(api))
    case 'inbox': {
      const items = await page<ItemFacts>(api, '/inbox', { status: 'pending', limit: 10 })
      return say.inboxReply(items, (await status(api)).inbox)
    }
    case 'tickets':
      return say.ticketsReply(await tickets(api, intent.filter), intent.filter)
    case 'show': {
      const path = `/api/v1/tickets/MC-${intent.ticket}`
      const events = await api.get<Page<TicketEvent>>(`${path}/events`)
      return say.ticketReply(await api.get<Ticket>(path), events.items)
    }
    case 'file':
      return say.filedReply([await file(api, intent)])
    case 'propose': {
      const made = await api.post<Proposed>('/api/v1/proposals', planOf(intent))
      memory.proposal = made.proposal.id
      return say.proposedReply(made, intent.ordered)
    }
    case 'changes':
      return changes(intent.proposal, api, memory)
    case 'accept':
      return say.acceptReply(memory.proposal)
    case 'unknown':
      return say.unknownReply(text)
  }
}

/** A message too long to be typed, or a digest: read here, then answered like any other. */
const pull = async (turnId: string, api: Api, memory: Memory): Promise<string> => {
  const turn = await api.get<Turn>(`/api/v1/turns/${turnId}`)
  if (turn.origin !== 'digest') return respond(turn.text, api, memory)
  const verdicts = verdictsFor(turn.text)
  if (verdicts.length > 0) await api.post('/api/v1/inbox/resolve', { verdicts })
  return say.digestReply(verdicts)
}

const needsMe = async (api: Api): Promise<string> =>
  say.needsMeReply({
    alerts: await openAlerts(api),
    review: await page<Ticket>(api, '/tickets', { status: 'review' }),
    blocked: await page<Ticket>(api, '/tickets', { status: 'blocked' }),
    failing: (await page<TaskView>(api, '/tasks')).filter((task) => task.consecutiveFailures > 0),
  })

/** Those that Home shows, newest first: nobody has reacted, whether they were delivered or not. */
const openAlerts = async (api: Api): Promise<Alert[]> => {
  const states = ['queued', 'sending', 'sent', 'undelivered', 'expired']
  const pages = states.map((state) => page<Alert>(api, '/alerts', { state }))
  return (await Promise.all(pages)).flat().sort((a, b) => b.id - a.id)
}

const tickets = (api: Api, filter: 'open' | 'all' | 'doing' | 'done') => {
  if (filter === 'all') return page<Ticket>(api, '/tickets', { limit: 30 })
  if (filter === 'open') return page<Ticket>(api, '/tickets', { open: true, limit: 30 })
  return page<Ticket>(api, '/tickets', { status: filter, limit: 30 })
}

/** What a person edited is proposed as it is; what they wrote needs a model. */
const changes = async (id: string, api: Api, memory: Memory): Promise<string> => {
  const { askedContent, asked } = await api.get<Proposal>(`/api/v1/proposals/${id}`)
  if (!askedContent) return say.noModelForChanges(id)
  const made = await api.post<Proposed>('/api/v1/proposals', { ...askedContent, replaces: id })
  memory.proposal = made.proposal.id
  return say.editedReply(made, (asked ?? '') !== '')
}

const file = (
  api: Api,
  { title, body, labels }: { title: string; body: string; labels: string[] },
) =>
  api.post<Ticket>('/api/v1/tickets', {
    title,
    ...(body === '' ? {} : { body }),
    ...(labels.length === 0 ? {} : { labels }),
  })

const status = (api: Api) => api.get<StatusFacts>('/api/v1/status')

const page = async <T>(
  api: Api,
  path: string,
  query: Record<string, string | number | boolean> = {},
): Promise<T[]> => (await api.get<Page<T>>(`/api/v1${path}`, query)).items
