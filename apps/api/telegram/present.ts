import type { Alert } from '@mc/core/alerts/alert.ts'
import { sentences } from '@mc/core/client/sentences.ts'
import { mistakesWords, pausedWords } from '@mc/core/client/status-words.ts'
import type { Item } from '@mc/core/inbox/item.ts'
import type { Run } from '@mc/core/telegram/rich-text.ts'
import { type Ticket, ticketKey } from '@mc/core/tickets/ticket.ts'
import type { WorkerHealth } from '@mc/core/workers/workers.ts'
import { countUp, enumerate, firstLine, local, relative } from '../frame/format.ts'
import type { shorten } from '../home/shorten.ts'
import type { Overview } from '../overview.ts'
import { markdownRuns } from './markdown.ts'
import { momentWords, type Quiet } from './quiet.ts'
import { block, bold, italic, lines, link, plain } from './say.ts'

type Status = Awaited<ReturnType<Overview['status']>>

const NAMES_MAX = 5
const TEXT_CHARS_MAX = 2_500
const LIST_TEXT_CHARS_MAX = 240
const EXCERPT_CHARS_MAX = 900
const LISTED_MAX = 10

/** The whole desk as one message. */
export const statusRuns = (status: Status, quiet: Quiet, publicUrl: string | null): Run[] => {
  const { luci, inbox, alerts, tickets, tasks, turns } = status
  const failing =
    tasks.failing.length > 0
      ? `; ⚠ failing: ${enumerate(tasks.failing.slice(0, NAMES_MAX))}${tasks.failing.length > NAMES_MAX ? ' …' : ''}`
      : ''
  const problems = [mistakesWords(tasks), pausedWords(tasks.allPaused)].filter(
    (one) => one !== null,
  )
  const next =
    tasks.next && !tasks.allPaused ? `; next ${tasks.next.id} ${local(tasks.next.at)}` : ''
  return lines([
    [bold('Luci'), plain(` ${luciWords(luci, turns.queued)}`)],
    [bold('Workers'), plain(` ${workersWords(status.workers)}`)],
    [
      bold('Inbox'),
      plain(
        ` ${countUp(inbox.pending + inbox.claimed)} pending; today ${countUp(inbox.handledToday)} handled, ${countUp(inbox.silencedToday)} silent`,
      ),
    ],
    [
      bold('Alerts'),
      plain(
        alerts.open === 0
          ? ' none open'
          : ` ${alerts.open} open${alerts.undelivered > 0 ? `, ${alerts.undelivered} not delivered` : ''}`,
      ),
    ],
    [bold('Tickets'), plain(` ${countUp(tickets.open)} open`)],
    [bold('Schedules'), plain(` ${tasks.total} tasks${failing}${next}`)],
    ...problems.map((problem) => [plain(`⚠ ${problem}`)]),
    ...(quietWords(quiet) ? [[plain(`🔕 ${quietWords(quiet)}`)]] : []),
    ...(publicUrl ? [[link(publicUrl, '/', 'Open Mission Control')]] : []),
  ])
}

const luciWords = (luci: Status['luci'], queued: number): string =>
  sentences(
    [
      `${luci.asks ? 'asks you something' : luci.state.replace('_', ' ')} (${luci.profile})`,
      ...(queued > 0 ? [`${queued} waiting`] : []),
    ].join(', '),
    luci.problem,
    luci.hint,
  )

const workersWords = (workers: readonly WorkerHealth[]): string => {
  const silent = workers.filter(({ state }) => state !== 'alive')
  return silent.length === 0
    ? 'all beat'
    : `⚠ ${silent.map(({ name, state }) => `${name} ${state === 'stale' ? 'gives no sign of life' : state === 'absent' ? 'was never started' : state}`).join(', ')}`
}

/** Whether what is not urgent is held back now; null when it is not. */
export const quietWords = ({ muted, hours, zone }: Quiet): string | null => {
  if (muted) return `Muted until ${momentWords(muted, zone)}`
  return hours ? `Quiet hours until ${momentWords(hours, zone)}` : null
}

/** What waits for the person; `calm` when nothing does. */
export const needsRuns = (
  { shown, rest }: ReturnType<typeof shorten>,
  calm: string,
  publicUrl: string | null,
): Run[] =>
  shown.length === 0
    ? [plain(calm)]
    : lines([
        [bold('Needs you')],
        ...shown.map((need) => [
          plain('• '),
          link(publicUrl, need.href, need.title),
          ...(need.detail === '' ? [] : [plain(` · ${need.detail}`)]),
        ]),
        ...(rest
          ? [
              [
                plain(`• ${rest.title}: `),
                ...rest.parts.flatMap((part, at) => [
                  ...(at > 0 ? [plain(', ')] : []),
                  link(publicUrl, part.href, part.text),
                ]),
              ],
            ]
          : []),
      ])

export const ticketsRuns = (
  tickets: readonly Ticket[],
  more: boolean,
  publicUrl: string | null,
): Run[] =>
  tickets.length === 0
    ? [plain('No open tickets. /ticket followed by a text files one.')]
    : lines([
        [bold('Open tickets, newest first')],
        ...tickets.map((ticket) => [
          link(publicUrl, `/tickets/${ticket.key}`, ticket.key),
          plain(` ${ticket.status} · ${firstLine(ticket.title, 100)}`),
        ]),
        ...(more ? [[link(publicUrl, '/board', 'and more on the board')]] : []),
      ])

export const ticketRuns = (ticket: Ticket, now: Date, publicUrl: string | null): Run[] =>
  lines([
    [bold(`${ticket.key} ${ticket.title}`)],
    [
      plain(
        [
          ticket.status,
          `priority ${ticket.priority}`,
          ...(ticket.occurrences > 1 ? [`${ticket.occurrences} times`] : []),
          `filed ${relative(ticket.createdAt, now)}`,
        ].join(' · '),
      ),
    ],
    ...(ticket.body.trim() === '' ? [] : [markdownRuns(cut(ticket.body, TEXT_CHARS_MAX))]),
    ...(publicUrl ? [[link(publicUrl, `/tickets/${ticket.key}`, 'Open it')]] : []),
  ])

/** One alert whole, or several in short. */
export const alertsRuns = (
  alerts: readonly Alert[],
  now: Date,
  publicUrl: string | null,
  /** Of the one alert. */
  item: Item | null = null,
): Run[] => {
  const [first] = alerts
  if (!first) return [plain('They are gone: nothing is left to show.')]
  if (alerts.length === 1)
    return lines([
      alertRuns(first, TEXT_CHARS_MAX, now, publicUrl),
      ...(item ? [itemRuns(item)] : []),
    ])
  const left = alerts.length - LISTED_MAX
  return lines([
    ...alerts
      .slice(0, LISTED_MAX)
      .map((alert) => [...alertRuns(alert, LIST_TEXT_CHARS_MAX, now, publicUrl), plain('\n')]),
    ...(left > 0 ? [[link(publicUrl, '/alerts', `and ${left} more on the Alerts page`)]] : []),
  ])
}

/** What was reported, with the end of its output. */
const itemRuns = (item: Item): Run[] => {
  const excerpt = typeof item.detail.excerpt === 'string' ? item.detail.excerpt.trim() : ''
  return lines([
    [plain(`Item ${item.id}, from ${item.source}: ${cut(item.message, LIST_TEXT_CHARS_MAX)}`)],
    ...(excerpt === '' ? [] : [[block(cut(excerpt, EXCERPT_CHARS_MAX))]]),
  ])
}

const alertRuns = (alert: Alert, textMax: number, now: Date, publicUrl: string | null): Run[] =>
  lines([
    [bold(`#${alert.id} ${firstLine(alert.title, 200)}`)],
    [
      italic(
        [
          alert.severity === 'critical' ? 'critical' : null,
          alertState(alert),
          `since ${local(alert.createdAt)} (${relative(alert.createdAt, now)})`,
          alert.occurrences > 1 ? `${alert.occurrences} times` : null,
        ]
          .filter((part) => part !== null)
          .join(' · '),
      ),
    ],
    ...(alert.text.trim() === '' ? [] : [[block(cut(alert.text, textMax))]]),
    ...(alert.ticketId === null
      ? []
      : [[link(publicUrl, `/tickets/${ticketKey(alert.ticketId)}`, ticketKey(alert.ticketId))]]),
    ...(publicUrl ? [[link(publicUrl, `/alerts/${alert.id}`, 'Open it')]] : []),
  ])

const alertState = (alert: Alert): string => {
  if (alert.state === 'acknowledged') return `acknowledged by ${alert.acknowledgedBy ?? 'somebody'}`
  if (alert.state === 'snoozed' && alert.snoozedUntil)
    return `snoozed until ${local(alert.snoozedUntil)}`
  if (alert.state === 'resolved') return 'over'
  return 'open'
}

const cut = (text: string, max: number): string => {
  const whole = text.trim()
  return whole.length <= max ? whole : `${whole.slice(0, max).toWellFormed()}…`
}
