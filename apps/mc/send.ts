import { sentences } from '@mc/core/client/sentences.ts'
import type { Status } from '@mc/core/client/status.ts'
import { plainText } from '@mc/core/redaction/plain.ts'
import type { Turn } from '@mc/core/turns/turn.ts'
import { Command } from 'commander'
import { atDesk, type Desk, write } from './desk.ts'
import { Exit, OK, REFUSED } from './exit-code.ts'
import { followReply } from './follow-reply.ts'
import { seconds, textFrom } from './input.ts'

type SendOptions = { wait?: number | boolean }

export const sendCommand = (): Command =>
  new Command('send')
    .description('a message to Luci; prints her reply as it comes')
    .addHelpText(
      'after',
      '\nA message that begins with a dash comes after --: mc send -- "- milk\\n- bread"',
    )
    .argument('[text...]', 'or on stdin')
    .option(
      '--wait <seconds>',
      'at most so long (exit code 1 when it is not answered by then)',
      seconds,
    )
    .option('--no-wait', 'only queue it and print the turn’s id')
    .action(
      atDesk(async (desk, words: string[], options: SendOptions) => {
        const text = await textFrom(words, 'a message')
        const { turn } = await desk.client.post<{ turn: Turn }>('/api/v1/persistent_luci/send', {
          text,
        })
        if (options.wait === false) return desk.show(turn, () => turn.id)
        await tellIfNobodyAnswers(desk, turn)
        await printReply(desk, turn, typeof options.wait === 'number' ? options.wait : null)
      }),
    )

/** A message to a Luci who is not there waits; a person at a terminal should not. */
const tellIfNobodyAnswers = async (desk: Desk, turn: Turn): Promise<void> => {
  const { state, problem, hint } = await desk.client.get<Status['luci']>(
    '/api/v1/persistent_luci/status',
  )
  if (state !== 'unavailable' && state !== 'stopped' && state !== 'offline') return
  const waits = `Luci is ${state}; the message waits for her as turn ${turn.id}.`
  throw new Exit(REFUSED, sentences(waits, problem, hint))
}

const printReply = async (desk: Desk, sent: Turn, waitS: number | null): Promise<void> => {
  const signal = waitS === null ? new AbortController().signal : AbortSignal.timeout(waitS * 1_000)
  const print = desk.json ? () => {} : (text: string) => void process.stdout.write(plainText(text))
  const tell = (text: string) => void process.stderr.write(`${plainText(text)}\n`)
  const { turn, printed } = await followReply(desk.client, sent.id, { print, tell, signal })
  if (desk.json) desk.show(turn, () => '')
  else if (!turn.reply.startsWith(printed)) {
    // What streamed was provisional; the record is what she said.
    tell('\n--- her own record says it differently; in full:')
    write(plainText(turn.reply))
  } else if (printed !== '' && !printed.endsWith('\n')) write('\n')
  throw outcome(turn)
}

const outcome = (turn: Turn): Exit => {
  if (turn.state === 'answered') return new Exit(OK)
  const see = `See: npx -y pnpm@12 mc turn show ${turn.id}`
  return new Exit(REFUSED, `${sentences(`Turn ${turn.id} is ${turn.state}`, turn.problem)} ${see}`)
}
