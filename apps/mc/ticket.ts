import { resolve } from 'node:path'
import type { Query } from '@mc/core/client/client.ts'
import type { Wish } from '@mc/core/delegation/wish.ts'
import type { Run as BareRun } from '@mc/core/runs/run.ts'
import type { Ticket, TicketEvent } from '@mc/core/tickets/ticket.ts'
import { Command } from 'commander'
import { atDesk, type Page } from './desk.ts'
import { importTicketsCommand } from './import-tickets.ts'
import { collect, jsonFromStdin, textFrom, wholeNumber } from './input.ts'
import type { Waits } from './proposal-text.ts'
import { shortTime } from './time.ts'

/** Of one that is queued it is told why it has not begun. */
type Run = BareRun & { waitsFor?: string | null }

const pathOf = (key: string) => `/api/v1/tickets/${encodeURIComponent(key)}`

export const ticketCommands = (): Command =>
  new Command('ticket')
    .description('work: MC-1, MC-2, …')
    .addCommand(create())
    .addCommand(list())
    .addCommand(show())
    .addCommand(comment())
    .addCommand(move())
    .addCommand(link())
    .addCommand(delegate())
    .addCommand(importTicketsCommand())

const create = () =>
  new Command('create')
    .description('file a ticket; without a title its JSON is read from stdin')
    .argument('[title...]', 'may hold !1 (critical) to !3, #label and due:fri or due:2026-12-01')
    .option('--body <markdown>', '"-" reads it from stdin')
    .option('--priority <priority>', 'critical, normal or low')
    .option('--status <status>', 'parked, todo, …')
    .option('--label <label>', 'may be given several times', collect)
    .option('--due <day>', '2026-12-01')
    .option('--item <id>', 'the inbox item it is for (needed in a digest turn)', wholeNumber)
    .action(
      atDesk(async (desk, words: string[], options: CreateOptions) => {
        const { label, body, ...rest } = options
        const ticket =
          words.length === 0
            ? await jsonFromStdin('a ticket such as {"title": "…", "body": "…"}')
            : {
                ...(await titleOf(words.join(' '), label ?? [])),
                ...rest,
                ...(body === undefined ? {} : { body: await textFrom([body], 'a body') }),
              }
        const filed = await desk.client.post<Ticket>('/api/v1/tickets', ticket)
        desk.show(filed, () => `Filed ${filed.key}: ${filed.title}`)
      }),
    )

/** The title and what its words say: `Buy disks !1 #nas due:fri`. */
const titleOf = async (words: string, labels: readonly string[]) => {
  // Reading them takes the schemas of a ticket, whose loading every other command would pay for.
  const { localDay, readQuickTicket } = await import('@mc/core/tickets/quick-ticket.ts')
  const read = readQuickTicket(words, localDay(new Date()))
  const all = [...new Set([...labels, ...read.labels])]
  return {
    title: read.title,
    ...(read.body ? { body: read.body } : {}),
    ...(read.priority ? { priority: read.priority } : {}),
    ...(read.due ? { due: read.due } : {}),
    ...(all.length > 0 ? { labels: all } : {}),
  }
}

type CreateOptions = {
  body?: string
  priority?: string
  status?: string
  due?: string
  label?: string[]
  item?: number
}

const list = () =>
  new Command('list')
    .description('open tickets, newest first')
    .option('--all', 'closed ones too')
    .option('--status <status>', 'only these')
    .option('--label <label>', 'only these')
    .option('--priority <priority>', 'critical, normal or low')
    .option('--source <source>', 'composer, luci, pickup, …')
    .option('--text <text>', 'somewhere in the title')
    .option('--parent <key>', 'the parts of this ticket')
    .option('--limit <n>', 'how many', wholeNumber, 50)
    .option('--cursor <cursor>', '"next" of the page before (--json shows it)')
    .action(
      atDesk(async (desk, options: ListOptions) => {
        const { all, ...filter } = options
        const open = all || filter.status ? {} : { open: true }
        const page = await desk.client.get<Page<Ticket>>('/api/v1/tickets', { ...filter, ...open })
        desk.show(page, () =>
          desk.table(
            ['key', 'status', 'priority', 'updated', 'title'],
            page.items.map((ticket) => [
              ticket.key,
              ticket.status,
              ticket.priority,
              shortTime(ticket.updatedAt),
              ticket.title,
            ]),
            'No tickets: npx -y pnpm@12 mc ticket create "…"',
          ),
        )
      }),
    )

type ListOptions = { all?: boolean; status?: string } & Query

const show = () =>
  new Command('show')
    .description('one ticket with its story')
    .argument('<key>')
    .action(
      atDesk(async (desk, key: string) => {
        const [ticket, events, runs] = await Promise.all([
          desk.client.get<Ticket>(pathOf(key)),
          desk.client.get<Page<TicketEvent>>(`${pathOf(key)}/events`),
          desk.client.get<Page<Run>>(`${pathOf(key)}/runs`),
        ])
        const waits = runs.items.find(({ status }) => status === 'queued')
        desk.show({ ...ticket, events: events.items }, () => describe(ticket, events.items, waits))
      }),
    )

const comment = () =>
  new Command('comment')
    .description('add to the story of a ticket')
    .argument('<key>')
    .argument('[text...]', 'or on stdin')
    .action(
      atDesk(async (desk, key: string, words: string[]) => {
        const body = await textFrom(words, 'a comment')
        const event = await desk.client.post<TicketEvent>(`${pathOf(key)}/comments`, { body })
        desk.show(event, () => `Commented on ${key}`)
      }),
    )

const move = () =>
  new Command('move')
    .description('to parked, todo, doing, blocked, review, done or cancelled')
    .argument('<key>')
    .argument('<status>')
    .option('--resolution <resolution>', 'fixed, recovered, wont_fix, duplicate or failed')
    .option('--version <n>', 'the one you saw; refused when it is another by now', wholeNumber)
    .action(
      atDesk(async (desk, key: string, status: string, options: MoveOptions) => {
        const moved = await desk.client.post<Ticket | Waits>(`${pathOf(key)}/move`, {
          status,
          ...options,
        })
        desk.show(moved, () => ('note' in moved ? moved.note : `${moved.key} is ${moved.status}`))
      }),
    )

type MoveOptions = { resolution?: string; version?: number }

const link = () =>
  new Command('link')
    .description('the first waits for the second')
    .argument('<key>')
    .argument('<blocked-by>')
    .action(
      atDesk(async (desk, key: string, blockedBy: string) => {
        const links = await desk.client.post<Page<Ticket>>(`${pathOf(key)}/links`, { blockedBy })
        desk.show(links, () => `${key} waits for ${blockedBy}`)
      }),
    )

const delegate = () =>
  new Command('delegate')
    .description('have the headless worker do it, once what it waits for is done')
    .argument('<key>')
    .option('--folder <path>', 'where it works; left out: as the ticket says')
    .option('--review', 'its success waits in review')
    .option('--no-review', 'the ticket is done with its success, and what waits for it starts')
    .action(
      atDesk(async (desk, key: string, { folder, review }: Wish) => {
        const begun = await desk.client.post<Run | { note: string }>(`${pathOf(key)}/delegate`, {
          ...(folder === undefined ? {} : { folder: resolve(folder) }),
          ...(review === undefined ? {} : { review }),
        })
        desk.show(begun, () =>
          'note' in begun
            ? begun.note
            : [`${key} is handed to a worker (run ${begun.id})`, begun.waitsFor]
                .filter(Boolean)
                .join('. '),
        )
      }),
    )

const describe = (ticket: Ticket, events: TicketEvent[], waits: Run | undefined): string => {
  const facts = [
    `${ticket.status}${ticket.resolution ? ` (${ticket.resolution})` : ''}`,
    ticket.priority,
    `from ${ticket.source}`,
    ticket.labels.length > 0 ? ticket.labels.join(', ') : null,
    ticket.due ? `due ${ticket.due}` : null,
    ticket.occurrences > 1 ? `${ticket.occurrences} times` : null,
  ]
  const story = events.map((event) =>
    [
      `${shortTime(event.at)}  ${event.actor} ${event.kind}`,
      event.before !== null && event.after !== null
        ? `${event.before} → ${event.after}`
        : event.after,
      event.body,
    ]
      .filter(Boolean)
      .join('  '),
  )
  return [
    `${ticket.key}  ${ticket.title}`,
    facts.filter(Boolean).join(' · '),
    ...(waits?.waitsFor ? [`Run ${waits.id} waits. ${waits.waitsFor}`] : []),
    ...(ticket.body === '' ? [] : ['', ticket.body]),
    '',
    ...story,
  ].join('\n')
}
