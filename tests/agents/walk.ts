#!/usr/bin/env node
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Proposal } from '@mc/core/proposals/proposal.ts'
import type { Ticket } from '@mc/core/tickets/ticket.ts'
import { isOpenTurn, type Turn } from '@mc/core/turns/turn.ts'
import { killLeftovers } from '../../ops/leftovers.ts'
import { startMissionControl } from '../support/mission-control.ts'
import { until } from '../support/until.ts'
import { homeOf } from './homes/home.ts'
import { install } from './install.ts'
import { startModel } from './model/model.ts'
import { isProgram, programs } from './programs.ts'

/**
 * `node tests/agents/walk.ts claude`: from an intent to work, with a real agent program as Luci
 * and as the worker, against the scripted model; printed as a record that a person reads. First
 * as advisor, then trusted with Undo. Ends with 1 when anything is other than it should be.
 */

const PATIENCE_MS = 180_000

/** What the scripted model is told to propose; the tickets' texts tell it what to do as the worker. */
const backups = {
  title: 'Make the backups trustworthy',
  summary: 'First what there is, then whether it can be read back.',
  steps: [
    {
      do: 'file',
      name: 'list',
      title: 'List what is backed up',
      body: 'ECHO:Two backups were found, nas and laptop.',
      risk: 'low',
      does: 'worker',
    },
    {
      do: 'file',
      name: 'check',
      title: 'Check that the backups can be read',
      body: 'ERROR:400',
      after: ['list'],
      risk: 'low',
      does: 'worker',
    },
    {
      do: 'file',
      name: 'delete',
      title: 'Delete the oldest backups',
      after: ['check'],
      risk: 'high',
      does: 'person',
    },
  ],
  questions: [{ text: 'How long must a backup be kept?', options: ['30 days', 'a year'] }],
}

const logs = {
  title: 'Tidy the logs',
  steps: [
    {
      do: 'file',
      name: 'count',
      title: 'Count the log files',
      body: 'ECHO:There are 12 log files.',
      risk: 'low',
      does: 'worker',
    },
    {
      do: 'file',
      name: 'note',
      title: 'Note which logs matter',
      risk: 'low',
      does: 'person',
      after: ['count'],
    },
  ],
}

const print = (text: string) => process.stdout.write(`${text}\n`)
const [program = 'claude'] = process.argv.slice(2)
if (!isProgram(program)) {
  print(`Expected one of ${programs.join(', ')}, got "${program}"`)
  process.exit(2)
}
const installed = await install(program, { say: print })
if (installed.status === 'missing') {
  print(installed.why)
  process.exit(2)
}

const endings: (() => unknown)[] = []
const folder = mkdtempSync(join(tmpdir(), 'mc-walk-'))
const model = await startModel()
const cwd = join(folder, 'work')
const { env, argv } = homeOf(program, { folder, modelUrl: model.url, cwd })
mkdirSync(cwd, { recursive: true })
writeFileSync(join(folder, 'tasks.yaml'), 'tasks: []\n')
const desk = await startMissionControl(
  {
    teardown: (end?: () => unknown) => {
      if (end) endings.unshift(end)
    },
  },
  {
    ...env,
    MC_LUCI_PROFILE: program,
    MC_LUCI_CWD: cwd,
    MC_WORKER_COMMAND: program,
    MC_TASKS_FILE: join(folder, 'tasks.yaml'),
    MC_GROUP_WAIT: '1s',
    MC_GROUP_INTERVAL: '1s',
  },
)

let failed = 0
try {
  await walk()
} catch (error) {
  failed += 1
  print(`\n**It ended here:** ${(error as Error).message}`)
} finally {
  for (const end of endings) await end()
  await model.close()
  killLeftovers(folder)
  rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 })
}
process.exit(failed > 0 ? 1 : 0)

async function walk() {
  const client = await desk.client()
  const status = async () => client.get<{ luci: { state: string } }>('/api/v1/status')
  await until('her to be idle', async () => (await status()).luci.state === 'idle', PATIENCE_MS)
  print(
    `# From intent to work: ${program} as Luci and as the worker (${argv[0]?.split('/').at(-1)})`,
  )

  print('\n## As advisor\n')
  await say(`Please make the backups trustworthy.\nMCP:propose:${JSON.stringify(backups)}`)
  const proposal = await newest()
  check(
    'one proposal waits, nothing was filed',
    proposal.state === 'open' && !(await tickets()).length,
  )
  await mc('proposal', 'show', proposal.id)
  print('Two of the three are accepted:')
  await mc('proposal', 'accept', proposal.id, '--only', 'list,check')
  const [listed, checked] = await until(
    'both workers to have ended',
    async () => {
      const all = await tickets()
      const list = all.find(({ title }) => title.startsWith('List'))
      const verify = all.find(({ title }) => title.startsWith('Check'))
      const ran = verify ? await runsOf(verify) : []
      return list?.status === 'done' && ran[0] && !['queued', 'running'].includes(ran[0].status)
        ? ([list, verify] as [Ticket, Ticket])
        : null
    },
    PATIENCE_MS,
  )
  const [first] = await runsOf(listed)
  const [second] = await runsOf(checked)
  check(
    'the second began after the first had ended',
    (second?.startedAt ?? '') >= (first?.endedAt ?? '9'),
  )
  check('the first is ok, the second failed', first?.status === 'ok' && second?.status === 'failed')
  check(
    'the third was not filed',
    !(await tickets()).some(({ title }) => title.startsWith('Delete')),
  )
  await until(
    'the failure to be settled in the inbox',
    async () => {
      const page = await client.get<{ items: { source: string; status: string; kind: string }[] }>(
        '/api/v1/inbox',
        { source: 'pickup' },
      )
      return page.items.some(({ kind, status: at }) => kind === 'failed' && at === 'processed')
    },
    PATIENCE_MS,
  )
  await mc('ticket', 'show', listed.key)
  await mc('ticket', 'show', checked.key)
  await mc('inbox', 'list', '--source', 'pickup')

  print('\n## Trusted, with Undo\n')
  await mc('autonomy', 'trust', 'file_ticket')
  await mc('autonomy', 'trust', 'delegate_low_risk')
  await say(`And tidy the logs.\nMCP:propose:${JSON.stringify(logs)}`)
  const done = await newest()
  check('it was carried out at once', done.state === 'carried_out')
  await until(
    'its worker to be done',
    async () => (await tickets()).find(({ title }) => title.startsWith('Count'))?.status === 'done',
    PATIENCE_MS,
  )
  await mc('act', 'list')
  const { items: acts } = await client.get<{
    items: { id: number; title: string; class: string }[]
  }>('/api/v1/acts')
  const filed = acts.find((act) => act.class === 'file_ticket' && /Note/.test(act.title))
  await mc('act', 'undo', String(filed?.id))
  const note = (await tickets()).find(({ title }) => title.startsWith('Note'))
  check('the ticket is taken back', note?.status === 'cancelled')
  await mc('autonomy', 'show')
  await mc('costs')

  async function say(text: string): Promise<Turn> {
    const shown = text.split('\n')[0]
    print(`> ${shown}\n`)
    const { turn } = await client.post<{ turn: Turn }>('/api/v1/persistent_luci/send', { text })
    const ended = await until(
      'her answer',
      async () => {
        const now = await client.get<Turn>(`/api/v1/turns/${turn.id}`)
        return isOpenTurn(now.state) ? null : now
      },
      PATIENCE_MS,
    )
    check(
      `she answered (turn ${ended.id}, ${ended.tokensIn ?? '?'} tokens in)`,
      ended.state === 'answered',
    )
    print(`\n${quoted(ended.reply)}\n`)
    return ended
  }
  async function newest(): Promise<Proposal> {
    const { items } = await client.get<{ items: Proposal[] }>('/api/v1/proposals')
    if (!items[0]) throw new Error('There is no proposal')
    return items[0]
  }
  async function tickets(): Promise<Ticket[]> {
    return (await client.get<{ items: Ticket[] }>('/api/v1/tickets')).items
  }
  async function runsOf({ key }: Ticket) {
    type Short = { status: string; startedAt: string | null; endedAt: string | null }
    return (await client.get<{ items: Short[] }>(`/api/v1/tickets/${key}/runs`)).items
  }
}

/** Runs `mc` as the person, and writes down what it said. */
async function mc(...args: string[]): Promise<void> {
  const { exitCode, stdout, stderr } = await desk.mc(...args)
  print(`\`\`\`console\n$ mc ${args.join(' ')}\n${`${stdout}${stderr}`.trim()}\n\`\`\`\n`)
  if (exitCode !== 0) check(`mc ${args.join(' ')} ends with 0, not ${exitCode}`, false)
}

function check(what: string, isSo: boolean): void {
  if (!isSo) failed += 1
  print(`- ${isSo ? 'yes' : '**NO**'}: ${what}`)
}

function quoted(text: string): string {
  return text.replace(/^/gm, '> ')
}
