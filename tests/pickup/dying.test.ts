import { createAlerts } from '@mc/core/alerts/alerts.ts'
import { createInbox } from '@mc/core/inbox/inbox.ts'
import type { NewItem } from '@mc/core/inbox/item.ts'
import { createTickets } from '@mc/core/tickets/tickets.ts'
import { type Database, openDatabase } from '@mc/db/database.ts'
import { migrate } from '@mc/db/migrate.ts'
import t from 'tap'
import { createTestDesk, type TestDesk } from '../support/desk.ts'
import { type Death, dyingDatabase } from '../support/dying-database.ts'

const DAY = 86_400_000

const failure = (name: string, n: number, over: Partial<NewItem> = {}): NewItem => ({
  source: 'scheduler',
  sourceId: name,
  message: `${name} failed`,
  kind: 'failed',
  fingerprint: `v1:${name}`,
  detail: { task: name, consecutiveFailures: n, sameFingerprint: n },
  ...over,
})

/** One item for each way in which a trouble goes on, after what came before. `x` sets them apart. */
const prepare = async (desk: TestDesk, x: string): Promise<NewItem[]> => {
  const { db, clock } = desk
  const tickets = createTickets(db, clock)
  const alerts = createAlerts(db, clock, desk.triage)
  const by = { actor: 'person' }
  const file = async (name: string) =>
    (await tickets.fileOnce({ title: name, fingerprint: `v1:${name}` }, by)).ticket
  const told = async (name: string) => {
    const { alert } = await alerts.raise({
      fingerprint: `v1:${name}`,
      kind: 'failed',
      title: name,
      text: '',
    })
    await db.kysely
      .updateTable('alerts')
      .set({ state: 'sent', sent_at: clock.now().toISOString() })
      .where('id', '=', alert.id)
      .execute()
    return alert.id
  }
  // Open, and about to happen for the third time.
  await file(`open${x}`)
  await file(`open${x}`)
  await tickets.move((await file(`done${x}`)).id, 'done', by)
  await tickets.change((await file(`mute${x}`)).id, { status: 'done', resolution: 'wont_fix' }, by)
  await told(`over${x}`)
  await alerts.acknowledge(await told(`seen${x}`), 'person')
  await clock.advance(DAY + 1)
  for (let n = 0; n < 12; n++)
    await db.kysely
      .insertInto('runs')
      .values({
        id: `${x}-${n}`,
        task_id: `flap${x}`,
        trigger: 'schedule',
        status: n % 2 === 0 ? 'ok' : 'failed',
        queued_at: clock.now().toISOString(),
        ended_at: clock.now().toISOString(),
      })
      .execute()
  return [
    failure(`open${x}`, 3),
    failure(`done${x}`, 3),
    failure(`mute${x}`, 3),
    failure(`seen${x}`, 3),
    failure(`flap${x}`, 1),
    failure(`over${x}`, 0, {
      kind: 'ok',
      detail: { task: `over${x}`, recoveredFrom: { fingerprint: `v1:over${x}`, failures: 2 } },
    }),
    { source: 'ci', message: 'refused', kind: 'auth', detail: { credential: `key${x}` } },
  ]
}

/** All that a person can see of it, without ids and times. */
const visible = async (desk: TestDesk, x: string) => {
  const tickets = createTickets(desk.db, desk.clock)
  const own = (text: string | null) => text?.includes(x) === true
  const plain = (text: string | null) => (text ?? '').replaceAll(x, '')
  const filed = (await tickets.list({ limit: 500 })).filter(({ fingerprint }) => own(fingerprint))
  const alerts = await desk.db.kysely.selectFrom('alerts').selectAll().orderBy('id').execute()
  return {
    tickets: await Promise.all(
      filed.map(async ({ id, title, status, occurrences }) => ({
        title: plain(title),
        status,
        occurrences,
        events: (await tickets.events(id)).map(({ kind, body }) => `${kind} ${plain(body)}`),
      })),
    ),
    alerts: alerts
      .filter(({ title, fingerprint }) => own(title) || own(fingerprint))
      .map(({ title, state, occurrences, repeats }) => [plain(title), state, occurrences, repeats]),
  }
}

const ends = async (db: Database, ids: readonly number[]) =>
  (
    await db.kysely
      .selectFrom('orchestrator_inbox')
      .select(['status', 'verdict', 'decided_by'])
      .where('id', 'in', [...ids])
      .orderBy('id')
      .execute()
  ).map((row) => `${row.status} ${row.verdict} ${row.decided_by}`)

t.test(
  'a pickup that dies at any statement doubles and loses nothing that can be seen',
  async (t) => {
    const db = openDatabase(':memory:')
    t.teardown(() => db.close())
    await migrate(db)
    const desk = createTestDesk(db)
    const inbox = createInbox(db, desk.clock)
    let whole: unknown
    let died = true
    let statements = 0
    for (let left = 10_000; died; left = statements++) {
      const x = `-${statements}-`
      const ids: number[] = []
      for (const item of await prepare(desk, x)) ids.push((await inbox.post(item)).id)
      const death: Death = { left, dead: false }
      const dying = createTestDesk(dyingDatabase(db, death))
      dying.clock.set(desk.clock.now())
      await dying.drain().catch(() => 'it died, or its transaction did')
      died = death.dead || whole === undefined
      if (death.dead) {
        await desk.clock.advance(121_000)
        await desk.drain()
      }
      const seen = { ...(await visible(desk, x)), ends: await ends(db, ids) }
      whole ??= seen
      if (!t.same(seen, whole, `dead at statement ${left}`)) break
    }
    t.ok(statements > 50, 'it died often')
    t.match(whole, {
      tickets: [
        { title: 'flap keeps failing and recovering', occurrences: 1, events: ['created '] },
        { title: 'seen failed', occurrences: 1, events: ['created '] },
        { title: 'mute', status: 'done', occurrences: 1 },
        { title: 'done', status: 'todo', occurrences: 2, events: [/created/, /moved/, /reopened/] },
        { title: 'open', occurrences: 3, events: [/created/, /open failed/, /Happened 3 times/] },
      ],
      alerts: [
        ['over', 'resolved', 1],
        ['seen failed', 'queued', 2, 1],
        ['flap keeps failing and recovering', 'queued', 1],
        ['over recovered, failed 2 times', 'queued', 1],
        ['refused', 'queued', 1],
      ],
    })
  },
)
