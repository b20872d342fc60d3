import { createAlerts } from '@mc/core/alerts/alerts.ts'
import { tellRecovered } from '@mc/core/alerts/recovery.ts'
import { type Clock, isoTime } from '@mc/core/clock.ts'
import type { Config } from '@mc/core/config.ts'
import { mistakesGoneItem, mistakesItem } from '@mc/core/edited-file/notice.ts'
import { createInbox } from '@mc/core/inbox/inbox.ts'
import { createSettings } from '@mc/core/settings/settings.ts'
import { readSwitch } from '@mc/core/settings/switches.ts'
import type { Database } from '@mc/db/database.ts'
import { tellingOf } from './outcome.ts'

type Settings = Pick<Config, 'switches' | 'triage'>

const FINGERPRINT = 'tasks-file'
const NOW = 'The tasks run as they stand in it now.'

const fileNamed = (name: string) => ({
  id: FINGERPRINT,
  name,
  what: 'The tasks file',
  now: NOW,
})

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
  const item = mistakesItem('scheduler', fileNamed(name), problems)
  const told = telling.alert ? { told: ['alert'] } : {}
  const posted = telling.post
    ? await createInbox(tx, clock).post({ ...item, detail: { ...item.detail, ...told } })
    : null
  if (!telling.alert) return
  const { alert } = await createAlerts(tx, clock, triage).raise({
    fingerprint: FINGERPRINT,
    severity: telling.alert,
    kind: 'failed',
    title: 'The tasks file has mistakes',
    text: item.message.slice(0, 2_000),
    ...(posted ? { itemId: posted.id } : {}),
  })
  if (posted)
    await tx.kysely
      .insertInto('effects')
      .values({
        item_id: posted.id,
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
  const item = mistakesGoneItem('scheduler', fileNamed(name), since, clock.now())
  if (mode !== 'direct') await createInbox(tx, clock).post(item)
  if (mode !== 'inbox')
    await tellRecovered(tx, clock, {
      fingerprints: [FINGERPRINT],
      title: item.message.split('\n')[0] ?? '',
      text: NOW,
      repeatIntervalMs: triage.repeatIntervalMs,
    })
}
