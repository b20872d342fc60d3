import type { Alert } from '@mc/core/alerts/alert.ts'
import { Command } from 'commander'
import { atDesk } from './desk.ts'
import { jsonFromStdin, wholeNumber } from './input.ts'
import type { Waits } from './proposal-text.ts'

type Options = { text?: string; severity?: string; item?: number }

/** Says something to the person, by the channels that alerts take. */
export const notifyCommand = (): Command =>
  new Command('notify')
    .description('tell the person something; without a title its JSON is read from stdin')
    .argument('[title...]')
    .option('--text <text>', 'more than fits the line')
    .option('--severity <severity>', 'critical or normal')
    .option('--item <id>', 'the inbox item it is about (needed in a digest turn)', wholeNumber)
    .action(
      atDesk(async (desk, words: string[], options: Options) => {
        const notice =
          words.length === 0
            ? await jsonFromStdin('a notice such as {"title": "…", "text": "…"}')
            : { title: words.join(' '), ...options }
        const told = await desk.client.post<Alert | Waits>('/api/v1/alerts', notice)
        desk.show(told, () =>
          'note' in told ? told.note : `It will be told, as alert ${told.id}: ${told.title}`,
        )
      }),
    )
