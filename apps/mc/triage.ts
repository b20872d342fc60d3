import type { Replay, Replayed } from '@mc/core/triage/replay.ts'
import { Command } from 'commander'
import { atDesk, type Desk } from './desk.ts'
import { Exit, USAGE } from './exit-code.ts'
import { rulesFile } from './rules-file.ts'
import { readText } from './tasks-path.ts'
import { shortTime } from './time.ts'

export const triageCommands = (): Command =>
  new Command('triage')
    .description('the rules that decide what comes in')
    .addCommand(list())
    .addCommand(check())
    .addCommand(tryOut())

type Rules = {
  items: { name: string; sentence: string; by: 'person' | 'built_in' }[]
  file: { name: string; since: string; problems: string[] } | null
}

const list = () =>
  new Command('rules')
    .description('all rules in their order, yours among them; the first with an opinion decides')
    .action(
      atDesk(async (desk) => {
        const rules = await desk.client.get<Rules>('/api/v1/triage/rules')
        desk.show(rules, () => {
          const table = desk.table(
            ['', 'rule', 'what it says'],
            rules.items.map(({ name, sentence }, index) => [index + 1, name, sentence]),
            'There are no rules.',
          )
          return [table, ...troubleOf(rules.file)].join('\n')
        })
      }),
    )

const troubleOf = (file: Rules['file']): string[] =>
  file && file.problems.length > 0
    ? [
        '',
        `${file.name} has mistakes since ${shortTime(file.since)}; your last good rules go on:`,
        ...file.problems,
      ]
    : []

/** No server is needed; what reads the file is loaded only here: most calls of `mc` never need it. */
const check = () =>
  new Command('check')
    .description('look for mistakes in the rules file')
    .argument('[file]', 'default: MC_TRIAGE_FILE, or ops/triage.yaml')
    .addHelpText('after', '\nExit code 0 when there is no mistake, 2 when there is one.')
    .action(
      atDesk(async (desk, given?: string) => {
        const { path, name } = rulesFile(given)
        const { readRulesFile } = await import('@mc/core/triage/rules-file.ts')
        const { rules, problems } = readRulesFile(await readText(path, name), name)
        const count = rules?.length ?? 0
        desk.show({ file: path, rules: count, problems }, () =>
          problems.length === 0
            ? `${name}: ${count} ${count === 1 ? 'rule' : 'rules'}, no mistake`
            : [
                ...problems,
                problems.length === 1 ? '1 mistake' : `${problems.length} mistakes`,
              ].join('\n'),
        )
        if (problems.length > 0) throw new Exit(USAGE)
      }),
    )

type TryOptions = { since: string; file?: string; task?: string }

const tryOut = () =>
  new Command('try')
    .description('what the rules would make of past items, and why; nothing is done')
    .option('--since <time>', 'how long back (7d, 12h), or from a time on', '7d')
    .option('--file <file>', 'a rules file to try; default: the rules in use')
    .option('--task <id>', 'only what is about this task')
    .action(
      atDesk(async (desk, { since, file, task }: TryOptions) => {
        const rules = file === undefined ? {} : await rulesIn(file)
        const replay = await desk.client.post<Replay>('/api/v1/triage/try', {
          since,
          ...(task === undefined ? {} : { task }),
          ...rules,
        })
        desk.show(replay, () => describe(desk, replay))
      }),
    )

const rulesIn = async (given: string) => {
  const { path, name } = rulesFile(given)
  return { rules: await readText(path, name), file: name }
}

const describe = (desk: Desk, replay: Replay): string => {
  const { items, changed, otherRule, undecided, more, since } = replay
  if (items === 0) return `Nothing came in since ${shortTime(since)}.`
  const counts = [
    `${items} items since ${shortTime(since)}`,
    `${changed} would end otherwise`,
    `${otherRule} the same by another rule`,
    ...(undecided > 0 ? [`${undecided} not decided yet`] : []),
  ].join(', ')
  const rules = desk.table(
    ['by', 'items', 'otherwise'],
    replay.rules.map((rule) => [nameOf(rule.by), rule.count, rule.changed]),
    '',
  )
  const different = replay.list.filter(({ difference }) => difference !== null)
  const listed = desk.table(
    ['item', 'at', 'about', 'was', 'would be', 'by', 'why'],
    different.map((one) => [
      one.item,
      shortTime(one.at),
      one.about,
      wasOf(one),
      one.would.action,
      nameOf(one.would.by),
      one.would.reason,
    ]),
    'Nothing would end otherwise.',
  )
  const hidden = changed + otherRule - different.length
  return [
    `${counts}.`,
    '',
    rules,
    '',
    listed,
    ...(hidden > 0 ? ['', `… and ${hidden} more like these.`] : []),
    ...(more ? ['', 'There are older ones that were not looked at; try a shorter time.'] : []),
  ].join('\n')
}

const wasOf = ({ did }: Replayed): string => `${did.action} (${nameOf(did.by ?? 'nobody')})`

const nameOf = (by: string): string => (by === 'ask' ? 'Luci' : by.replace(/^rule:/, ''))
