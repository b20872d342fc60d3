import { UnreachableError } from '@mc/core/client/client.ts'
import type { Question } from '@mc/core/questions/question.ts'
import { Command } from 'commander'
import { atDesk, type Desk } from './desk.ts'
import { Exit, REFUSED } from './exit-code.ts'
import { collect, jsonFromStdin, seconds } from './input.ts'

type Options = { option?: string[]; expiresIn?: string; wait?: number }

/** One request waits so long at most. */
const ROUND_S = 600
const RETRY_MS = 500

/** Luci asks the person; the answer is a message to her, unless she waits for it. */
export const askCommand = (): Command =>
  new Command('ask')
    .description('ask the person (Luci, in a person’s turn); without a text its JSON is on stdin')
    .argument('[text...]')
    .option('--option <answer>', 'to choose from; may be given up to six times', collect)
    .option('--expires-in <time>', 'how long an answer is of use: 30m, 4h, 2d')
    .option(
      '--wait <seconds>',
      'for the answer (exit code 1 when there is none by then: it comes as a message later)',
      seconds,
    )
    .action(
      atDesk(async (desk, words: string[], { option, expiresIn, wait }: Options) => {
        const question =
          words.length === 0
            ? await jsonFromStdin('a question such as {"text": "…", "options": ["…"]}')
            : {
                text: words.join(' '),
                ...(option ? { options: option } : {}),
                ...(expiresIn ? { expiresIn } : {}),
              }
        const asked = await desk.client.post<Question>('/api/v1/questions', question)
        if (wait === undefined)
          return desk.show(
            asked,
            () => `Asked, as question ${asked.id}. The answer comes as a message of the person.`,
          )
        const over = await waitFor(desk, asked.id, wait)
        if (over.state === 'answered') return desk.show(over, () => over.answer ?? '')
        if (desk.json) desk.show(over, () => '')
        throw new Exit(
          REFUSED,
          over.state === 'open'
            ? `Question ${over.id} is not answered yet; the answer comes as a message of the person.`
            : `Question ${over.id} is ${over.state}.`,
        )
      }),
    )

/** An api that restarts meanwhile is asked again. */
const waitFor = async (desk: Desk, id: number, waitS: number): Promise<Question> => {
  const end = performance.now() + waitS * 1_000
  for (;;) {
    const left = Math.max(0, (end - performance.now()) / 1_000)
    try {
      const question = await desk.client.post<Question>(`/api/v1/questions/${id}/wait`, {
        seconds: Math.min(left, ROUND_S),
      })
      if (question.state !== 'open' || performance.now() >= end) return question
    } catch (error) {
      if (!(error instanceof UnreachableError) || performance.now() >= end) throw error
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS))
    }
  }
}
