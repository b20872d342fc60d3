import type { Alert } from '../../alerts/alert.ts'
import type { Item } from '../../inbox/item.ts'
import type { Run } from '../../runs/run.ts'
import type { TaskView } from '../../tasks/task.ts'
import type { Ticket, TicketEvent } from '../../tickets/ticket.ts'

/** As JSON brings it: times are text. */
type Told<T> = { [Name in keyof T]: T[Name] extends Date | null ? string | null : T[Name] }

/** What the house responder reads of `GET /api/v1/status`; more is there. */
export type StatusFacts = {
  luci: { found: { profile: string; command: string }[] }
  workers: { name: string; state: string }[]
  inbox: { pending: number; claimed: number; handledToday: number; silencedToday: number }
  tickets: { open: number; byStatus: Record<string, number> }
  alerts: { open: number; undelivered: number }
  tasks: {
    total: number
    failing: string[]
    paused: number
    next: { id: string; at: string } | null
  }
  telegram: { configured: boolean }
}

export type Page<T> = { items: T[]; next: string | null }
export type ItemFacts = Told<Item>
export type { Alert, Run, TaskView, Ticket, TicketEvent }
