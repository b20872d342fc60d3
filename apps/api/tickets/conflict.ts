import type { Ticket } from '@mc/core/tickets/ticket.ts'
import type { Edit } from './form.ts'

export type ConflictField = {
  name: 'title' | 'body' | 'priority' | 'labels' | 'due'
  label: string
  /** As it is now. */
  theirs: string
  yours: string
}

const labels: Record<ConflictField['name'], string> = {
  title: 'Title',
  body: 'Description',
  priority: 'Priority',
  labels: 'Labels',
  due: 'Due',
}

/** The fields in which an edit of an older version and the ticket as it is now differ. */
export const presentConflict = (now: Ticket, edit: Edit): ConflictField[] =>
  (Object.keys(labels) as ConflictField['name'][])
    .map((name) => ({
      name,
      label: labels[name],
      theirs: words(now[name]),
      yours: words(edit[name]),
    }))
    .filter(({ theirs, yours }) => theirs !== yours)

const words = (value: string | readonly string[] | null): string =>
  typeof value === 'string' ? value : value === null ? '' : value.join(', ')
