import { NewTicket, type Ticket, TicketChange } from '@mc/core/tickets/ticket.ts'
import { Value } from 'typebox/value'

export type TicketFields = Pick<Ticket, 'title' | 'body' | 'priority' | 'labels' | 'due'>
export type Edit = TicketFields & Pick<Ticket, 'version'>

/** A ticket's form as it was sent: an empty field is empty, and nothing is checked yet. */
export const readFields = (body: unknown): TicketFields => {
  const fields = (body ?? {}) as Record<string, unknown>
  const text = (name: string) => String(fields[name] ?? '').replaceAll('\r\n', '\n')
  return {
    title: text('title').trim(),
    body: text('body').trimEnd(),
    priority: (text('priority') || 'normal') as Ticket['priority'],
    labels: text('labels')
      .split(',')
      .map((label) => label.trim())
      .filter((label) => label !== ''),
    due: text('due') || null,
  }
}

export const readEdit = (body: unknown): Edit => ({
  ...readFields(body),
  version: Number((body as { version?: unknown } | null)?.version),
})

/** What is wrong with an edit, in words for a person; nothing when it may be saved. */
export const wrongInEdit = (edit: Edit): string[] => wrong(TicketChange, edit)

/** What is wrong with a new ticket; nothing when it may be filed. */
export const wrongInNew = ({ due, ...fields }: TicketFields): string[] =>
  wrong(NewTicket, due === null ? fields : { ...fields, due })

const wrong = (schema: typeof NewTicket | typeof TicketChange, fields: object): string[] => [
  ...new Set(
    Value.Errors(schema, fields).map(({ instancePath }) => {
      const [, name = '', at] = instancePath.split('/')
      return words(name, (fields as Record<string, unknown>)[name], at)
    }),
  ),
]

const words = (name: string, value: unknown, at: string | undefined): string => {
  if (name === 'title')
    return value === '' ? 'The title is empty.' : 'The title is longer than 200 characters.'
  if (name === 'body') return 'The description is longer than 65,536 characters.'
  if (name === 'labels' && at === undefined) return 'There are more than 20 labels.'
  if (name === 'labels')
    return `The label “${(value as string[])[Number(at)]}” is longer than 50 characters. A comma stands between two labels.`
  if (name === 'due') return `“${value}” is no day; write it as 2026-12-01.`
  if (name === 'priority') return 'The priority is critical, normal or low.'
  return 'The page was too old to be saved; open the ticket again.'
}
