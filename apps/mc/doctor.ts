import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import type { Status } from '@mc/core/client/status.ts'
import {
  channelsWords,
  mistakesWords,
  rulesWords,
  strangersWords,
  telegramWords,
} from '@mc/core/client/status-words.ts'
import { Command } from 'commander'
import { readAddress } from './connection.ts'
import { atDesk, type Desk } from './desk.ts'
import { Exit, explain, REFUSED } from './exit-code.ts'
import { luciLine } from './status.ts'

const run = promisify(execFile)

type Finding = { what: string; ok: boolean; found: string }

/** Thin on purpose: what is there and what is not, one line each. */
export const doctorCommand = (): Command =>
  new Command('doctor')
    .description('what was found on this machine; exit code 1 when something is missing')
    .action(
      atDesk(async (desk) => {
        const { url, dataDir } = readAddress()
        const findings: Finding[] = [
          { what: 'Node', ok: true, found: process.version },
          await findTmux(),
          { what: 'Data', ok: true, found: dataDir },
          ...(await findApi(desk, url)),
        ]
        desk.show(findings, () => findings.map(line).join('\n'))
        if (findings.some((finding) => !finding.ok)) throw new Exit(REFUSED)
      }),
    )

const line = ({ what, ok, found }: Finding) => `${ok ? '✓' : '✗'} ${what.padEnd(9)} ${found}`

const findTmux = (): Promise<Finding> =>
  run('tmux', ['-V']).then(
    ({ stdout }) => ({ what: 'tmux', ok: true, found: stdout.trim() }),
    () => ({ what: 'tmux', ok: false, found: 'missing: Luci needs it' }),
  )

const isBroken = ({ problem }: Status['channels'][number]) => problem !== null

const findApi = async (desk: Desk, url: string): Promise<Finding[]> => {
  try {
    const status = await desk.client.get<Status>('/api/v1/status')
    const { luci, workers, telegram, tasks } = status
    const strangers = strangersWords(telegram)
    const rules = rulesWords(status)
    const channels = channelsWords(status)
    return [
      { what: 'Api', ok: true, found: `answers at ${url}, version ${status.version}` },
      { what: 'Database', ok: true, found: status.database },
      ...workers.map(({ name, state }) => ({ what: name, ok: state === 'alive', found: state })),
      { what: 'Luci', ok: luci.state !== 'unavailable', found: luciLine(luci, luci.queued) },
      ...luci.found.map(({ profile, command }) => ({
        what: profile,
        ok: true,
        found:
          profile === luci.profile
            ? `${command}: is Luci`
            : `${command}: "npx -y pnpm@12 mc luci switch ${profile}" makes it Luci`,
      })),
      {
        what: 'Telegram',
        ok: telegram.problem === null && telegram.inbound.state !== 'problem',
        found: telegramWords(telegram),
      },
      ...(channels
        ? [{ what: 'Channels', ok: !status.channels.some(isBroken), found: channels }]
        : []),
      ...(strangers ? [{ what: 'refused', ok: true, found: strangers }] : []),
      {
        what: 'Tasks',
        ok: tasks.total > 0 && tasks.problems.length === 0,
        found: [`${tasks.total} loaded`, mistakesWords(tasks)].filter(Boolean).join('; '),
      },
      ...(rules ? [{ what: 'Rules', ok: false, found: rules }] : []),
    ]
  } catch (error) {
    return [{ what: 'Api', ok: false, found: explain(error).text.replaceAll('\n', ' ') }]
  }
}
