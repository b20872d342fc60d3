import { sentences } from '@mc/core/client/sentences.ts'
import type { Status } from '@mc/core/client/status.ts'
import {
  channelsWords,
  digestWords,
  mistakesWords,
  pausedWords,
  rulesWords,
  telegramWords,
} from '@mc/core/client/status-words.ts'
import { Command } from 'commander'
import { atDesk } from './desk.ts'
import { shortTime } from './time.ts'

export const statusCommand = (): Command =>
  new Command('status').description('the whole desk in one look').action(
    atDesk(async (desk) => {
      const status = await desk.client.get<Status>('/api/v1/status')
      desk.show(status, () => describe(status))
    }),
  )

const describe = (status: Status): string => {
  const { luci, inbox, tickets, alerts, tasks, turns } = status
  const rules = rulesWords(status)
  const channels = channelsWords(status)
  const statuses = Object.entries(tickets.byStatus).filter(([, count]) => count > 0)
  const rows: [string, string][] = [
    ['Luci', luciLine(luci, turns.queued)],
    ['Workers', status.workers.map((worker) => `${worker.name} ${worker.state}`).join(', ')],
    [
      'Inbox',
      `${inbox.pending} pending, ${inbox.claimed} in hand; today ${inbox.handledToday} handled, ${inbox.silencedToday} silent`,
    ],
    [
      'Tickets',
      `${tickets.open} open${statuses.length > 0 ? ` (${statuses.map(([name, count]) => `${name} ${count}`).join(', ')})` : ''}`,
    ],
    ['Alerts', `${alerts.open} open, ${alerts.undelivered} undelivered`],
    ['Tasks', tasksLine(tasks)],
    ...(rules ? [['Rules', rules] as [string, string]] : []),
    ...(status.held ? [['Held', status.held.reason] as [string, string]] : []),
    ['Digests', digestWords(status)],
    ['Telegram', telegramWords(status.telegram)],
    ...(channels ? [['Channels', channels] as [string, string]] : []),
    ['Database', status.database],
    [
      'Switches',
      Object.entries(status.switches)
        .map(([name, { value }]) => `${name} ${value}`)
        .join(', '),
    ],
    ['Version', status.version],
  ]
  return rows.map(([name, text]) => `${name.padEnd(9)} ${text}`).join('\n')
}

export const luciLine = (luci: Status['luci'], queued: number): string => {
  const facts = [
    `${luci.state.replace('_', ' ')} (${luci.profile})`,
    luci.turnId ? `turn ${luci.turnId}` : null,
    queued > 0 ? `${queued} queued` : null,
  ]
  const state = facts.filter(Boolean).join('; ')
  return luci.problem ? sentences(state, luci.problem, luci.hint) : state
}

const tasksLine = (tasks: Status['tasks']): string =>
  [
    `${tasks.total} loaded`,
    tasks.failing.length > 0 ? `failing: ${tasks.failing.join(', ')}` : null,
    tasks.paused > 0 ? `${tasks.paused} paused` : null,
    pausedWords(tasks.allPaused),
    mistakesWords(tasks),
    tasks.next && !tasks.allPaused ? `next ${tasks.next.id} at ${shortTime(tasks.next.at)}` : null,
  ]
    .filter(Boolean)
    .join('; ')
