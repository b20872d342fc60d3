import { resolve } from 'node:path'
import type { ImportedTicket } from '@mc/core/tickets/import.ts'
import { Command } from 'commander'
import { atDesk, type Desk } from './desk.ts'
import { Exit, REFUSED } from './exit-code.ts'
import { readText } from './tasks-path.ts'

type Names = { from: string; key: string }[]

export const importTicketsCommand = (): Command =>
  new Command('import')
    .description('file tickets from a CSV table or JSON: all of them or none')
    .argument('<file>', 'a table with a header (title, body, status, …), a list, or an export')
    .option('--source <name>', 'where they come from; a key of it is filed once', 'import')
    .option('--dry-run', 'only say what would be filed')
    .action(
      atDesk(async (desk, file: string, options: { source: string; dryRun?: boolean }) => {
        // The reader of tables costs every other command its loading.
        const { readTickets } = await import('./tickets-file.ts')
        const { tickets, ignored } = readTickets(await readText(resolve(file), file), file)
        const left = ignored.length > 0 ? [`Not taken over: ${ignored.join(', ')}`] : []
        if (options.dryRun)
          return desk.show({ tickets, ignored }, () =>
            [
              desk.table(
                ['key', 'status', 'priority', 'title'],
                tickets.map((one) => [
                  one.key ?? '–',
                  one.status ?? 'todo',
                  one.priority ?? 'normal',
                  one.title,
                ]),
                'Nothing.',
              ),
              ...left,
              `${tickets.length} would be filed. Nothing was.`,
            ].join('\n'),
          )
        const result = await post(desk, options.source, tickets)
        desk.show({ ...result, ignored }, () =>
          [
            `${result.filed.length} filed${range(result.filed)}, ${result.known.length} known from before`,
            ...left,
          ].join('\n'),
        )
      }),
    )

/**
 * Beyond what goes at once it goes in pieces, each whole or not at all, what others name first; a
 * second try goes on after the pieces that are there.
 */
const post = async (desk: Desk, source: string, tickets: readonly ImportedTicket[]) => {
  const { IMPORT_MAX, mistakesIn, neededFirst } = await import('@mc/core/tickets/import.ts')
  const all = { filed: [] as Names, known: [] as Names }
  const whole = tickets.length > IMPORT_MAX
  const problems = whole ? mistakesIn(tickets) : []
  if (problems.length > 0)
    throw new Exit(
      REFUSED,
      `Nothing was imported:\n${problems.map((one) => `  ${one}`).join('\n')}`,
    )
  const ordered = whole ? neededFirst(tickets).map(({ ticket }) => ticket) : tickets
  for (let from = 0; from < ordered.length; from += IMPORT_MAX) {
    const piece = await desk.client.post<typeof all>('/api/v1/tickets/import', {
      source,
      tickets: ordered.slice(from, from + IMPORT_MAX),
    })
    all.filed.push(...piece.filed)
    all.known.push(...piece.known)
  }
  return all
}

const range = (filed: Names): string => {
  const [first, last] = [filed[0]?.key, filed.at(-1)?.key]
  if (first === undefined) return ''
  return first === last ? ` as ${first}` : ` as ${first} to ${last}`
}
