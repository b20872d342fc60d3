import type { Cap } from '@mc/core/costs/cap.ts'
import type { Day, Today } from '@mc/core/costs/costs.ts'
import { capText, countText, moneyText, tokensText } from '@mc/core/costs/words.ts'
import { Command } from 'commander'
import { atDesk } from './desk.ts'

type Costs = { today: Today; days: Day[] }
type CapOptions = { tokens?: string; usd?: string; reset?: boolean }

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
        .description('what a day may use; without options it is shown')
        .option('--tokens <n>', 'such as 2M, or none; left out: as it is')
        .option('--usd <n>', 'such as 5, or none; left out: as it is')
        .option('--reset', 'back to what the environment says')
        .action(
          atDesk(async (desk, options: CapOptions) => {
            const cap =
              Object.keys(options).length > 0
                ? await desk.client.post<Cap>('/api/v1/costs/cap', options)
                : (await desk.client.get<Costs>('/api/v1/costs', { days: '1' })).today.cap
            desk.show(
              cap,
              () =>
                `The cap of a day is ${capText(cap.limits)}, ${cap.from === 'person' ? 'set by a person' : 'as the environment has it'}`,
            )
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
