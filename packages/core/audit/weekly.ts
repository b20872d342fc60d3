import type { Database } from '@mc/db/database.ts'
import { lockName } from '@mc/db/lock.ts'
import { createAlerts } from '../alerts/alerts.ts'
import type { Clock } from '../clock.ts'
import { createSettings } from '../settings/settings.ts'
import { createReport } from './report.ts'
import { reportText } from './report-text.ts'
import type { WeeklyReport } from './settings.ts'
import { weekBefore, weekOf } from './week.ts'

/** The setting that says which week was told last. */
const TOLD = 'report.told'

/**
 * Tells the week before, once it is due: by a message like any other, in the transaction that notes
 * it, so that a crash tells it neither twice nor never. A desk that was down at the hour tells it
 * when it is up again. Where nothing was told before, the first one comes at the next hour.
 * Returns the week that was told; null when none was.
 */
export const tellWeekly = async (
  db: Database,
  clock: Clock,
  weekly: WeeklyReport,
  { repeatIntervalMs }: { repeatIntervalMs: number },
): Promise<string | null> => {
  const due = weekBefore(weekOf(lastDue(weekly, clock.now())))
  const settings = createSettings(db, clock)
  const told = (await settings.get<string>(TOLD))?.value ?? null
  if (told !== null && told >= due.name) return null
  const report = told === null ? null : await createReport(db, clock).of(due)
  return db.transaction(async (tx) => {
    await lockName(tx, TOLD)
    const mine = createSettings(tx, clock)
    const now = (await mine.get<string>(TOLD))?.value ?? null
    if (now !== told) return null
    await mine.set(TOLD, due.name, 'pickup')
    if (!report) return null
    await createAlerts(tx, clock, { repeatIntervalMs }).raise({
      fingerprint: `weekly_report:${due.name}`,
      kind: 'report',
      title: `What I kept from you: week ${due.name}`,
      text: reportText(report),
    })
    return due.name
  })
}

/** The last moment, up to now, at which a week was to be told. */
export const lastDue = ({ day, hour, minute }: WeeklyReport, now: Date): Date => {
  const daysAgo = (now.getDay() - day + 7) % 7
  const at = (ago: number) =>
    new Date(now.getFullYear(), now.getMonth(), now.getDate() - ago, hour, minute)
  return at(daysAgo) <= now ? at(daysAgo) : at(daysAgo + 7)
}
