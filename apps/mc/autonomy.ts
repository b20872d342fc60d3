import { type ActionClass, actionClasses } from '@mc/core/trust/classes.ts'
import type { AutonomyEvent } from '@mc/core/trust/history.ts'
import type { Shadow } from '@mc/core/trust/shadow.ts'
import { type AutonomyView, type ClassView, RECORD_MIN } from '@mc/core/trust/trust.ts'
import { Argument, Command } from 'commander'
import { atDesk } from './desk.ts'
import { wholeNumber, wholeNumberOrNone } from './input.ts'
import { shortTime } from './time.ts'

type View = AutonomyView & { history: AutonomyEvent[] }

const path = (one: string) => `/api/v1/autonomy/${encodeURIComponent(one)}`

/** What Luci may do by herself, and the record that a person decides it on. */
export const autonomyCommands = (): Command =>
  new Command('autonomy')
    .description('what Luci does by herself: the record, unlocking, the shadow run')
    .addCommand(show(), { isDefault: true })
    .addCommand(trust())
    .addCommand(advise())
    .addCommand(cap())
    .addCommand(shadow())

const classArgument = () => new Argument('<class>', 'a class of action').choices(actionClasses)

const show = () =>
  new Command('show')
    .description('each class: how it stands, and its record of the last 90 days')
    .option('--history', 'what was unlocked, locked and paused')
    .action(
      atDesk(async (desk, { history }: { history?: boolean }) => {
        const view = await desk.client.get<View>('/api/v1/autonomy')
        desk.show(view, () =>
          [
            ...headOf(view),
            desk.table(
              [
                'class',
                'mode',
                'today',
                'proposed',
                'accepted',
                'edited',
                'refused',
                'at once',
                'undone',
                'wrong',
                'right',
              ],
              view.classes.map(row),
              '',
            ),
            ...view.classes.flatMap(({ class: one, locked }) =>
              locked === null ? [] : [`${one} was locked again, as ${locked}.`],
            ),
            ...(history ? ['', ...view.history.map(told)] : []),
          ].join('\n'),
        )
      }),
    )

const headOf = (view: View): string[] => [
  ...(view.held ? [`Held: ${view.held.reason}.`] : []),
  ...(view.main === 'advisor'
    ? ['The switch autonomy is advisor: nothing is done at once, whatever the classes say.']
    : []),
]

const row = (view: ClassView): (string | number)[] => [
  view.class,
  view.locked === null ? view.mode : 'locked',
  `${view.used}/${view.acts || view.free === 0 ? view.cap : view.free}`,
  view.record.proposed,
  view.record.accepted,
  view.record.edited,
  view.record.refused,
  view.record.atOnce,
  view.record.undone,
  view.record.wrong,
  view.record.right === null ? '' : `${view.record.right} %`,
]

const told = ({ at, class: one, kind, by, reason }: AutonomyEvent): string =>
  [shortTime(at), one ?? 'everything', kind, `by ${by}`, reason ? `(${reason})` : '']
    .filter(Boolean)
    .join('  ')

const trust = () =>
  new Command('trust')
    .description('unlock a class: Luci does it at once, and you can undo it')
    .addArgument(classArgument())
    .option('--seen', 'of a class that was locked again: you have looked at its record')
    .action(
      atDesk(async (desk, one: ActionClass, { seen }: { seen?: boolean }) => {
        const view = await desk.client.put<View>(path(one), {
          mode: 'trusted',
          ...(seen ? { seen } : {}),
        })
        desk.show(view, () => unlocked(view, one))
      }),
    )

const unlocked = (view: View, one: ActionClass): string => {
  const now = view.classes.find((each) => each.class === one)
  const { proposed = 0, atOnce = 0 } = now?.record ?? {}
  return [
    view.main === 'advisor'
      ? `${one} is unlocked, but the switch autonomy is advisor: mc settings set autonomy trusted`
      : `${one} is done at once from now on, at most ${now?.cap} a day`,
    ...(proposed + atOnce < RECORD_MIN
      ? [`Careful: there is hardly a record, ${proposed + atOnce} act(s) in 90 days.`]
      : []),
  ].join('\n')
}

const advise = () =>
  new Command('advise')
    .description('take it back: Luci proposes, you decide')
    .addArgument(classArgument())
    .action(
      atDesk(async (desk, one: ActionClass) => {
        const view = await desk.client.put<View>(path(one), { mode: 'advisor' })
        desk.show(view, () => `${one} is proposed from now on, and you decide`)
      }),
    )

const cap = () =>
  new Command('cap')
    .description('so many a day (UTC) are done at once, the rest is proposed')
    .addArgument(classArgument())
    .argument('<n>', 'at most; 0 stops it', wholeNumberOrNone)
    .action(
      atDesk(async (desk, one: ActionClass, count: number) => {
        const view = await desk.client.put<View>(path(one), { cap: count })
        desk.show(view, () =>
          count === 0 ? `${one}: none is done at once` : `${one}: at most ${count} a day`,
        )
      }),
    )

const shadow = () =>
  new Command('shadow')
    .description('what would have been done at once over the last days; changes nothing')
    .option('--days <n>', 'how far back', wholeNumber, 30)
    .option('--trust <classes>', 'as if these were unlocked, with commas between, or all')
    .action(
      atDesk(async (desk, options: { days: number; trust?: string }) => {
        const run = await desk.client.get<Shadow>('/api/v1/autonomy/shadow', options)
        desk.show(run, () =>
          [
            `Over the last ${run.days} days, with ${run.trusted.join(', ') || 'nothing'} unlocked:`,
            desk.table(
              [
                'class',
                'at once',
                'of',
                'accepted',
                'edited',
                'refused',
                'undone',
                'wrong',
                'not judged',
                'over the cap',
                'locked again',
              ],
              run.classes.map((one) => [
                one.class,
                one.atOnce,
                one.acts,
                one.accepted,
                one.edited,
                one.refused,
                one.undone,
                one.wrong,
                one.unjudged,
                one.overCap,
                one.lockedAt === null ? '' : shortTime(one.lockedAt),
              ]),
              '',
            ),
            run.items,
          ].join('\n'),
        )
      }),
    )
