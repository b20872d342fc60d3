import type { Cap } from '@mc/core/costs/cap.ts'
import type { Day, Today } from '@mc/core/costs/costs.ts'
import { capText, countText, moneyText, tokensText } from '@mc/core/costs/words.ts'
import { Command } from 'commander'
import { atDesk } from './desk.ts'

type Costs = { today: Today; days: Day[] }

/** What tokens and money went to, and what a day may cost. */
export const costsCommands = (): Command =>
  new Command('costs')
    .description('tokens and money of the last days, and the cap of a day')
    .option('--days <n>', 'how many days, today included', '30')
    .action(
      atDesk(async (desk, options: { days: string }) => {
        const costs = await desk.client.get<Costs>('/api/v1/costs', { days: options.days })
        desk.show(costs, () =>
          [
            todayText(costs.today),
            '',
            desk.table(
              ['day (UTC)', 'read', 'cached', 'written', 'money', 'of', 'turns and runs'],
              [...costs.days]
                .reverse()
                .filter(({ times }) => times > 0)
                .map((day) => [
                  day.day,
                  countText(day.tokensIn),
                  countText(day.tokensCached),
                  countText(day.tokensOut),
                  moneyText(day.costUsd, day.unpriced),
                  day.times,
                  kinds(day),
                ]),
              'Nothing has told what it used.',
            ),
          ].join('\n'),
        )
      }),
    )
    .addCommand(
      new Command('cap')
        .description('set what a day may use; without options, back to the environment’s')
        .option('--tokens <n>', 'such as 2M, or none')
        .option('--usd <n>', 'such as 5, or none')
        .action(
          atDesk(async (desk, options: { tokens?: string; usd?: string }) => {
            const cap = await desk.client.post<Cap>('/api/v1/costs/cap', options)
            desk.show(cap, () => `The cap of a day is ${capText(cap.limits)}`)
          }),
        ),
    )

const kinds = ({ byKind }: Day): string =>
  Object.entries(byKind)
    .map(([kind, { times }]) => `${kind} ${times}`)
    .join(', ')

const todayText = (today: Today): string =>
  [
    `Today: ${tokensText(today.tokensIn + today.tokensOut)}, ${today.times === 0 ? 'nothing spent' : moneyText(today.costUsd, today.unpriced)}`,
    today.share === null
      ? 'no cap'
      : `${Math.floor(today.share * 100)} % of the cap (${capText(today.cap.limits)})`,
    today.over,
  ]
    .filter(Boolean)
    .join('; ')
