import { createAlerts } from '@mc/core/alerts/alerts.ts'
import { createInbox } from '@mc/core/inbox/inbox.ts'
import { createTickets } from '@mc/core/tickets/tickets.ts'
import type { Database } from '@mc/db/database.ts'
import { sql } from 'kysely'
import { onEachDatabase } from '../support/database.ts'
import { createTestDesk } from '../support/desk.ts'

/** Makes the next such write fail, as if the process had died there: its transaction is undone. */
const breakAt = async (db: Database, when: string, table: string): Promise<() => Promise<void>> => {
  const on = `create trigger boom before ${when} on ${table} for each row`
  if (db.dialect === 'sqlite')
    await sql.raw(`${on} begin select raise(abort, 'crash'); end`).execute(db.kysely)
  else {
    await sql`create or replace function boom() returns trigger language plpgsql as $$
      begin raise exception 'crash'; end $$`.execute(db.kysely)
    await sql.raw(`${on} execute function boom()`).execute(db.kysely)
  }
  return async () => {
    const of = db.dialect === 'postgres' ? ` on ${table}` : ''
    await sql.raw(`drop trigger boom${of}`).execute(db.kysely)
  }
}

for (const [when, table] of [
  ['insert', 'tickets'],
  ['insert', 'ticket_events'],
  ['insert', 'alerts'],
  ['insert', 'effects'],
  ['update', 'tickets'],
] as const)
  onEachDatabase(`a crash at the ${when} of ${table} loses and doubles nothing`, async (t, db) => {
    const desk = createTestDesk(db)
    const inbox = createInbox(db, desk.clock)
    const tickets = createTickets(db, desk.clock)
    const alerts = createAlerts(db, desk.clock, desk.triage)
    const repeated = {
      source: 'scheduler',
      sourceId: 'backup',
      message: 'backup failed',
      kind: 'failed',
      fingerprint: 'v1:b',
      detail: { task: 'backup', consecutiveFailures: 3 },
    } as const
    const ids: number[] = []
    for (let n = 0; n < 2; n++) ids.push((await inbox.post(repeated)).id)
    ids.push((await inbox.post({ source: 'x', message: 'token', kind: 'auth' })).id)
    const repair = await breakAt(db, when, table)
    await desk.drain()
    t.notOk(
      (await Promise.all(ids.map((id) => inbox.find(id)))).every((item) => item?.verdict),
      'the crash was one',
    )
    await repair()
    await desk.clock.advance(121_000)
    await desk.drain()
    for (const id of ids) t.match(await inbox.find(id), { status: 'processed' })
    t.match(await tickets.list(), [{ occurrences: 2 }])
    t.equal((await tickets.list()).length, 1)
    t.match(await alerts.list(), [{ occurrences: 1 }])
    t.equal((await alerts.list()).length, 1)
    const effects = await db.kysely.selectFrom('effects').selectAll().execute()
    t.equal(effects.length, 3)
  })

onEachDatabase('a pickup whose lease was lost undoes what it began', async (t, db) => {
  const desk = createTestDesk(db)
  const inbox = createInbox(db, desk.clock)
  const { settleItem } = await import('@mc/pickup/settle.ts')
  await inbox.post({ source: 'x', message: 'token', kind: 'auth' })
  const [mine] = await inbox.claim({ countMax: 1, by: 'slow' })
  await desk.clock.advance(121_000)
  const [theirs] = await inbox.claim({ countMax: 1, by: 'heir' })
  const decision = { action: 'alert', decidedBy: 'rule:auth', reason: 'r' } as const
  t.equal(mine && (await settleItem(desk, mine, decision)), false)
  const alerts = createAlerts(db, desk.clock, desk.triage)
  t.same(await alerts.list(), [])
  t.equal(theirs && (await settleItem(desk, theirs, decision)), true)
  t.equal((await alerts.list()).length, 1)
})

onEachDatabase(
  'a crash in the middle of sealing sends nothing, and later one turn',
  async (t, db) => {
    const desk = createTestDesk(db)
    const inbox = createInbox(db, desk.clock)
    await desk.luciIsUp()
    const { id } = await inbox.post({ source: 'x', message: 'what is this?' })
    await desk.drain()
    await desk.clock.advance(30_000)
    await desk.luciIsUp()
    const repair = await breakAt(db, 'update', 'digests')
    await t.rejects(desk.drain(), /crash/)
    t.same(await db.kysely.selectFrom('turns').selectAll().execute(), [])
    await repair()
    await desk.drain()
    t.match(await db.kysely.selectFrom('turns').selectAll().execute(), [{ origin: 'digest' }])
    t.match(await inbox.find(id), { status: 'claimed' })
  },
)
