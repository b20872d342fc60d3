import { UnreachableError } from '@mc/core/client/client.ts'
import type { Status } from '@mc/core/client/status.ts'
import { attachable } from '@mc/core/client/status-words.ts'
import { profileNames } from '@mc/core/luci/profiles/names.ts'
import type { Turn } from '@mc/core/turns/turn.ts'
import { Command } from 'commander'
import { answerCommand, describePrompt } from './answer.ts'
import { atDesk, type Desk } from './desk.ts'
import { endSession } from './end-session.ts'
import { luciLine } from './status.ts'

type Luci = Status['luci']

const path = (verb: string) => `/api/v1/persistent_luci/${verb}`

export const luciCommands = (): Command =>
  new Command('luci')
    .description('her session')
    .addCommand(
      new Command('status').description('how she is').action(
        atDesk(async (desk) => {
          show(desk, await desk.client.get<Luci>(path('status')))
        }),
      ),
    )
    .addCommand(
      new Command('start').description('bring her up').action(
        atDesk(async (desk) => {
          show(desk, await desk.client.post<Luci>(path('start'), {}))
        }),
      ),
    )
    .addCommand(
      new Command('stop')
        .description('end her session, also while Mission Control is down')
        .action(atDesk(stop)),
    )
    .addCommand(
      new Command('switch')
        .description(
          `to another program: ${profileNames.join(', ')}; each goes on with its own conversation`,
        )
        .argument('<profile>')
        .option('--force', 'also while she is busy')
        .option('--anew', 'a new conversation, not the one this program had last')
        .action(
          atDesk(async (desk, profile: string, options: { force?: boolean; anew?: boolean }) => {
            show(desk, await desk.client.post<Luci>(path('switch'), { profile, ...options }))
          }),
        ),
    )
    .addCommand(answerCommand())
    .addCommand(
      new Command('interrupt')
        .description('stop what she is doing')
        .argument('[turn]')
        .action(
          atDesk(async (desk, turn?: string) => {
            const answer = await desk.client.post<{ turn: Turn | null }>(
              path('interrupt'),
              turn === undefined ? {} : { turn },
            )
            desk.show(answer, () =>
              answer.turn
                ? `Turn ${answer.turn.id} is ${answer.turn.state}`
                : 'She had nothing in hand',
            )
          }),
        ),
    )

const show = (desk: Desk, luci: Luci): void =>
  desk.show(luci, () =>
    [
      luciLine(luci, luci.queued),
      ...(luci.asks ? [describePrompt(luci.asks)] : []),
      ...(luci.state === 'stopped' ? ['To bring her up: npx -y pnpm@12 mc luci start'] : []),
      ...(attachable(luci) ? [`look: ${luci.attachCommand}`] : []),
    ].join('\n'),
  )

/** After Ctrl-C on `start` there is no api to ask, while the session lives on. */
const stop = async (desk: Desk): Promise<void> => {
  try {
    show(desk, await desk.client.post<Luci>(path('stop'), {}))
  } catch (error) {
    if (!(error instanceof UnreachableError)) throw error
    const ended = await endSession()
    const text = ended
      ? 'Luci’s session is ended. The next start brings her up again.'
      : 'Mission Control does not run, and neither does Luci.'
    desk.show({ ended }, () => text)
  }
}
