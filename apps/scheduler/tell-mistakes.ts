import { createAlerts } from '@mc/core/alerts/alerts.ts'
import { tellRecovered } from '@mc/core/alerts/recovery.ts'
import { spanOf } from '@mc/core/alerts/span.ts'
import { type Clock, isoTime } from '@mc/core/clock.ts'
import type { Config } from '@mc/core/config.ts'
import { createInbox } from '@mc/core/inbox/inbox.ts'
import { createSettings } from '@mc/core/settings/settings.ts'
import { readSwitch } from '@mc/core/settings/switches.ts'
import type { Database } from '@mc/db/database.ts'
import { tellingOf } from './outcome.ts'

type Settings = Pick<Config, 'switches' | 'triage'>

const FINGERPRINT = 'tasks-file'
const MESSAGE_CHARS_MAX = 8_000

/** A tasks file with mistakes, told like a failing task. */
export const tellMistakes = async (
  tx: Database,
  clock: Clock,
  { switches, triage }: Settings,
  name: string,
  problems: readonly string[],
): Promise<void> => {
  const mode = await readSwitch(createSettings(tx, clock), switches, 'scheduler')
  const counts = { consecutiveFailures: 1, recoveredFrom: null }
  const telling = tellingOf(mode, { kind: 'failed', ...counts })
  const message = `The tasks file ${name} has ${problems.length} mistake(s); the last good set keeps running`
  const text = [message, ...problems].join('\n').slice(0, MESSAGE_CHARS_MAX)
  const item = telling.post
    ? await createInbox(tx, clock).post({
        source: 'scheduler',
        sourceId: 'tasks-file',
        kind: 'failed',
        message: text,
        fingerprint: FINGERPRINT,
        detail: {
          task: 'tasks-file',
          status: 'failed',
          cause: problems[0]?.slice(0, 300) ?? '',
          excerpt: problems.join('\n').slice(0, 2_000),
          consecutiveFailures: 1,
          sameFingerprint: 1,
          ...(telling.alert ? { told: ['alert'] } : {}),
        },
      })
    : null
  if (!telling.alert) return
  const { alert } = await createAlerts(tx, clock, triage).raise({
    fingerprint: FINGERPRINT,
    severity: telling.alert,
    kind: 'failed',
    title: 'The tasks file has mistakes',
    text: text.slice(0, 2_000),
    ...(item ? { itemId: item.id } : {}),
  })
  if (item)
    await tx.kysely
      .insertInto('effects')
      .values({
        item_id: item.id,
        effect: 'alert',
        ref: String(alert.id),
        at: isoTime(clock.now()),
      })
      .execute()
}

/**
 * The file is good again, after mistakes since `since` (ISO time). Routine: only who had been told
 * of the mistakes hears of it, everybody else finds it in the inbox.
 */
export const tellMistakesGone = async (
  tx: Database,
  clock: Clock,
  { switches, triage }: Settings,
  name: string,
  since: string,
): Promise<void> => {
  const mode = await readSwitch(createSettings(tx, clock), switches, 'scheduler')
  const title = `The tasks file ${name} is good again after ${spanOf(since, clock.now())}`
  const text = 'The tasks run as they stand in it now.'
  if (mode !== 'direct')
    await createInbox(tx, clock).post({
      source: 'scheduler',
      sourceId: 'tasks-file',
      kind: 'ok',
      priority: 'low',
      message: `${title}\n${text}`,
      detail: {
        task: 'tasks-file',
        status: 'ok',
        consecutiveFailures: 0,
        // A mistake is no failed run: none are counted.
        recoveredFrom: { fingerprints: [FINGERPRINT], failures: 0, since },
      },
    })
  if (mode !== 'inbox')
    await tellRecovered(tx, clock, {
      fingerprints: [FINGERPRINT],
      title,
      text,
      repeatIntervalMs: triage.repeatIntervalMs,
    })
}
