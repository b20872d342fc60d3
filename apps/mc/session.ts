import { Command } from 'commander'
import { atDesk, type Page } from './desk.ts'
import { Exit, USAGE } from './exit-code.ts'
import { shortTime } from './time.ts'

type Session = { id: string; browser: string; createdAt: string; seenAt: string | null }

/** The browsers that are signed in. */
export const sessionCommands = (): Command =>
  new Command('session')
    .description('browsers that are signed in')
    .addCommand(
      new Command('list').description('which browsers, the one used last first').action(
        atDesk(async (desk) => {
          const page = await desk.client.get<Page<Session>>('/api/v1/sessions')
          desk.show(page, () =>
            desk.table(
              ['id', 'browser', 'signed in', 'seen'],
              page.items.map((session) => [
                session.id,
                session.browser,
                shortTime(session.createdAt),
                shortTime(session.seenAt),
              ]),
              'No browser is signed in: "npx -y pnpm@12 mc sign-in" prints a link that signs one in.',
            ),
          )
        }),
      ),
    )
    .addCommand(
      new Command('end')
        .description('sign a browser out, or all of them')
        .argument('[id]', 'as "mc session list" shows it')
        .option('--all', 'every browser')
        .action(
          atDesk(async (desk, id: string | undefined, { all = false }: { all?: boolean }) => {
            if ((id === undefined) !== all)
              throw new Exit(USAGE, 'Expected the id of one session, or --all.')
            const path = all ? 'end_others' : `${encodeURIComponent(id ?? '')}/end`
            const result = await desk.client.post<{ ended: number }>(`/api/v1/sessions/${path}`)
            desk.show(result, () => `${result.ended} signed out`)
          }),
        ),
    )
