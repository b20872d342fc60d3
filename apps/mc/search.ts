import { nouns } from '@mc/core/search/nouns.ts'
import type { Hit } from '@mc/core/search/search.ts'
import { Command, Option } from 'commander'
import { atDesk, type Page } from './desk.ts'
import { wholeNumber } from './input.ts'
import { shortTime } from './time.ts'

type Options = { kind?: string; limit: number; rebuild?: boolean }

export const searchCommand = (): Command =>
  new Command('search')
    .description('find tickets, messages and items by their words')
    .argument('[words...]', 'all must be there; quoted words in a row; or a key like MC-12')
    .addOption(
      new Option('--kind <kind>', 'only these; a turn is a message and its reply').choices([
        ...nouns,
      ]),
    )
    .option('--limit <n>', 'how many', wholeNumber, 20)
    .option('--rebuild', 'instead of searching: build the index anew, from everything there is')
    .action(
      atDesk(async (desk, words: string[], { rebuild, ...filter }: Options) => {
        if (rebuild) {
          const begun = await desk.client.post<object>('/api/v1/search/rebuild')
          return desk.show(begun, () => 'Everything is being taken in again.')
        }
        // A word with a space in it was quoted for the shell: it is meant in a row.
        const q = words.map((word) => (/\s/.test(word) ? `"${word}"` : word)).join(' ')
        const found = await desk.client.get<Page<Hit>>('/api/v1/search', { q, ...filter })
        desk.show(found, () =>
          desk.table(
            ['what', 'state', 'at', 'title'],
            found.items.map((hit) => [
              hit.kind === 'ticket' ? hit.ref : `${hit.kind} ${hit.ref}`,
              hit.state,
              shortTime(hit.at),
              hit.title.map((part) => part.text).join(''),
            ]),
            'Nothing has all of these words.',
          ),
        )
      }),
    )
