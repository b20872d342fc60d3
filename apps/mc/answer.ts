import type { Status } from '@mc/core/client/status.ts'
import { AppError } from '@mc/core/errors.ts'
import { plainText } from '@mc/core/redaction/plain.ts'
import type { Prompt } from '@mc/core/turns/turn.ts'
import { Command } from 'commander'
import { atDesk } from './desk.ts'

type Luci = Status['luci']
type Options = { prompt?: string }

/** Without a choice it shows what she asks; with one it answers that, and nothing else. */
export const answerCommand = (): Command =>
  new Command('answer')
    .description('answer what she asks; without a choice, show it')
    .argument('[choice]', 'its number, or a word as it stands before the colon')
    .option('--prompt <id>', 'the question that is meant; refused if she asks another by now')
    .action(
      atDesk(async (desk, choice: string | undefined, options: Options) => {
        const luci = await desk.client.get<Luci>('/api/v1/persistent_luci/status')
        const { asks, turnId } = luci
        if (choice === undefined)
          return desk.show({ asks, turnId }, () =>
            asks ? plainText(describePrompt(asks)) : 'She asks nothing',
          )
        if (!asks) throw new AppError('conflict', 'She asks nothing')
        if (options.prompt === undefined)
          throw new AppError('invalid', 'Expected --prompt with the question that you answer', {
            hint: `She asks now: ${plainText(firstLine(asks.text))}. If you mean that: npx -y pnpm@12 mc luci answer ${choice} --prompt ${asks.id}`,
          })
        await desk.client.post('/api/v1/persistent_luci/answer', {
          ...(turnId === null ? {} : { turn: turnId }),
          prompt: options.prompt,
          choice,
        })
        const label = asks.choices.find(({ id }) => id === choice)?.label ?? choice
        desk.show({ answered: asks.id, choice }, () => `Answered: ${plainText(label)}`)
      }),
    )

const firstLine = (text: string) => text.trim().split('\n')[0] ?? ''

/** A question of hers for a terminal: what, where, in which words, and what to say. */
export const describePrompt = (prompt: Prompt): string =>
  [
    ...(prompt.command ? [`command: ${prompt.command}`] : []),
    ...(prompt.folder ? [`folder: ${prompt.folder}`] : []),
    prompt.text,
    ...prompt.choices.map(({ id, label }) => `  ${id}: ${label}`),
    `To answer: npx -y pnpm@12 mc luci answer <choice> --prompt ${prompt.id}`,
  ].join('\n')
