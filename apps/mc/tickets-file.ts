import type { ImportedTicket } from '@mc/core/tickets/import.ts'
import { parse } from 'csv-parse/sync'
import { Exit, REFUSED, USAGE } from './exit-code.ts'
import { readForeign } from './foreign-ticket.ts'

export type TicketsFile = { tickets: ImportedTicket[]; ignored: string[] }

/**
 * The tickets of a CSV or JSON text: a table with a header; a list of objects, alone or under
 * `tickets`; or an export of ours. Throws with every mistake, each with its row.
 */
export const readTickets = (text: string, name: string): TicketsFile => {
  const rows = /\.csv$/i.test(name) ? rowsOfCsv(text, name) : rowsOfJson(text, name)
  const problems: string[] = []
  const ignored = new Set<string>()
  const tickets = rows.map((row, at) => {
    const read = readForeign(row)
    for (const column of read.ignored) ignored.add(column)
    problems.push(...read.problems.map((problem) => `#${at + 1}: ${problem}`))
    return read.ticket as ImportedTicket
  })
  if (problems.length > 0) throw new Exit(REFUSED, listing(name, problems))
  if (tickets.length === 0) throw new Exit(USAGE, `${name} holds no ticket.`)
  return { tickets, ignored: [...ignored] }
}

const PROBLEMS_SHOWN = 20

const listing = (name: string, problems: readonly string[]): string =>
  [
    `${name}: nothing was imported, ${problems.length === 1 ? '1 problem' : `${problems.length} problems`}:`,
    ...problems.slice(0, PROBLEMS_SHOWN).map((problem) => `  ${problem}`),
    ...(problems.length > PROBLEMS_SHOWN
      ? [`  … and ${problems.length - PROBLEMS_SHOWN} more`]
      : []),
  ].join('\n')

const rowsOfCsv = (text: string, name: string): Record<string, unknown>[] => {
  try {
    const delimiter = delimiterOf(text)
    return parse(text, { columns: true, bom: true, skip_empty_lines: true, trim: true, delimiter })
  } catch (error) {
    throw new Exit(USAGE, `${name} is not a CSV table: ${(error as Error).message}.`)
  }
}

/** The one that parts the most columns of the header: a spreadsheet in Europe writes semicolons. */
const delimiterOf = (text: string): string => {
  const [header = ''] = text.trimStart().split(/\r?\n/, 1)
  const bare = header.replaceAll(/"[^"]*"/g, '')
  const columns = (one: string) => bare.split(one).length
  return [',', ';', '\t'].reduce((best, one) => (columns(one) > columns(best) ? one : best))
}

type Rows = Record<string, unknown>[]

const rowsOfJson = (text: string, name: string): Rows => {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    throw new Exit(USAGE, `${name} is not JSON: ${(error as Error).message}.`)
  }
  const rows = isExport(value) ? rowsOfExport(value.tables) : (under(value, 'tickets') ?? value)
  if (Array.isArray(rows) && rows.every((row) => typeof row === 'object' && row !== null))
    return rows as Rows
  throw new Exit(USAGE, `${name}: expected a list of tickets, or an export of Mission Control.`)
}

const under = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)[name]
    : undefined

type Exported = { tables: { tickets: Rows; ticket_links?: Rows } }

const isExport = (value: unknown): value is Exported =>
  under(value, 'format') === 'mission-control-export-1' &&
  Array.isArray(under(under(value, 'tables'), 'tickets'))

/** Only what a ticket is: its history stays in the export. */
const rowsOfExport = ({ tickets, ticket_links = [] }: Exported['tables']): Rows => {
  const blockers = Map.groupBy(ticket_links, ({ ticket_id }) => ticket_id)
  return tickets.map((row) => ({
    key: `MC-${row.id}`,
    title: row.title,
    body: row.body,
    status: row.status,
    resolution: row.resolution,
    priority: row.priority,
    labels: row.labels,
    due: row.due,
    created: row.created_at,
    closed: row.closed_at,
    parent: row.parent_id === null ? null : `MC-${row.parent_id}`,
    blockedBy: (blockers.get(row.id) ?? []).map(({ blocked_by_id }) => `MC-${blocked_by_id}`),
  }))
}
