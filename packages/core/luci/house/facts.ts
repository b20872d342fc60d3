import type { Alert } from '../../alerts/alert.ts'
import type { Status } from '../../client/status.ts'
import type { Item } from '../../inbox/item.ts'
import type { Content, Proposal } from '../../proposals/proposal.ts'
import type { Run } from '../../runs/run.ts'
import type { TaskView } from '../../tasks/task.ts'
import type { Ticket, TicketEvent } from '../../tickets/ticket.ts'

/** As JSON brings it: times are text. */
type Told<T> = { [Name in keyof T]: T[Name] extends Date | null ? string | null : T[Name] }

/** What the house responder reads of `GET /api/v1/status`; more is there. */
export type StatusFacts = Pick<Status, 'inbox' | 'tickets' | 'alerts' | 'tasks'> & {
  luci: Pick<Status['luci'], 'found'>
  workers: Pick<Status['workers'][number], 'name' | 'state'>[]
  telegram: Pick<Status['telegram'], 'configured'>
}

export type Page<T> = { items: T[]; next: string | null }
export type ItemFacts = Told<Item>
/** What proposing answers. */
export type Proposed = { proposal: Pick<Proposal, 'id' | 'state' | 'content'>; note: string }
export type { Alert, Content, Proposal, Run, TaskView, Ticket, TicketEvent }
