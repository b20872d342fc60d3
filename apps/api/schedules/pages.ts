import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { type Clock, isoTime } from '@mc/core/clock.ts'
import { usageText } from '@mc/core/costs/words.ts'
import { isOpenRun, type Run, runStatuses } from '@mc/core/runs/run.ts'
import { LOG_BYTES_MAX } from '@mc/core/runs/run-logs.ts'
import { isBeingStopped, whyNotStopped } from '@mc/core/runs/stop.ts'
import { taskStates } from '@mc/core/tasks/listing.ts'
import { ticketKey } from '@mc/core/tickets/ticket.ts'
import type { Database } from '@mc/db/database.ts'
import { type Static, Type } from 'typebox'
import type { PageFrame } from '../frame/frame.ts'
import { presentItem } from '../inbox/present.ts'
import type { Nouns } from '../nouns.ts'
import { readCursor, toPage } from '../paging.ts'
import { NameParam } from '../schemas.ts'
import { actorName, presentRun, runWords } from '../tickets/present.ts'
import type { Tell } from '../tickets/waiting.ts'
import { isFull, lastLines } from './last-lines.ts'
import {
  PAST_SHOWN,
  PAST_SHOWN_LONG,
  presentPause,
  presentTask,
  presentTaskPage,
  ranWords,
} from './present.ts'
import { readTime } from './times.ts'

const TASKS_SHOWN = 25
const RUNS_SHOWN = 25
const HISTORY_SHOWN = 50
const MISTAKES_SHOWN = 5
/** The end of a log that a page shows; the rest is one click away. */
const LOG_BYTES_SHOWN = 64 * 1024

/** What a form sends of a choice that was not made. */
const None = Type.Literal('')

const TasksQuery = Type.Object({
  q: Type.Optional(Type.String({ maxLength: 200 })),
  tag: Type.Optional(Type.String({ maxLength: 50 })),
  state: Type.Optional(Type.Union([None, Type.Enum(taskStates)])),
  skip: Type.Optional(Type.Integer({ minimum: 0, maximum: 1_000_000 })),
})

const HistoryQuery = Type.Object({
  status: Type.Optional(Type.Union([None, Type.Enum(runStatuses)])),
  task: Type.Optional(Type.String({ maxLength: 200 })),
  from: Type.Optional(Type.String({ maxLength: 40 })),
  to: Type.Optional(Type.String({ maxLength: 40 })),
  cursor: Type.Optional(Type.String({ maxLength: 40 })),
})

/** What runs when, how it went, and each run by itself. */
export const schedulePages: FastifyPluginAsyncTypebox<{
  db: Database
  nouns: Nouns
  clock: Clock
  frame: PageFrame
  tell: Tell
}> = async (app, { db, nouns, clock, frame, tell }) => {
  app.get(
    '/schedules',
    { schema: { querystring: TasksQuery, hide: true } },
    async (request, reply) => {
      const { q = '', tag = '', state = '', skip = 0 } = request.query
      const filter = { ...(q ? { q } : {}), ...(tag ? { tag } : {}), ...(state ? { state } : {}) }
      const [found, runs, mistakes, allPaused, tags] = await Promise.all([
        nouns.tasks.urgent({ ...filter, offset: skip, limit: TASKS_SHOWN }),
        nouns.history.list({ limit: RUNS_SHOWN }),
        nouns.overview.taskProblems(),
        nouns.pauseAll.get(),
        nouns.tasks.tags(),
      ])
      const ids = found.tasks.map(({ id }) => id)
      const past = await nouns.history.past(ids, PAST_SHOWN)
      const now = clock.now()
      const at = (skipped: number) =>
        `/schedules?${new URLSearchParams({ ...filter, ...(skipped > 0 ? { skip: String(skipped) } : {}) })}`
      return frame.sendPage(request, reply, 'schedules/views/schedules', {
        page: 'schedules',
        title: 'Schedules',
        tasks: found.tasks.map((task) =>
          presentTask(task, { past: past.get(task.id) ?? [], allPaused, now }),
        ),
        filter: { q, tag, state, isSet: Object.keys(filter).length > 0 },
        states: taskStates,
        tags,
        count: found.count,
        shown: { first: skip + 1, last: skip + found.tasks.length },
        newer: skip > 0 ? at(Math.max(0, skip - TASKS_SHOWN)) : null,
        more: skip + found.tasks.length < found.count ? at(skip + TASKS_SHOWN) : null,
        allPaused: allPaused && presentPause(allPaused),
        mistakes: mistakes.slice(0, MISTAKES_SHOWN),
        moreMistakes: Math.max(0, mistakes.length - MISTAKES_SHOWN),
        runs: runs.map(presentRun),
        ticketKey,
      })
    },
  )

  const history = async (query: Static<typeof HistoryQuery>, path: string) => {
    const { status = '', task = '', from = '', to = '', cursor } = query
    const before = readCursor(cursor)
    const [after, until] = [readTime(from), readTime(to)]
    const rows = await nouns.history.list({
      ...(task ? { task } : {}),
      ...(status ? { status } : {}),
      ...(after ? { from: after } : {}),
      ...(until ? { to: until } : {}),
      ...(before === undefined ? {} : { before }),
      limit: HISTORY_SHOWN + 1,
    })
    const page = toPage(rows, HISTORY_SHOWN, (run) => run.seq)
    const kept = Object.entries(query).filter(([name, value]) => value && name !== 'cursor')
    const chosen = kept.map(([name, value]): [string, string] => [name, String(value)])
    const own = path === '/runs' ? chosen : chosen.filter(([name]) => name !== 'task')
    const at = (more: [string, string][]) => `${path}?${new URLSearchParams([...own, ...more])}`
    return {
      runs: page.items.map(presentRun),
      filter: {
        status,
        task,
        from: after && isoTime(after),
        to: until && isoTime(until),
        isSet: own.length > 0,
      },
      statuses: runStatuses.map((one) => ({ id: one, label: runWords[one].label })),
      older: page.next === null ? null : at([['cursor', page.next]]),
      newest: cursor === undefined ? null : at([]),
      path,
      ticketKey,
    }
  }

  app.get(
    '/schedules/:id',
    { schema: { params: NameParam, querystring: HistoryQuery, hide: true } },
    async (request, reply) => {
      const { id } = request.params
      const task = await nouns.tasks.get(id)
      const [past, streak, totals, allPaused, shown] = await Promise.all([
        nouns.history.past([id], PAST_SHOWN_LONG),
        nouns.history.streak(id),
        nouns.history.totals(id),
        nouns.pauseAll.get(),
        history({ ...request.query, task: id }, `/schedules/${encodeURIComponent(id)}`),
      ])
      return frame.sendPage(request, reply, 'schedules/views/task', {
        page: 'schedules',
        title: task.title,
        task: presentTaskPage(task, {
          past: past.get(id) ?? [],
          streak,
          totals,
          allPaused,
          now: clock.now(),
        }),
        allPaused: allPaused && presentPause(allPaused),
        ...shown,
      })
    },
  )

  /** Whether another try of it makes sense: its ticket is open, and nothing came after it. */
  const isLatestOfOpen = async ({ id, ticketId }: Run): Promise<boolean> => {
    const ticket = ticketId === null ? null : await nouns.tickets.find(ticketId)
    if (!ticket || ticket.closedAt !== null) return false
    const [latest] = await nouns.runs.list({ ticket: ticket.id, limit: 1 })
    return latest?.id === id
  }

  /** What a run's outcome became in the inbox; null while it goes on, or when it told none. */
  const whatBecameOf = async ({ id, status }: Run) => {
    const item = isOpenRun(status) ? null : await nouns.listing.ofRun(id)
    if (!item) return null
    const { waiting, verdict } = presentItem(item)
    const effects = await nouns.timeline.effectsOf([item.id])
    const refs = (name: string) =>
      effects.filter(({ effect }) => effect === name).map(({ ref }) => Number(ref))
    return {
      item: item.id,
      waits: waiting !== null,
      words: waiting ?? verdict ?? 'Kept silent',
      alerts: refs('alert'),
      tickets: refs('ticket').map(ticketKey),
    }
  }

  /** A program that is always to run is started anew when one run of it is stopped. */
  const startsAgain = async ({ status, taskId }: Run): Promise<boolean> => {
    if (!isOpenRun(status) || taskId === null) return false
    const task = await nouns.tasks.find(taskId)
    return task?.kind === 'background' && task.restart === 'always'
  }

  app.get('/runs', { schema: { querystring: HistoryQuery, hide: true } }, async (request, reply) =>
    frame.sendPage(request, reply, 'schedules/views/runs', {
      page: 'schedules',
      title: 'Runs',
      ...(await history(request.query, '/runs')),
    }),
  )

  app.get('/runs/:id', { schema: { params: NameParam, hide: true } }, async (request, reply) => {
    const run = await nouns.runs.get(request.params.id)
    const log = await nouns.logs.read(run.id, -LOG_BYTES_SHOWN, LOG_BYTES_SHOWN)
    const isWork = run.trigger === 'delegate'
    return frame.sendPage(request, reply, 'schedules/views/run', {
      page: 'schedules',
      title: `Run ${run.id}`,
      run: {
        ...presentRun(run),
        isOpen: isOpenRun(run.status),
        isBeingStopped: isBeingStopped(run),
        command: run.command && ranWords(run.command),
      },
      taskTitle: run.taskId && ((await nouns.tasks.find(run.taskId))?.title ?? run.taskId),
      became: await whatBecameOf(run),
      isWork,
      stoppedBy: actorName(run.cancelAskedBy ?? 'Somebody'),
      startsAgain: await startsAgain(run),
      notStopped: await whyNotStopped(db, clock, run),
      waitsFor: isWork ? (await tell(run)).waitsFor : null,
      usage: usageText(run),
      onItsPage: true,
      mayRetry: isWork && !isOpenRun(run.status) && (await isLatestOfOpen(run)),
      isOpen: isOpenRun(run.status),
      hasLiveLog: isOpenRun(run.status),
      log,
      isFull: log !== null && isFull(log.size),
      kept: LOG_BYTES_MAX,
      lastLines: log && lastLines(run, log.size),
      ticketKey,
    })
  })
}
