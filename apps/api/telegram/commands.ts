import { createMutes } from '@mc/core/alerts/mutes.ts'
import type { QuietHours } from '@mc/core/alerts/quiet-hours.ts'
import type { Clock } from '@mc/core/clock.ts'
import type { Luci } from '@mc/core/luci/luci.ts'
import { type NewButton, rowsFor } from '@mc/core/telegram/buttons.ts'
import type { From, Incoming } from '@mc/core/telegram/update.ts'
import { localDay, readQuickTicket } from '@mc/core/tickets/quick-ticket.ts'
import { parseTicketKey, ticketKey } from '@mc/core/tickets/ticket.ts'
import { createTickets } from '@mc/core/tickets/tickets.ts'
import type { Database } from '@mc/db/database.ts'
import { plural } from '../frame/format.ts'
import { presentCalm, presentNeeds } from '../home/present.ts'
import { shorten } from '../home/shorten.ts'
import { lookWhatWaits } from '../home/waiting.ts'
import type { Nouns } from '../nouns.ts'
import { needsRuns, quietWords, statusRuns, ticketRuns, ticketsRuns } from './present.ts'
import { momentWords, type Quiet, readMute, readQuiet } from './quiet.ts'
import { type Act, bold, lines, link, plain, type Say, say } from './say.ts'

/** As Telegram lists them when a person types `/`. */
export const commandList = [
  { command: 'status', description: 'Luci, workers, inbox, alerts and schedules at a glance' },
  { command: 'inbox', description: 'What needs you now' },
  { command: 'mute', description: 'Hold back what is not urgent: 2h, until 07:00, off' },
  { command: 'tickets', description: 'The open tickets' },
  { command: 'ticket', description: 'File a ticket: /ticket Buy disks !1 #hardware' },
  { command: 'pause', description: 'Stop all autonomous action at once: /pause moving house' },
  { command: 'resume', description: 'Go on with what waited' },
  { command: 'help', description: 'What you can do here' },
] as const

const TICKETS_SHOWN = 15

type Command = Extract<Incoming, { type: 'command' }>

/** What the slash commands do. Each reads first; what it writes joins the update's transaction. */
export const createCommands = (deps: {
  db: Database
  clock: Clock
  nouns: Nouns
  luci: Luci
  publicUrl: string | null
  /** Quiet hours of the environment. */
  quiet: QuietHours | null
}) => {
  const { db, clock, nouns, publicUrl } = deps
  const quiet = () => readQuiet(db, clock, deps.quiet)

  const status = async (): Promise<Say> => ({
    runs: statusRuns(await nouns.overview.status(), await quiet(), publicUrl),
  })

  const inbox = async (from: From): Promise<Act> => {
    const [waiting, readiness] = await Promise.all([
      lookWhatWaits(nouns, deps.luci),
      nouns.readiness.now(),
    ])
    const needs = shorten(presentNeeds(waiting, clock.now()))
    const runs = needsRuns(needs, presentCalm(readiness.unclear).text, publicUrl)
    return answer(from, { runs, buttons: rowsFor(waiting.alerts) })
  }

  const mute = async (from: From, rest: string): Promise<Act> => {
    const now = await quiet()
    if (rest === '') return answer(from, muteChoices(now))
    const until = readMute(rest, clock.now(), now.zone)
    if (until === null)
      return answer(from, {
        runs: [
          plain(
            `I do not understand "${rest.slice(0, 60)}". Try /mute 2h, /mute until 07:00 or /mute off.`,
          ),
        ],
      })
    return async (tx) => {
      await say(tx, clock, from, {
        runs: [plain(await changeMute(tx, clock, until, { by: from.name, zone: now.zone }))],
      })
      return undefined
    }
  }

  const pause =
    (from: From, reason: string): Act =>
    async (tx) => {
      const { cancelled, reason: why } = await nouns.trust.pause(
        { reason, by: 'person' },
        nouns.pausing,
        tx,
      )
      const stopped =
        cancelled.length > 0 ? ` Told to end: ${plural(cancelled.length, 'worker')}.` : ''
      await say(tx, clock, from, {
        runs: [
          plain(
            `⏸ Autonomous action is paused${why === '' ? '' : `: ${why.replace(/\.$/, '')}`}.${stopped} What you write to Luci goes on, as do scheduled tasks and rules. /resume goes on.`,
          ),
        ],
      })
      return undefined
    }

  const resume =
    (from: From): Act =>
    async (tx) => {
      const resumed = await nouns.trust.resume('person', tx)
      await say(tx, clock, from, {
        runs: [plain(resumed ? '▶️ No longer paused.' : 'Autonomous action was not paused.')],
      })
      return undefined
    }

  const tickets = async (): Promise<Say> => {
    const found = await nouns.tickets.list({ open: true, limit: TICKETS_SHOWN + 1 })
    return {
      runs: ticketsRuns(found.slice(0, TICKETS_SHOWN), found.length > TICKETS_SHOWN, publicUrl),
    }
  }

  const ticket = async (from: From, rest: string): Promise<Act> => {
    if (rest === '')
      return answer(from, {
        runs: [
          plain(
            'Write what is to be done after it: /ticket Buy disks !1 #hardware due:fri\nThe first line is the title, the rest the description. /ticket MC-12 shows one.',
          ),
        ],
      })
    const id = /^mc-/i.test(rest) ? parseTicketKey(rest) : null
    const known = id === null ? null : await nouns.tickets.find(id)
    if (known) return answer(from, { runs: ticketRuns(known, clock.now(), publicUrl) })
    if (id !== null) return answer(from, { runs: [plain(`There is no ticket ${ticketKey(id)}.`)] })
    const { title, body, priority, labels, due } = readQuickTicket(rest, localDay(clock.now()))
    return async (tx) => {
      const filed = await createTickets(tx, clock).file(
        {
          title,
          body,
          ...(priority ? { priority } : {}),
          ...(labels.length > 0 ? { labels } : {}),
          ...(due ? { due } : {}),
        },
        { actor: 'person', source: 'telegram' },
      )
      await say(tx, clock, from, {
        runs: [
          plain('🎫 Filed '),
          link(publicUrl, `/tickets/${filed.key}`, filed.key),
          plain(`: ${filed.title}`),
        ],
      })
      return undefined
    }
  }

  const answer =
    (from: From, what: Say): Act =>
    async (tx) => {
      await say(tx, clock, from, what)
      return undefined
    }

  return async ({ from, name, rest }: Command): Promise<Act> => {
    switch (name) {
      case 'status':
        return answer(from, await status())
      case 'inbox':
        return inbox(from)
      case 'mute':
        return mute(from, rest)
      case 'unmute':
        return mute(from, 'off')
      case 'pause':
        return pause(from, rest)
      case 'resume':
        return resume(from)
      case 'tickets':
        return answer(from, await tickets())
      case 'ticket':
        return ticket(from, rest)
      case 'start':
      case 'help':
        return answer(from, { runs: help })
      default:
        return answer(from, {
          runs: [plain(`I do not know /${name}. /help says what you can do here.`)],
        })
    }
  }
}

/** Begins or ends the mute of what is not urgent, and says so. */
export const changeMute = async (
  tx: Database,
  clock: Clock,
  until: Date | 'off',
  { by, zone }: { by: string; zone: string },
): Promise<string> => {
  const mutes = createMutes(tx, clock)
  if (until !== 'off') {
    await mutes.mute({ until, by })
    return `🔕 Muted until ${momentWords(until, zone)}. Refused credentials and what is critical still come; the rest is told then. /mute off ends it.`
  }
  const all = (await mutes.inForce()).filter((mute) => mute.fingerprint === null)
  for (const mute of all) await mutes.end(mute.id, by)
  return all.length > 0 ? '🔔 No longer muted.' : 'Nothing was muted.'
}

const muteChoices = (quiet: Quiet): Say => {
  const button = (label: string, words: string): NewButton => ({
    label,
    action: { do: 'mute', for: words },
  })
  return {
    runs: [
      plain(
        `${quietWords(quiet) ?? 'Nothing is muted'}. Hold back what is not urgent for how long? (Or /mute until 07:00.)`,
      ),
    ],
    buttons: [
      [button('1 h', '1h'), button('4 h', '4h'), button('Until tomorrow', 'tomorrow')],
      ...(quiet.muted ? [[button('Unmute', 'off')]] : []),
    ],
  }
}

const help = lines([
  [bold('Mission Control')],
  [plain('Write anything: Luci answers here.')],
  [plain('Alerts come with buttons: acknowledge, snooze, make a ticket, show.')],
  [plain('What Luci asks comes with her choices.')],
  [plain('')],
  ...commandList.map(({ command, description }) => [plain(`/${command}  ${description}`)]),
])
