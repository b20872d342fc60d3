import type { Turn } from '@mc/core/turns/turn.ts'
import { Command } from 'commander'
import { atDesk, type Page } from './desk.ts'
import { textFrom, wholeNumber } from './input.ts'
import { shortTime } from './time.ts'

export const turnCommands = (): Command =>
  new Command('turn')
    .description('messages to Luci and her replies')
    .addCommand(
      new Command('show')
        .description('one message in full, and its reply')
        .argument('<id>')
        .option('--compact', 'JSON in the fewest tokens: what is to be answered, a digest as rows')
        .action(
          atDesk(async (desk, id: string, { compact }: { compact?: boolean }) => {
            const path = `/api/v1/turns/${encodeURIComponent(id)}`
            if (compact) {
              const short = await desk.client.get(path, { form: 'compact' })
              return desk.show(short, () => JSON.stringify(short))
            }
            const turn = await desk.client.get<Turn>(path)
            desk.show(turn, () => describe(turn))
          }),
        ),
    )
    .addCommand(
      new Command('now')
        .description('stop what she is doing, and send this waiting message next')
        .argument('<id>')
        .action(
          atDesk(async (desk, id: string) => {
            const turn = await desk.client.post<Turn>(`/api/v1/turns/${encodeURIComponent(id)}/now`)
            desk.show(turn, () =>
              turn.state === 'queued' ? `Turn ${id} goes next` : `Turn ${id} is ${turn.state}`,
            )
          }),
        ),
    )
    .addCommand(
      new Command('edit')
        .description('another text for a waiting message; its files stay with it')
        .argument('<id>')
        .argument('[text...]', 'or on stdin')
        .action(
          atDesk(async (desk, id: string, words: string[]) => {
            const text = await textFrom(words, 'the message')
            const path = `/api/v1/turns/${encodeURIComponent(id)}/edit`
            const turn = await desk.client.post<Turn>(path, { text })
            desk.show(turn, () => `Turn ${id} is changed; it is still waiting`)
          }),
        ),
    )
    .addCommand(
      new Command('remove')
        .description('take a waiting message back')
        .argument('<id>')
        .action(
          atDesk(async (desk, id: string) => {
            const path = `/api/v1/turns/${encodeURIComponent(id)}/remove`
            const removed = await desk.client.post<{ removed: boolean }>(path)
            desk.show(removed, () => `Turn ${id} is taken back`)
          }),
        ),
    )
    .addCommand(
      new Command('list')
        .description('the thread, newest first')
        .option('--limit <n>', 'how many', wholeNumber, 20)
        .action(
          atDesk(async (desk, options: { limit: number }) => {
            const page = await desk.client.get<Page<Turn>>('/api/v1/turns', options)
            desk.show(page, () =>
              desk.table(
                ['id', 'at', 'origin', 'state', 'text'],
                page.items.map((turn) => [
                  turn.id,
                  shortTime(turn.createdAt),
                  turn.origin,
                  turn.state,
                  firstLine(turn.text),
                ]),
                'No messages yet: npx -y pnpm@12 mc send "hello"',
              ),
            )
          }),
        ),
    )

const LINE_CHARS_MAX = 100

const firstLine = (text: string): string => {
  const line = text.trimStart().split('\n', 1)[0] ?? ''
  return line.length > LINE_CHARS_MAX ? `${line.slice(0, LINE_CHARS_MAX).toWellFormed()}…` : line
}

const describe = (turn: Turn): string => {
  const head = `Turn ${turn.id} (${turn.origin}), ${turn.state}, ${shortTime(turn.createdAt)}`
  const reply = turn.reply === '' ? [] : ['', '--- reply', turn.reply]
  const problem = turn.problem === null ? [] : [`Problem: ${turn.problem}`]
  return [head, ...problem, '', turn.text, ...reply].join('\n')
}
