import { createAlerts } from '@mc/core/alerts/alerts.ts'
import { tellRecovered } from '@mc/core/alerts/recovery.ts'
import { type Clock, isoTime } from '@mc/core/clock.ts'
import type { Config } from '@mc/core/config.ts'
import { createInbox } from '@mc/core/inbox/inbox.ts'
import { createSettings } from '@mc/core/settings/settings.ts'
import type { Task } from '@mc/core/tasks/task.ts'
import { createTickets } from '@mc/core/tickets/tickets.ts'
import { refusedTasks, refusedWords, troublesOver } from '@mc/core/triage/refused.ts'
import { silencesAuth } from '@mc/core/triage/silences-auth.ts'
import { standingAlert, standingTicket } from '@mc/core/triage/standing.ts'
import { streakOf } from '@mc/core/triage/streak.ts'
import { FLAPPING } from '@mc/core/triage/trouble.ts'
import type { Database } from '@mc/db/database.ts'
import { itemOf, messageOf, type Outcome, type Telling } from './outcome.ts'

type Told = { task: Task; outcome: Outcome; telling: Telling; triage: Config['triage'] }

/** Output quoted in an alert or a ticket; the run has more. */
const QUOTE_CHARS_MAX = 1_000
const IN_A_ROW = 3

/**
 * Tells an outcome: the inbox row, and what the scheduler does by itself. What it did is noted on
 * the row and as its effects, so that pickup does not repeat it.
 */
export const tellOutcome = async (
  tx: Database,
  clock: Clock,
  { task, outcome, telling: asked, triage }: Told,
): Promise<void> => {
  // Pickup will read it and do as the person wrote; without pickup nobody would.
  const isLeft =
    outcome.kind === 'auth' &&
    asked.post &&
    (await silencesAuth(createSettings(tx, clock), clock, itemOf(task, outcome, [], clock.now())))
  const telling = isLeft ? { ...asked, alert: null } : asked
  const told = [
    ...(telling.alert ? ['alert' as const] : []),
    ...(telling.ticket ? ['ticket' as const] : []),
  ]
  const posts = telling.post || (await waitsInInbox(tx, outcome.recoveredFrom))
  const item = posts
    ? await createInbox(tx, clock).post(itemOf(task, outcome, told, clock.now()))
    : null
  const itemId = item ? { itemId: item.id } : {}
  const effect = async (effect: 'alert' | 'ticket', id: number) => {
    if (!item) return
    await tx.kysely
      .insertInto('effects')
      .values({ item_id: item.id, effect, ref: String(id), at: isoTime(clock.now()) })
      .execute()
  }
  const message = messageOf(task, outcome, clock.now())
  const quote = outcome.output.trim().slice(-QUOTE_CHARS_MAX)
  const fingerprint = outcome.fingerprint ?? `task:${task.id}`
  // Pickup may have told of these failures under another of their names: one trouble, told once.
  const names =
    outcome.kind === 'auth' ? [] : await streakOf(tx, asItem(task, outcome), fingerprint)

  if (telling.ticket) {
    const tickets = createTickets(tx, clock)
    // Failures that differ each time are one trouble: this task.
    const own = outcome.sameFingerprint >= IN_A_ROW ? fingerprint : `task:${task.id}`
    const { ticket } = await tickets.fileOnce(
      {
        title: `${task.title} keeps failing`.slice(0, 200),
        // A fence of its own, so that output cannot end it.
        body: `${message}\n\n~~~~\n${quote.replaceAll('~~~~', '~ ~ ~ ~')}\n~~~~`,
        priority: task.priority,
        labels: ['scheduler'],
        fingerprint: await standingTicket(tx, tickets, own, [
          ...names,
          `${FLAPPING}task:${task.id}`,
        ]),
      },
      { actor: 'scheduler' },
    )
    await effect('ticket', ticket.id)
  }
  if (telling.alert) {
    const alerts = createAlerts(tx, clock, triage)
    const text = `${message}\n\n${quote}`.trim()
    const { alert } = await alerts.raise({
      fingerprint: await standingAlert(tx, fingerprint, names),
      severity: telling.alert,
      kind: outcome.kind,
      title: outcome.kind === 'auth' ? `${task.title}: not authorised` : `${task.title} failed`,
      text,
      ...itemId,
    })
    if (outcome.kind === 'auth' && task.credential !== null) {
      // Raising holds the lock on this alert: what others told of it before is there to be read.
      const words = refusedWords(task.credential, await refusedTasks(tx, fingerprint), text)
      if (words) await alerts.revise(alert.id, words)
    }
    await effect('alert', alert.id)
  }
  if (telling.recover && outcome.recoveredFrom)
    await tellRecovered(tx, clock, {
      fingerprints: await troublesOver(tx, outcome.recoveredFrom.fingerprints, task.title),
      title: `${task.title} works again`,
      text: message,
      repeatIntervalMs: triage.repeatIntervalMs,
      ...itemId,
    })
}

/** As much of the row as its streak is read from; it may not have been posted. */
const asItem = (task: Task, { runId, consecutiveFailures }: Outcome) => ({
  runId,
  detail: { task: task.id, consecutiveFailures },
})

/**
 * Failures that were posted before the switch went to `direct` and that nobody has judged yet:
 * their recovery must follow them, or what pickup makes of them would never end.
 */
const waitsInInbox = async (
  tx: Database,
  recovered: Outcome['recoveredFrom'],
): Promise<boolean> => {
  if (!recovered || recovered.fingerprints.length === 0) return false
  const row = await tx.kysely
    .selectFrom('orchestrator_inbox')
    .select('id')
    .where('fingerprint', 'in', recovered.fingerprints)
    .where((eb) =>
      eb.or([eb('status', 'is', null), eb('status', 'not in', ['processed', 'ignored'])]),
    )
    .limit(1)
    .executeTakeFirst()
  return row !== undefined
}
