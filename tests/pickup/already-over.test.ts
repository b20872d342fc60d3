import { createAlerts } from '@mc/core/alerts/alerts.ts'
import { createInbox } from '@mc/core/inbox/inbox.ts'
import type { ItemKind, NewItem } from '@mc/core/inbox/item.ts'
import { createTickets } from '@mc/core/tickets/tickets.ts'
import { onEachDatabase } from '../support/database.ts'
import { createTestDesk, type TestDesk } from '../support/desk.ts'

const nouns = (desk: TestDesk) => ({
  inbox: createInbox(desk.db, desk.clock),
  tickets: createTickets(desk.db, desk.clock),
  alerts: createAlerts(desk.db, desk.clock, desk.triage),
})

/** One run of `nas`, as the scheduler tells it. */
const ran = async (desk: TestDesk, kind: ItemKind, over: Partial<NewItem> = {}) => {
  const at = desk.clock.now().toISOString()
  const failed = kind !== 'ok'
  const fingerprint = failed ? (over.fingerprint ?? 'v1:nas') : null
  const { id: runId } = await desk.db.kysely
    .insertInto('runs')
    .values({
      id: `nas-${kind}-${at}`,
      task_id: 'nas',
      trigger: 'schedule',
      status: kind,
      fingerprint,
      queued_at: at,
      ended_at: at,
    })
    .returning('id')
    .executeTakeFirstOrThrow()
  const recoveredFrom = { fingerprints: ['v1:nas', 'auth:nas'], failures: 1, since: at }
  const { id } = await nouns(desk).inbox.post({
    source: 'scheduler',
    sourceId: 'nas',
    message: `nas: ${kind}`,
    kind,
    runId,
    ...(fingerprint ? { fingerprint } : {}),
    ...over,
    detail: {
      task: 'nas',
      ...(failed ? { consecutiveFailures: 1, sameFingerprint: 1 } : { recoveredFrom }),
    },
  })
  await desk.clock.advance(1_000)
  return id
}

onEachDatabase('a failure that was claimed with its end calls nobody', async (t, db) => {
  const desk = createTestDesk(db)
  const { inbox, alerts } = nouns(desk)
  const id = await ran(desk, 'failed')
  await ran(desk, 'ok', { priority: 'low' })
  await desk.drain()
  t.match(await inbox.find(id), { decidedBy: 'fallback', verdict: 'alert' })
  t.match(await alerts.list(), [{ fingerprint: 'v1:nas', state: 'resolved', sentAt: null }])
  t.equal((await alerts.list()).length, 1)
})

onEachDatabase(
  'of a critical one and of a refused credential one message tells, and it says that it is over',
  async (t, db) => {
    const desk = createTestDesk(db)
    const { alerts } = nouns(desk)
    await ran(desk, 'failed', { priority: 'critical' })
    await ran(desk, 'ok')
    await desk.drain()
    const told = await alerts.list()
    t.match(told, [
      { kind: 'recovered', state: 'queued', title: /^nas recovered/, text: /before you were told/ },
      { severity: 'critical', state: 'resolved' },
    ])
    t.equal(told.length, 2)
  },
)

onEachDatabase('what Luci or the fallback says of it later opens nothing', async (t, db) => {
  const desk = createTestDesk(db)
  const { alerts, tickets, inbox } = nouns(desk)
  await desk.luciIsUp()
  const id = await ran(desk, 'failed')
  await desk.drain()
  t.ok(await desk.digests.open(), 'it waits for Luci')
  await ran(desk, 'ok')
  await desk.drain()
  t.same(await alerts.list(), [])
  // As a person does: both, and an alert of what works again is of no use.
  const at = desk.clock.now().toISOString()
  const verdict = { action: 'alert+ticket', reason: 'look', decided_by: 'person', at }
  await db.kysely
    .insertInto('verdicts')
    .values({ item_id: id, digest_id: '', ...verdict })
    .execute()
  await desk.drain()
  t.match(await inbox.find(id), { status: 'processed', verdict: 'alert+ticket' })
  t.match(await alerts.list(), [{ fingerprint: 'v1:nas', state: 'resolved' }])
  const [ticket] = await tickets.list()
  t.match((await tickets.events(ticket?.id ?? 0)).at(-1), { body: /nas works again/ })
})

onEachDatabase('what has failed again since is not over', async (t, db) => {
  const desk = createTestDesk(db)
  const { alerts } = nouns(desk)
  await desk.luciIsUp()
  await ran(desk, 'failed')
  await desk.drain()
  await ran(desk, 'ok')
  await desk.drain()
  await alerts.raise({ fingerprint: 'v1:nas', kind: 'failed', title: 'again', text: '' })
  await desk.clock.advance(600_000)
  await desk.drain()
  t.match(await alerts.list(), [{ title: 'again', state: 'queued', occurrences: 2 }])
})

onEachDatabase('so it goes with what other programs post under a name', async (t, db) => {
  const desk = createTestDesk(db)
  const { inbox, alerts } = nouns(desk)
  const item = { source: 'nagios', sourceId: 'disk', fingerprint: 'disk:/', message: 'disk' }
  await inbox.post({ ...item, kind: 'failed' })
  const recoveredFrom = { fingerprint: 'disk:/', failures: 2 }
  await inbox.post({ ...item, kind: 'ok', priority: 'critical', detail: { recoveredFrom } })
  await desk.drain()
  t.match(await alerts.list(), [{ fingerprint: 'disk:/', state: 'resolved' }])
  t.equal((await alerts.list()).length, 1)
})
