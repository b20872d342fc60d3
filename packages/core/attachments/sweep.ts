import type { Database } from '@mc/db/database.ts'
import { sql } from 'kysely'
import { type Clock, isoTime } from '../clock.ts'
import type { Log } from '../log.ts'
import { type Attachment, toAttachment } from './attachment.ts'
import type { AttachmentSettings } from './settings.ts'
import type { AttachmentStore } from './store.ts'

/** A draft may wait so long to be sent. */
const UNSENT_KEPT_MS = 24 * 3_600_000
/** A file without a row is one that is being taken, or whose taker died. */
const STRAY_AFTER_MS = 3_600_000
const BATCH = 200
const FIRST_MS = 2 * 60_000
const EVERY_MS = 3_600_000

/**
 * Removes files that nobody sent within a day, that are too old, whose turn is gone, the oldest
 * beyond the cap of all together, and files that no row names. Returns how many.
 */
export const sweepAttachments = async (
  deps: { db: Database; clock: Clock; store: AttachmentStore; settings: AttachmentSettings },
  signal: AbortSignal = new AbortController().signal,
): Promise<number> => {
  const { db, clock, store, settings } = deps
  const ago = (ms: number) => isoTime(new Date(clock.now().getTime() - ms))
  let count = 0
  const remove = async (files: readonly Attachment[]) => {
    for (const { id, file } of files) {
      // The file first: a row without a file is told as gone, a file without a row by nobody.
      await store.remove(file)
      await db.kysely.deleteFrom('attachments').where('id', '=', id).execute()
      count++
    }
  }
  const unsent = sql<boolean>`turn_id is null and ticket_id is null and created_at < ${ago(UNSENT_KEPT_MS)}`
  const orphaned = sql<boolean>`turn_id is not null and not exists (select 1 from turns where turns.id = turn_id)`
  const old = sql<boolean>`created_at < ${ago(settings.keptMs)}`
  for (const why of [unsent, orphaned, old])
    while (!signal.aborted) {
      const rows = await db.kysely
        .selectFrom('attachments')
        .selectAll()
        .where(why)
        .limit(BATCH)
        .execute()
      await remove(rows.map(toAttachment))
      if (rows.length < BATCH) break
    }
  const all = await db.kysely
    .selectFrom('attachments')
    .select((eb) => eb.fn.sum<number | string | null>('bytes').as('bytes'))
    .executeTakeFirst()
  let surplus = Number(all?.bytes ?? 0) - settings.keptBytesMax
  while (surplus > 0 && !signal.aborted) {
    const rows = await db.kysely
      .selectFrom('attachments')
      .selectAll()
      .orderBy('created_at')
      .orderBy('id')
      .limit(1)
      .execute()
    if (rows.length === 0) break
    surplus -= Number(rows[0]?.bytes ?? 0)
    await remove(rows.map(toAttachment))
  }
  const stray = clock.now().getTime() - STRAY_AFTER_MS
  for await (const { file, modifiedAt } of store.list()) {
    if (signal.aborted || modifiedAt.getTime() > stray) continue
    const row = await db.kysely
      .selectFrom('attachments')
      .select('id')
      .where('id', '=', /\/([0-9a-f]{16})-/.exec(file)?.[1] ?? '')
      .executeTakeFirst()
    if (row) continue
    await store.remove(file)
    count++
  }
  await store.removeEmptyMonths()
  return count
}

/** Sweeps every hour until the signal aborts. */
export const runAttachmentSweep = async (
  deps: Parameters<typeof sweepAttachments>[0] & { log: Log },
  signal: AbortSignal,
): Promise<void> => {
  await deps.clock.sleep(FIRST_MS, signal)
  while (!signal.aborted) {
    try {
      const files = await sweepAttachments(deps, signal)
      if (files > 0) deps.log.info({ files }, 'attached files that nobody needs are gone')
    } catch (err) {
      // A database or disk that is away for a moment: the next sweep does it.
      deps.log.error({ err }, 'attached files could not be swept; it is tried again')
    }
    await deps.clock.sleep(EVERY_MS, signal)
  }
}
