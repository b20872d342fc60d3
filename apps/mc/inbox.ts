import type { Accuracy } from '@mc/core/audit/accuracy.ts'
import type { Correction } from '@mc/core/corrections/corrections.ts'
import type { Item } from '@mc/core/inbox/item.ts'
import { Command } from 'commander'
import { atDesk, type Desk, type Page } from './desk.ts'
import { Exit, REFUSED, USAGE } from './exit-code.ts'
import { jsonFromStdin, wholeNumber } from './input.ts'
import { shortTime } from './time.ts'

/** An item as the api gives it: its times are text. */
type ItemResource = Omit<Item, 'createdAt' | 'processedAt'> & {
  createdAt: string
  processedAt: string | null
}

type VerdictResult = {
  index: number
  item: number | null
  status: string
  action?: string
  reason?: string
}

export const inboxCommands = (): Command =>
  new Command('inbox')
    .description('what came in, and what became of it')
    .addCommand(list())
    .addCommand(show())
    .addCommand(post())
    .addCommand(resolve())
    .addCommand(wrong())
    .addCommand(again())
    .addCommand(accuracy())

const list = () =>
  new Command('list')
    .description('newest first')
    .option('--status <status>', 'pending, claimed, processed or ignored')
    .option('--source <source>', 'scheduler, pickup, api, self_heal, …')
    .option('--kind <kind>', 'ok, failed, auth, …')
    .option('--limit <n>', 'how many', wholeNumber, 50)
    .option('--cursor <cursor>', '"next" of the page before (--json shows it)')
    .action(
      atDesk(async (desk, filter: Record<string, string | number>) => {
        const page = await desk.client.get<Page<ItemResource>>('/api/v1/inbox', filter)
        desk.show(page, () =>
          desk.table(
            ['id', 'at', 'source', 'kind', 'priority', 'status', 'verdict', 'message'],
            page.items.map((item) => [
              item.id,
              shortTime(item.createdAt),
              [item.source, item.sourceId].filter(Boolean).join('/'),
              item.kind,
              item.priority,
              item.status,
              item.verdict,
              item.message,
            ]),
            'Nothing came in.',
          ),
        )
      }),
    )

const show = () =>
  new Command('show')
    .description('one item with its whole way: who decided what and why, what came of it')
    .argument('<id>')
    .action(
      atDesk(async (desk, id: string) => {
        const path = `/api/v1/inbox/${encodeURIComponent(id)}`
        const way = await desk.client.get<Way>(`${path}/timeline`)
        desk.show({ ...way.item, steps: way.steps }, () =>
          [describe(way.item), '', ...way.steps.map(describeStep)].join('\n'),
        )
      }),
    )

type Way = {
  item: ItemResource
  steps: { at: string | null; text: string; why: string | null }[]
}

const describeStep = ({ at, text, why }: Way['steps'][number]): string =>
  `${at ? shortTime(at) : '–'}  ${text}${why ? ` (${why})` : ''}`

const wrong = () =>
  new Command('wrong')
    .description('say that an item was decided wrong, and what was right')
    .argument('<id>')
    .requiredOption('--right <action>', 'silent, ticket, alert or alert+ticket')
    .option('--note <note>', 'why')
    .addHelpText(
      'after',
      '\nWhat was missing is done now; what was done is not taken back. It is counted in "mc inbox accuracy".',
    )
    .action(
      atDesk(async (desk, id: string, options: { right: string; note?: string }) => {
        const path = `/api/v1/inbox/${encodeURIComponent(id)}/corrections`
        const correction = await desk.client.post<Correction>(path, options)
        desk.show(
          correction,
          () =>
            `Item ${correction.item}: ${correction.verdict} by ${correction.decidedBy ?? 'nobody'} was wrong, ${correction.right} was right`,
        )
      }),
    )

const again = () =>
  new Command('again')
    .description('give an item that is held or was set aside back to pickup')
    .argument('<id>')
    .action(
      atDesk(async (desk, id: string) => {
        const path = `/api/v1/inbox/${encodeURIComponent(id)}/again`
        const item = await desk.client.post<ItemResource>(path)
        desk.show(item, () => `Item ${item.id} is ${item.status}`)
      }),
    )

const accuracy = () =>
  new Command('accuracy')
    .description('how often nobody called wrong what was decided, by who decided')
    .action(
      atDesk(async (desk) => {
        const found = await desk.client.get<{ byDecider: Accuracy[]; byVerdict: Accuracy[] }>(
          '/api/v1/inbox/accuracy',
        )
        desk.show(found, () =>
          desk.table(
            ['who or what', 'decided', 'called wrong', 'right'],
            [...found.byDecider, ...found.byVerdict].map((one) => [
              one.of,
              one.decided,
              one.corrected,
              one.right === null ? null : `${one.right} %`,
            ]),
            'Nothing was decided yet.',
          ),
        )
      }),
    )

type PostOptions = { source: string; sourceId?: string; kind?: string; priority?: string }

const post = () =>
  new Command('post')
    .description('tell the desk something; without a message its JSON is read from stdin')
    .argument('[message...]')
    .option('--source <source>', 'who tells it', 'cli')
    .option('--source-id <id>', 'what at the source it is about')
    .option('--kind <kind>', 'ok, failed, note, …')
    .option('--priority <priority>', 'critical, normal or low')
    .action(
      atDesk(async (desk, words: string[], options: PostOptions) => {
        const item =
          words.length === 0
            ? await jsonFromStdin('an item such as {"source": "backup", "message": "…"}')
            : { ...options, message: words.join(' ') }
        const posted = await desk.client.post<ItemResource>('/api/v1/inbox', item)
        desk.show(posted, () => `Posted item ${posted.id}`)
      }),
    )

const resolve = () =>
  new Command('resolve')
    .description('say what becomes of items: silent, ticket, alert or alert+ticket')
    .argument('[item]', 'its id; without it, verdicts are read as JSON from stdin')
    .argument('[action]', 'silent, ticket, alert or alert+ticket')
    .option('--reason <reason>', 'why')
    .addHelpText(
      'after',
      '\nOn stdin: [{"item": 12, "action": "silent", "reason": "…"}, …]\nExit code 1 when any of them was refused; the others are recorded.',
    )
    .action(
      atDesk(async (desk, item?: string, action?: string, options?: { reason?: string }) => {
        const verdicts =
          item === undefined
            ? await verdictsFromStdin()
            : [verdictFromWords(item, action, options?.reason)]
        await record(desk, verdicts)
      }),
    )

const verdictFromWords = (item: string, action?: string, reason?: string) => {
  if (action === undefined || reason === undefined)
    throw new Exit(USAGE, 'Expected: mc inbox resolve <item> <action> --reason "…"')
  return { item: wholeNumber(item), action, reason }
}

const verdictsFromStdin = async (): Promise<unknown> => {
  const value = await jsonFromStdin(
    'verdicts such as [{"item": 12, "action": "silent", "reason": "…"}]',
  )
  if (Array.isArray(value)) return value
  const { verdicts } = (value ?? {}) as { verdicts?: unknown }
  return verdicts ?? [value]
}

const record = async (desk: Desk, verdicts: unknown): Promise<void> => {
  const results = await desk.client.post<Page<VerdictResult>>('/api/v1/inbox/resolve', { verdicts })
  desk.show(results, () =>
    results.items
      .map((result) =>
        result.status === 'recorded'
          ? `Item ${result.item}: ${result.action}, recorded`
          : `${result.item === null ? `Verdict ${result.index + 1}` : `Item ${result.item}`}: refused. ${result.reason}`,
      )
      .join('\n'),
  )
  if (results.items.some((result) => result.status !== 'recorded')) throw new Exit(REFUSED)
}

const describe = (item: ItemResource): string => {
  const source = [item.source, item.sourceId].filter(Boolean).join('/')
  const decided = item.verdict
    ? [`${item.verdict}, decided by ${item.decidedBy}: ${item.reason}`]
    : []
  const detail = Object.entries(item.detail).map(
    ([name, value]) => `${name}: ${typeof value === 'string' ? value : JSON.stringify(value)}`,
  )
  return [
    `Item ${item.id} from ${source}, ${item.priority}, ${item.status}, ${shortTime(item.createdAt)}`,
    ...decided,
    '',
    item.message,
    ...(detail.length > 0 ? ['', ...detail] : []),
  ].join('\n')
}
