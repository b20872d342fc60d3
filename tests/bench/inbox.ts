import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemClock } from '@mc/core/clock.ts'
import { createInbox } from '@mc/core/inbox/inbox.ts'
import { openDatabase } from '@mc/db/database.ts'
import { migrate } from '@mc/db/migrate.ts'
import BetterSqlite3 from 'better-sqlite3'
import { compare, printRatio } from './ratio.ts'

const message = 'x'.repeat(100)
const BATCH = 50

/** Posts and claims against hand-tuned better-sqlite3 on the same table, in the same run. */
export const benchInbox = async (): Promise<void> => {
  const folder = mkdtempSync(join(tmpdir(), 'mc-bench-'))
  try {
    await posts(folder)
    for (const backlog of [1_000, 1_000_000]) await claims(folder, backlog)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

const openBoth = async (folder: string, name: string, synchronous: 'FULL' | 'NORMAL') => {
  const db = openDatabase(join(folder, `${name}-ours.db`))
  await migrate(db)
  const rawPath = join(folder, `${name}-raw.db`)
  const twin = openDatabase(rawPath)
  await migrate(twin)
  await twin.close()
  const raw = new BetterSqlite3(rawPath)
  raw.pragma('journal_mode = WAL')
  raw.pragma(`synchronous = ${synchronous}`)
  const close = async () => {
    raw.close()
    await db.close()
  }
  return { db, inbox: createInbox(db, systemClock), raw, close }
}

const rawInsert = (raw: BetterSqlite3.Database) =>
  raw.prepare(
    `insert into orchestrator_inbox (source_type, source_id, message, priority, created_at)
     values (?, ?, ?, ?, ?) returning id`,
  )

const posts = async (folder: string) => {
  const alone = await openBoth(folder, 'alone', 'FULL')
  const insert = rawInsert(alone.raw)
  printRatio(
    await compare(
      'post one at a time, FULL / raw FULL',
      async () => {
        for (let n = 0; n < 500; n++) await alone.inbox.post({ source: 'bench', message })
        return 500
      },
      () => {
        for (let n = 0; n < 500; n++)
          insert.get('bench', null, message, 'normal', '2026-01-01 00:00:00.000')
        return 500
      },
    ),
  )
  await alone.close()

  const grouped = await openBoth(folder, 'grouped', 'NORMAL')
  const insertNormal = rawInsert(grouped.raw)
  printRatio(
    await compare(
      'post, 64 posters at once, FULL / raw NORMAL ungrouped',
      async () => {
        for (let n = 0; n < 40; n++)
          await Promise.all(
            Array.from({ length: 64 }, () => grouped.inbox.post({ source: 'bench', message })),
          )
        return 40 * 64
      },
      () => {
        for (let n = 0; n < 40 * 64; n++)
          insertNormal.get('bench', null, message, 'normal', '2026-01-01 00:00:00.000')
        return 40 * 64
      },
    ),
  )
  await grouped.close()
}

const claims = async (folder: string, backlog: number) => {
  const both = await openBoth(folder, `claim-${backlog}`, 'FULL')
  const fill = `
    with recursive n(i) as (select 1 union all select i + 1 from n where i < ${backlog + 20 * BATCH * 12})
    insert into orchestrator_inbox (source_type, message, priority)
    select 'bench', '${message}', case i % 10 when 0 then 'critical' when 9 then 'low' else 'normal' end from n`
  both.raw.exec(fill)
  await both.db.kysely.executeQuery({
    sql: fill,
    parameters: [],
    query: {} as never,
    queryId: {} as never,
  })
  const lease = '2999-01-01 00:00:00.000'
  const rawClaim = both.raw.prepare(`
    update orchestrator_inbox set status = 'claimed', claim_expires_at = ?, claimed_by = 'raw'
    where id in (select id from orchestrator_inbox indexed by orchestrator_inbox_pending
      where status = 'pending'
      order by (case priority when 'critical' then 0 when 'low' then 2 else 1 end), id limit ${BATCH})
    returning *`)
  const rawSettle = both.raw.prepare(`
    update orchestrator_inbox set status = 'ignored', processed_at = ?, claim_expires_at = null,
      verdict = 'silent', decided_by = 'rule:routine', reason = 'ok'
    where id = ? and status = 'claimed' and claim_expires_at = ?`)
  const settleAll = both.raw.transaction((rows: { id: number }[]) => {
    for (const row of rows) rawSettle.run('2026-01-01 00:00:00.000', row.id, lease)
  })
  const settlement = { action: 'silent', decidedBy: 'rule:routine', reason: 'ok' } as const
  printRatio(
    await compare(
      `claim ${BATCH} + settle ${BATCH}, ${backlog.toLocaleString('en')} pending / raw`,
      async () => {
        for (let n = 0; n < 20; n++) {
          const items = await both.inbox.claim({ countMax: BATCH, by: 'ours' })
          await Promise.all(items.map((item) => both.inbox.settle(item, settlement)))
        }
        return 20 * BATCH
      },
      () => {
        for (let n = 0; n < 20; n++) settleAll.immediate(rawClaim.all(lease) as { id: number }[])
        return 20 * BATCH
      },
    ),
  )
  await both.close()
}
