import { createAlerts } from '@mc/core/alerts/alerts.ts'
import { type Clock, isoTime, systemClock } from '@mc/core/clock.ts'
import { createInbox } from '@mc/core/inbox/inbox.ts'
import type { ItemKind, Priority, VerdictAction } from '@mc/core/inbox/item.ts'
import type { RunEnd } from '@mc/core/runs/run.ts'
import { createRuns } from '@mc/core/runs/runs.ts'
import { createTasks } from '@mc/core/tasks/tasks.ts'
import type { TicketStatus } from '@mc/core/tickets/ticket.ts'
import { createTickets } from '@mc/core/tickets/tickets.ts'
import { createWorkers } from '@mc/core/workers/workers.ts'
import type { Database } from '@mc/db/database.ts'
import { aTask } from '../support/tasks.ts'

const minutesAgo = (minutes: number): Clock => ({
  ...systemClock,
  now: () => new Date(Date.now() - minutes * 60_000),
})

/** A desk in the middle of an ordinary day, for pictures. */
export const furnishBelievably = async (db: Database): Promise<void> => {
  await schedule(db)
  await board(db)
  await reports(db)
  for (const name of ['api', 'scheduler', 'pickup'] as const)
    await createWorkers(db, systemClock).hello(name)
  await db.kysely
    .updateTable('workers')
    .set({ started_at: isoTime(minutesAgo(312).now()) })
    .execute()
}

const tickets: [TicketStatus, string, string[], ('critical' | 'low')?][] = [
  ['parked', 'Try incremental backups', ['backup']],
  ['parked', 'Sort the photo archive by year', ['home'], 'low'],
  ['todo', 'Renew the mail certificate', ['mail'], 'critical'],
  ['todo', 'Nightly export: disk is full', ['export']],
  ['doing', 'Move the wiki to the new host', ['wiki']],
  ['doing', 'Write the release notes for 2.4', ['docs']],
  ['blocked', 'Rotate the storage keys', ['backup']],
  ['review', 'Tidy up unused DNS records', ['dns']],
  ['review', 'Shorter retention for web logs', ['logs'], 'low'],
  ['done', 'Update the base image', ['build']],
  ['done', 'Alert when the queue is stuck', ['monitoring']],
  ['done', 'Order two spare disks', ['office']],
  ['cancelled', 'Self-host the calendar', ['home']],
]

const board = async (db: Database) => {
  for (const [index, [status, title, labels, priority]] of tickets.entries()) {
    const desk = createTickets(db, minutesAgo((tickets.length - index) * 190))
    await desk.file(
      { title, labels, status, ...(priority ? { priority } : {}) },
      { actor: 'person' },
    )
  }
}

const tasks: [id: string, title: string, cron: string, tag: string, about: string][] = [
  ['backup', 'Nightly backup', '0 30 2 * * *', 'backup', 'Snapshots the data folder to the store'],
  ['mail-sync', 'Mail sync', '0 */10 * * * *', 'mail', 'Fetches the shared mailbox'],
  [
    'disk-space',
    'Disk space',
    '0 */15 * * * *',
    'machine',
    'Tells when a disk is nine tenths full',
  ],
  ['site-check', 'Site check', '0 */5 * * * *', 'web', 'Opens the site as a visitor does'],
  ['export', 'Nightly export', '0 0 3 * * *', 'export', 'Writes the reports for the office'],
]

const schedule = async (db: Database) => {
  await createTasks(db, systemClock).sync(
    tasks.map(([id, title, cron, tag, description]) =>
      aTask({ id, title, cron, tags: [tag], description }),
    ),
  )
  await past(db)
  const ran: [task: string, ago: number, status: RunEnd, ms: number, cause?: string][] = [
    ['backup', 455, 'ok', 214_000],
    ['export', 425, 'failed', 8_400, 'Exit code 1: disk quota exceeded'],
    ['disk-space', 27, 'ok', 310],
    ['site-check', 14, 'ok', 640],
    ['mail-sync', 12, 'auth', 1_900, 'The mail server refused the credential'],
    ['disk-space', 11, 'ok', 290],
    ['site-check', 4, 'ok', 702],
  ]
  for (const [taskId, ago, status, durationMs, cause] of ran) {
    const runs = createRuns(db, minutesAgo(ago))
    const run = await runs.begin({ taskId, trigger: 'schedule', workerId: 'scheduler' })
    await runs.end(run?.id ?? '', { status, durationMs, cause: cause ?? null, attempts: 1 })
  }
  const failing = (id: string, count: number) =>
    db.kysely
      .updateTable('tasks')
      .set({ consecutive_failures: count })
      .where('id', '=', id)
      .execute()
  await failing('export', 3)
  await failing('mail-sync', 1)
}

/** What went before: each task as often and as long as it usually goes. */
const past = async (db: Database) => {
  const usual: [task: string, everyMinutes: number, ms: number, fails: number[]][] = [
    ['backup', 1_440, 205_000, []],
    ['export', 1_440, 61_000, [17, 18]],
    ['disk-space', 15, 300, []],
    ['site-check', 5, 680, [7]],
    ['mail-sync', 10, 2_100, [3, 4]],
  ]
  for (const [taskId, everyMinutes, ms, fails] of usual)
    for (let n = 0; n < 19; n++) {
      const runs = createRuns(db, minutesAgo(500 + (19 - n) * everyMinutes))
      const run = await runs.begin({ taskId, trigger: 'schedule', workerId: 'scheduler' })
      const durationMs = Math.round(ms * (0.75 + ((n * 7) % 11) / 20))
      const status = fails.includes(n) ? 'failed' : 'ok'
      await runs.end(run?.id ?? '', { status, durationMs, attempts: 1 })
    }
}

type Report = [
  source: string,
  ago: number,
  kind: ItemKind,
  message: string,
  verdict: VerdictAction | null,
  by: string,
  reason: string,
  priority?: Priority,
]

const reports = async (db: Database) => {
  const said: Report[] = [
    [
      'backup',
      455,
      'ok',
      'Nightly backup: 41 GB in 3 min 34 s',
      'silent',
      'rule:routine',
      'Routine success',
    ],
    [
      'export',
      425,
      'failed',
      'Nightly export: disk quota exceeded',
      'ticket',
      'rule:repeated_failure',
      'Third failure in a row with the same cause',
    ],
    [
      'intake.sh',
      210,
      'note',
      'A customer asks for the invoice of March',
      'ticket',
      'luci',
      'A person should answer; nothing to do for a program',
    ],
    [
      'self-heal',
      96,
      'self_heal',
      'Luci’s program ended and was started again',
      'silent',
      'rule:self_heal',
      'Mended by itself',
    ],
    [
      'site-check',
      61,
      'timeout',
      'Site check: no answer within 10 s',
      'alert',
      'luci',
      'First time, and visitors notice',
    ],
    [
      'site-check',
      56,
      'ok',
      'Site check: answers again after 5 min',
      'silent',
      'rule:recovered',
      'The alert is resolved',
    ],
    [
      'mail-sync',
      12,
      'auth',
      'Mail sync: the mail server refused the credential',
      'alert+ticket',
      'rule:auth',
      'A refused credential needs a person at once',
      'critical',
    ],
    [
      'disk-space',
      11,
      'ok',
      'Disk space: 61 % used',
      'silent',
      'rule:routine',
      'Routine success',
      'low',
    ],
    [
      'site-check',
      4,
      'ok',
      'Site check: 200 in 0.7 s',
      'silent',
      'rule:routine',
      'Routine success',
      'low',
    ],
    ['intake.sh', 1, 'note', 'Two new files in the shared folder', null, '', ''],
  ]
  for (const [sourceId, ago, kind, message, action, decidedBy, reason, priority] of said) {
    const clock = minutesAgo(ago)
    const inbox = createInbox(db, clock)
    const source = tasks.some(([id]) => id === sourceId) ? 'scheduler' : sourceId
    const { id } = await inbox.post({
      source,
      ...(source === 'scheduler' ? { sourceId } : {}),
      message,
      kind,
      ...(priority ? { priority } : {}),
    })
    if (!action) continue
    for (const item of await inbox.claim({ countMax: 1, by: 'pickup' }))
      await inbox.settle(item, { action, decidedBy, reason })
    if (action !== 'alert+ticket') continue
    const alerts = createAlerts(db, clock, { repeatIntervalMs: 1 })
    const { alert } = await alerts.raise({
      fingerprint: sourceId,
      severity: 'critical',
      kind: 'auth',
      title: message,
      text: 'Sign in again, or give the task a new credential.',
      itemId: id,
      ticketId: 3,
    })
    await db.kysely
      .updateTable('alerts')
      .set({ state: 'sent', sent_at: isoTime(clock.now()) })
      .where('id', '=', alert.id)
      .execute()
  }
}
