import { outcomeOf } from '@mc/core/questions/outcome.ts'
import type { Question } from '@mc/core/questions/question.ts'
import { Command } from 'commander'
import { atDesk, type Page } from './desk.ts'
import { textFrom, wholeNumber } from './input.ts'
import { shortTime } from './time.ts'

export const questionCommands = (): Command =>
  new Command('question')
    .description('what Luci asks')
    .addCommand(list())
    .addCommand(show())
    .addCommand(answer())
    .addCommand(withdraw())

const list = () =>
  new Command('list')
    .description('those that wait for an answer')
    .option('--all', 'those that are over too, newest first')
    .option('--state <state>', 'open, answered, withdrawn or expired')
    .option('--limit <n>', 'how many', wholeNumber, 50)
    .option('--cursor <cursor>', '"next" of the page before')
    .action(
      atDesk(async (desk, { all, ...filter }: ListOptions) => {
        const state = filter.state ?? (all ? undefined : 'open')
        const page = await desk.client.get<Page<Question>>('/api/v1/questions', {
          ...filter,
          state,
        })
        desk.show(page, () =>
          desk.table(
            ['id', 'state', 'asked', 'answer', 'question'],
            page.items.map(({ id, state, createdAt, answer, text }) => [
              id,
              state,
              shortTime(createdAt),
              answer,
              text,
            ]),
            all ? 'She asked nothing' : 'She asks nothing',
          ),
        )
      }),
    )

type ListOptions = { all?: boolean; state?: string; limit: number; cursor?: string }

const show = () =>
  new Command('show')
    .description('one question, with its options')
    .argument('<id>', '', wholeNumber)
    .action(
      atDesk(async (desk, id: number) => {
        const question = await desk.client.get<Question>(`/api/v1/questions/${id}`)
        desk.show(question, () => describe(question))
      }),
    )

const answer = () =>
  new Command('answer')
    .description('the first answer counts; Luci gets it as a message of yours')
    .argument('<id>', '', wholeNumber)
    .argument('[answer...]', 'one of the options, or words of your own; or on stdin')
    .action(
      atDesk(async (desk, id: number, words: string[]) => {
        const body = { answer: await textFrom(words, 'an answer') }
        const question = await desk.client.post<Question>(`/api/v1/questions/${id}/answer`, body)
        desk.show(question, () => `Answered: ${question.answer}`)
      }),
    )

const withdraw = () =>
  new Command('withdraw')
    .description('nobody is to answer it any more')
    .argument('<id>', '', wholeNumber)
    .action(
      atDesk(async (desk, id: number) => {
        const question = await desk.client.post<Question>(`/api/v1/questions/${id}/withdraw`)
        desk.show(question, () => `Question ${id} is withdrawn`)
      }),
    )

const describe = (question: Question): string =>
  [
    `Question ${question.id} · ${question.state}`,
    question.text,
    ...question.options.map((option) => `  - ${option}`),
    outcomeOf(question) ??
      `To answer: npx -y pnpm@12 mc question answer ${question.id} ${question.options[0] ? `"${question.options[0]}"` : '"…"'}`,
  ].join('\n')
