import { createSender } from '@mc/core/alerts/sender.ts'
import { noAlertSettings } from '@mc/core/alerts/settings.ts'
import { createInbox } from '@mc/core/inbox/inbox.ts'
import { silentLog } from '@mc/core/log.ts'
import { createRuns } from '@mc/core/runs/runs.ts'
import { createTasks } from '@mc/core/tasks/tasks.ts'
import { createTickets } from '@mc/core/tickets/tickets.ts'
import type { Database } from '@mc/db/database.ts'
import { nextDueIn } from '@mc/pickup/pick-up.ts'
import { createOutcomes } from '@mc/scheduler/outcomes.ts'
import type { BotApi } from '../support/bot-api.ts'
import { createTestDesk } from '../support/desk.ts'
import { schedulerConfig } from '../support/tasks.ts'
import { createMonthLuci } from './month-luci.ts'
import { CREDENTIAL, MINUTE_MS, monthTasks, notesAt } from './month-tasks.ts'

export type Span = { fromMinute: number; minutes: number }

/** What happens when, in minutes from the beginning. */
export type Plan = {
  minutes: number
  /** Nothing new comes in; what is under way comes to its end. */
  afterMinutes: number
  telegramOut: (Span & { how: 'hang_up' | 'server_error' })[]
  /** The api says that she is away. */
  luciDown: Span[]
  /** She takes what is typed and says nothing. */
  luciSilent: Span[]
  /** The credential expires; a person renews it some hours after the message. */
  expires: number[]
}

export type Told = { at: number; text: string }
export type Played = {
  /** What the chat got, with the time of the play. */
  told: Told[]
  expired: { at: number; firstFailureAt: number | null; toldAt: number | null }[]
}

const RENEWED_AFTER_MINUTES = 180
const CLOSED_AFTER_MS = 36 * 3_600_000
const never = new AbortController().signal

const within = <T extends Span>(spans: readonly T[], minute: number): T | undefined =>
  spans.find((span) => minute >= span.fromMinute && minute < span.fromMinute + span.minutes)

/**
 * A month at the desk, minute by minute: fires end as the scheduler ends them, pickup's own rounds
 * decide, the sender's own steps write to a Bot API on loopback; Luci is scripted, a person renews
 * the credential and closes tickets. Time is the test's; the rows are real.
 */
export const playMonth = async (db: Database, bot: BotApi, plan: Plan): Promise<Played> => {
  const desk = createTestDesk(db, { profile: 'claude' })
  const { clock } = desk
  const start = clock.now().getTime()
  const tasks = monthTasks()
  await createTasks(db, clock).sync(tasks.map(({ task }) => task))
  const runs = createRuns(db, clock)
  const outcomes = createOutcomes(db, clock, schedulerConfig())
  const inbox = createInbox(db, clock)
  const luci = createMonthLuci(db, desk)
  const sender = createSender({
    db,
    clock,
    log: silentLog,
    telegram: { token: bot.token, chatId: '42', allowedUsers: [], apiRoot: bot.url },
    alerting: noAlertSettings,
  })
  await sender.start()
  const played: Played = { told: [], expired: [] }
  let expired: Played['expired'][number] | null = null

  const fire = async (minute: number) => {
    for (const { task, everyMinutes, offset, goes } of tasks) {
      if (minute % everyMinutes !== offset) continue
      const going = goes(Math.floor(minute / everyMinutes), expired !== null)
      const slot = clock.now()
      const run = await runs.begin({ taskId: task.id, slot, trigger: 'schedule', workerId: 'w' })
      if (!run) throw new Error(`${task.id} did not begin at ${slot.toISOString()}`)
      await outcomes.end(run, task, { ...going, tries: 1, durationMs: 1_200 })
      if (going.status === 'auth' && expired && expired.firstFailureAt === null)
        expired.firstFailureAt = clock.now().getTime()
    }
    const note = notesAt(minute)
    if (note) await inbox.post(note)
  }

  const heard = () => {
    for (const { text } of bot.messages.slice(played.told.length)) {
      played.told.push({ at: clock.now().getTime(), text })
      if (expired && expired.toldAt === null && text.includes(CREDENTIAL))
        expired.toldAt = clock.now().getTime()
    }
  }

  /** All that is due until the minute is over. */
  const live = async (end: number) => {
    for (;;) {
      await desk.luciIsUp(luci.down ? 'offline' : 'idle')
      await luci.step()
      await desk.drain()
      while (await sender.sendOnce(never));
      heard()
      const rest = end - clock.now().getTime()
      const wait = Math.min(
        await luci.dueIn(rest),
        await sender.dueIn(rest),
        await nextDueIn(desk, rest),
      )
      if (wait >= rest) return
      clock.set(new Date(clock.now().getTime() + Math.max(wait, 100)))
    }
  }

  const person = async () => {
    if (
      expired?.toldAt &&
      clock.now().getTime() > expired.toldAt + RENEWED_AFTER_MINUTES * MINUTE_MS
    )
      expired = null
    const tickets = createTickets(db, clock)
    for (const ticket of await tickets.list({ open: true, limit: 200 }))
      if (Date.parse(ticket.updatedAt) < clock.now().getTime() - CLOSED_AFTER_MS)
        await tickets.change(
          ticket.id,
          { status: 'done', resolution: 'fixed' },
          { actor: 'person' },
        )
  }

  for (let minute = 0; minute < plan.minutes + plan.afterMinutes; minute++) {
    const at = start + minute * MINUTE_MS
    clock.set(new Date(Math.max(at, clock.now().getTime())))
    if (plan.expires.includes(minute)) {
      expired = { at, firstFailureAt: null, toldAt: null }
      played.expired.push(expired)
    }
    const out = within(plan.telegramOut, minute)
    bot.mood =
      out === undefined
        ? { type: 'ok' }
        : out.how === 'hang_up'
          ? { type: 'hang_up' }
          : { type: 'server_error', status: 502 }
    luci.silent = within(plan.luciSilent, minute) !== undefined
    luci.down = within(plan.luciDown, minute) !== undefined
    if (minute < plan.minutes) await fire(minute)
    if (minute % 60 === 0) await person()
    await live(at + MINUTE_MS)
  }
  return played
}
