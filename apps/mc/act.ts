import { type Act, actStates } from '@mc/core/acts/act.ts'
import type { SeenAct } from '@mc/core/acts/seen.ts'
import type { UndoneStep } from '@mc/core/acts/undo.ts'
import { actionClasses } from '@mc/core/trust/classes.ts'
import { Command, Option } from 'commander'
import { atDesk, type Page } from './desk.ts'
import { Exit, USAGE } from './exit-code.ts'
import { wholeNumber } from './input.ts'
import { shortTime } from './time.ts'

const pathOf = (id: string, verb: string) => `/api/v1/acts/${encodeURIComponent(id)}/${verb}`

/** What Luci wanted to do and what became of it. */
export const actCommands = (): Command =>
  new Command('act')
    .description('what Luci proposed and did, one by one; undo it, or call it wrong')
    .addCommand(list(), { isDefault: true })
    .addCommand(undo())
    .addCommand(wrong())

const list = () =>
  new Command('list')
    .description('the newest first')
    .addOption(new Option('--class <class>', 'of one class').choices(actionClasses))
    .addOption(new Option('--state <state>', 'in one state').choices(actStates))
    .option('--at-once', 'only what she did by herself')
    .option('--limit <n>', 'how many', wholeNumber, 50)
    .action(
      atDesk(async (desk, filter: Record<string, string | number | boolean>) => {
        const page = await desk.client.get<Page<SeenAct>>(
          '/api/v1/acts',
          Object.fromEntries(Object.entries(filter).map(([name, value]) => [name, String(value)])),
        )
        desk.show(page, () =>
          desk.table(
            ['id', 'at', 'class', 'state', 'of', 'undo', 'title'],
            page.items.map((act) => [
              act.id,
              shortTime(act.createdAt),
              act.class,
              [act.atOnce ? 'at once' : act.state, act.undoneAt ? 'undone' : act.correction]
                .filter(Boolean)
                .join(', '),
              act.ref ?? '',
              act.undoable ? 'can' : act.notUndoable && 'no',
              act.notUndoable ? `${act.title} (no undo: ${act.notUndoable})` : act.title,
            ]),
            'Nothing yet.',
          ),
        )
      }),
    )

const undo = () =>
  new Command('undo')
    .description('take back one act, or all that came of a proposal')
    .argument('<id>', 'the number of an act, or the six signs of a proposal with --proposal')
    .option('--proposal', 'all that came of this proposal')
    .action(
      atDesk(async (desk, id: string, { proposal }: { proposal?: boolean }) => {
        if (!proposal) {
          if (!/^\d+$/.test(id))
            throw new Exit(
              USAGE,
              /^[0-9a-f]{6}$/.test(id)
                ? `${id} is a proposal, not an act. All that came of it: npx -y pnpm@12 mc act undo --proposal ${id}`
                : `Expected the number of an act (mc act list has them), got "${id}".`,
            )
          const undone = await desk.client.post<{ act: Act; says: string }>(pathOf(id, 'undo'))
          return desk.show(undone, () => `Undone: ${undone.says}`)
        }
        const all = await desk.client.post<{ steps: UndoneStep[] }>(
          `/api/v1/proposals/${encodeURIComponent(id)}/undo`,
        )
        desk.show(all, () =>
          all.steps
            .map(({ act, undone, says }) => `${undone ? 'Undone' : 'Left'}: ${act.title}: ${says}`)
            .join('\n'),
        )
      }),
    )

const wrong = () =>
  new Command('wrong')
    .description('say that it was wrong; it counts in the record')
    .argument('<id>')
    .argument('[note...]', 'why')
    .action(
      atDesk(async (desk, id: string, note: string[]) => {
        const act = await desk.client.post<Act>(
          pathOf(id, 'wrong'),
          note.length > 0 ? { note: note.join(' ') } : {},
        )
        desk.show(act, () => `Noted: act ${act.id} (${act.title}) was wrong`)
      }),
    )
