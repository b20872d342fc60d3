import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { AppError } from '@mc/core/errors.ts'
import { type Priority, priorities } from '@mc/core/inbox/item.ts'
import {
  type Ticket,
  type TicketChange,
  type TicketStatus,
  ticketKey,
  ticketStatuses,
} from '@mc/core/tickets/ticket.ts'
import type { Tickets } from '@mc/core/tickets/tickets.ts'
import { answer, type Notice } from '../forms.ts'
import { enumerate } from '../frame/format.ts'
import { actorOf, callerOf } from '../safety/caller.ts'
import { statusWords } from './present.ts'

type Fields = Record<string, unknown>
type Chosen = { id: number; version: number }
/** What becomes of a ticket; null leaves it as it is. */
type Change = (ticket: Ticket) => TicketChange | null

const CHOSEN_MAX = 500
const LABELS_MAX = 20
const LABEL_CHARS_MAX = 50

/**
 * The board is one form: `t12=3` says that MC-12 was chosen as it was at its third version, `move`
 * that one card goes to another column (`12.3.doing`), `do` what becomes of all that were chosen.
 */
export const boardChanges: FastifyPluginAsyncTypebox<{ tickets: Tickets }> = async (
  app,
  { tickets },
) => {
  app.post('/board/changes', { schema: { hide: true } }, async (request, reply) => {
    const fields = (request.body ?? {}) as Fields
    const by = actorOf(callerOf(request))
    const { chosen, change, done } = readChange(fields)
    const changed: number[] = []
    const left: number[] = []
    const gone: number[] = []
    for (const { id, version } of chosen) {
      const ticket = await tickets.find(id)
      if (!ticket) {
        gone.push(id)
        continue
      }
      const what = change(ticket)
      if (!what) continue
      try {
        await tickets.change(id, { ...what, version }, by)
        changed.push(id)
      } catch (error) {
        if (!(error instanceof AppError && error.code === 'conflict')) throw error
        // One that somebody else has changed does not hold up the others.
        left.push(id)
      }
    }
    return answer(request, reply, {
      body: { changed: changed.map(ticketKey), left: [...left, ...gone].map(ticketKey) },
      notice: tell({ changed, left, gone }, done),
    })
  })
}

const readChange = (fields: Fields): { chosen: Chosen[]; change: Change; done: string } => {
  if (typeof fields.move === 'string') {
    const [id = '', version = '', status = ''] = fields.move.split('.')
    return {
      chosen: [{ id: whole(id), version: whole(version) }],
      ...moving(statusOf(status)),
    }
  }
  const chosen = Object.entries(fields).flatMap(([name, version]) => {
    const id = /^t(\d{1,15})$/.exec(name)?.[1]
    return id ? [{ id: Number(id), version: whole(version) }] : []
  })
  if (chosen.length === 0)
    throw new AppError('invalid', 'Expected some tickets to be chosen, got none', {
      hint: 'Tick the box on each card, or press x on it.',
    })
  if (chosen.length > CHOSEN_MAX)
    throw new AppError('invalid', `Expected at most ${CHOSEN_MAX} tickets, got ${chosen.length}`)
  return { chosen, ...changeOf(fields) }
}

const changeOf = (fields: Fields): { change: Change; done: string } => {
  const labels = fields.do === 'label' || fields.do === 'unlabel' ? labelsOf(fields.label) : []
  switch (fields.do) {
    case 'move':
      return moving(statusOf(fields.status))
    case 'close':
      return { change: () => ({ status: 'done', resolution: 'fixed' }), done: 'Closed' }
    case 'wont_fix':
      return {
        change: () => ({ status: 'cancelled', resolution: 'wont_fix' }),
        done: 'Cancelled as “won’t fix”',
      }
    case 'priority': {
      const priority = priorities.find((one) => one === fields.priority)
      if (!priority) throw unknown('a priority', fields.priority)
      return prioritising(priority)
    }
    case 'label':
      return {
        change: (ticket) => {
          const all = [...new Set([...ticket.labels, ...labels])]
          return all.length === ticket.labels.length || all.length > LABELS_MAX
            ? null
            : { labels: all }
        },
        done: `Labelled ${quoted(labels)}:`,
      }
    case 'unlabel':
      return {
        change: (ticket) => {
          const kept = ticket.labels.filter((one) => !labels.includes(one))
          return kept.length === ticket.labels.length ? null : { labels: kept }
        },
        done: `Took ${quoted(labels)} off`,
      }
    default:
      throw unknown('what to do', fields.do)
  }
}

/** As everywhere, a comma stands between two labels. */
const labelsOf = (value: unknown): string[] => {
  const labels = String(value ?? '')
    .split(',')
    .map((one) => one.trim().slice(0, LABEL_CHARS_MAX))
    .filter((one) => one !== '')
  if (labels.length === 0) throw new AppError('invalid', 'Expected a label, got none')
  return labels
}

const quoted = (labels: readonly string[]) => enumerate(labels.map((one) => `“${one}”`))

const moving = (status: TicketStatus) => ({
  change: (ticket: Ticket) => (ticket.status === status ? null : { status }),
  done: `Moved to ${statusWords[status].label}:`,
})

const prioritising = (priority: Priority) => ({
  change: (ticket: Ticket) => (ticket.priority === priority ? null : { priority }),
  done: `Made ${priority}:`,
})

type Outcome = Record<'changed' | 'left' | 'gone', readonly number[]>

const tell = ({ changed, left, gone }: Outcome, done: string): Notice => {
  const names = (ids: readonly number[]) =>
    ids.length > 4 ? `${ids.length} tickets` : ids.map(ticketKey).join(', ')
  const rest =
    left.length > 0
      ? ` ${names(left)} ${left.length > 1 ? 'were' : 'was'} changed by somebody else meanwhile and left as ${left.length > 1 ? 'they are' : 'it is'}.`
      : ''
  const missing =
    gone.length > 0 ? ` ${names(gone)} ${gone.length > 1 ? 'do' : 'does'} not exist.` : ''
  const first = changed.length > 0 ? `${done} ${names(changed)}.` : 'Nothing was changed.'
  return {
    tone: left.length + gone.length > 0 ? 'warn' : 'good',
    text: `${first}${rest}${missing}`,
  }
}

const statusOf = (value: unknown): TicketStatus => {
  const status = ticketStatuses.find((one) => one === value)
  if (!status) throw unknown('a column', value)
  return status
}

const whole = (value: unknown): number => {
  const number = Number(value)
  if (!Number.isSafeInteger(number) || number < 1) throw unknown('a number', value)
  return number
}

const unknown = (wanted: string, got: unknown) =>
  new AppError('invalid', `Expected ${wanted}, got "${String(got ?? '').slice(0, 40)}"`)
