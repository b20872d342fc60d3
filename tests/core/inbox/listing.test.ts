import { createAlerts } from '@mc/core/alerts/alerts.ts'
import { createInbox } from '@mc/core/inbox/inbox.ts'
import type { VerdictAction } from '@mc/core/inbox/item.ts'
import { createItemListing } from '@mc/core/inbox/listing.ts'
import type { Database } from '@mc/db/database.ts'
import { createTestClock, type TestClock } from '../../support/clock.ts'
import { onEachDatabase } from '../../support/database.ts'

const post = async (db: Database, clock: TestClock, ...messages: string[]) => {
  for (const message of messages) await createInbox(db, clock).post({ source: 'test', message })
}

/** Settles the next item. */
const settle = async (db: Database, clock: TestClock, action: VerdictAction) => {
  const inbox = createInbox(db, clock)
  const [item] = await inbox.claim({ countMax: 1, by: 'test' })
  if (!item) throw new Error('There was nothing to settle')
  await inbox.settle(item, { action, decidedBy: 'person', reason: 'test' })
  return item
}

const messages = (items: readonly { message: string }[]) => items.map((item) => item.message)

onEachDatabase('items are listed newest first, filtered, page by page', async (t, db) => {
  const clock = createTestClock()
  await post(db, clock, 'a', 'b', 'c')
  await createInbox(db, clock).post({ source: 'other', message: 'd', kind: 'note' })
  const listing = createItemListing(db, clock)
  t.same(messages(await listing.list()), ['d', 'c', 'b', 'a'])
  t.same(messages(await listing.list({ source: 'test', limit: 2 })), ['c', 'b'])
  t.same(messages(await listing.list({ kind: 'note' })), ['d'])
  const [, , b] = await listing.list()
  t.same(messages(await listing.list({ before: b?.id ?? 0 })), ['a'])
})

onEachDatabase(
  'what waits is listed as it will be drained, what is in hand first',
  async (t, db) => {
    const clock = createTestClock()
    const inbox = createInbox(db, clock)
    await post(db, clock, 'in hand')
    await inbox.claim({ countMax: 1, by: 'test' })
    await inbox.post({ source: 'test', message: 'low', priority: 'low' })
    await inbox.post({ source: 'test', message: 'critical', priority: 'critical' })
    t.same(messages(await createItemListing(db, clock).waiting()), ['in hand', 'critical', 'low'])
  },
)

onEachDatabase('what was settled is listed latest first, page by page', async (t, db) => {
  const clock = createTestClock()
  await post(db, clock, 'a', 'b', 'c')
  for (const action of ['ticket', 'silent', 'alert'] as const) {
    await settle(db, clock, action)
    await clock.advance(1_000)
  }
  const listing = createItemListing(db, clock)
  t.same(messages(await listing.settled({ status: 'processed' })), ['c', 'a'])
  t.same(messages(await listing.settled({ status: 'ignored' })), ['b'])
  const [latest] = await listing.settled({ status: 'processed', limit: 1 })
  t.same(messages(await listing.settled({ status: 'processed', before: latest?.id ?? 0 })), ['a'])
})

onEachDatabase('an item needs a person until its alert is reacted to', async (t, db) => {
  const clock = createTestClock()
  await post(db, clock, 'a', 'b')
  const item = await settle(db, clock, 'alert')
  const alerts = createAlerts(db, clock, { repeatIntervalMs: 1 })
  const { alert } = await alerts.raise({
    fingerprint: 'f',
    kind: 'failed',
    title: 'a',
    text: '',
    itemId: item.id,
  })
  const listing = createItemListing(db, clock)
  t.same(messages(await listing.needingYou()), ['a'])
  await alerts.acknowledge(alert.id, 'person')
  t.same(messages(await listing.needingYou()), [])
})

onEachDatabase('the counts are of what waits, and of today', async (t, db) => {
  const clock = createTestClock()
  await post(db, clock, 'a', 'b', 'c', 'd', 'e')
  for (const action of ['silent', 'alert'] as const) await settle(db, clock, action)
  await clock.advance(48 * 3_600_000)
  await settle(db, clock, 'ticket')
  await createInbox(db, clock).claim({ countMax: 1, by: 'test' })
  t.same(await createItemListing(db, clock).counts(1_000), {
    pending: 1,
    claimed: 1,
    handledToday: 1,
    silencedToday: 0,
  })
})

onEachDatabase('nothing is counted further than asked', async (t, db) => {
  const clock = createTestClock()
  await post(db, clock, 'a', 'b', 'c')
  t.match(await createItemListing(db, clock).counts(2), { pending: 2, claimed: 0 })
})

onEachDatabase('items settled in the same moment are each on one page', async (t, db) => {
  const clock = createTestClock()
  await post(db, clock, 'a', 'b', 'c', 'd', 'e')
  await db.kysely
    .updateTable('orchestrator_inbox')
    // Another program's format, without milliseconds.
    .set({ status: 'processed', processed_at: '2026-03-02 10:00:00' })
    .execute()
  const listing = createItemListing(db, clock)
  const seen: string[] = []
  let before: number | undefined
  for (let page = 0; page < 3; page++) {
    const items = await listing.settled({
      status: 'processed',
      limit: 2,
      ...(before ? { before } : {}),
    })
    seen.push(...messages(items))
    before = items.at(-1)?.id
  }
  t.same(seen, ['e', 'd', 'c', 'b', 'a'])
})

onEachDatabase('what is settled is found by what it is like, page by page', async (t, db) => {
  const clock = createTestClock()
  const inbox = createInbox(db, clock)
  for (let n = 0; n < 9; n++) {
    await inbox.post({
      source: n % 2 ? 'scheduler' : 'house',
      sourceId: `unit-${n}`,
      message: `Unit ${n}: 100% of_all`,
      kind: n % 3 ? 'ok' : 'failed',
      priority: n === 4 ? 'critical' : 'normal',
      fingerprint: n < 4 ? 'same' : `f${n}`,
    })
    await settle(db, clock, 'silent')
    await clock.advance(60_000)
  }
  const listing = createItemListing(db, clock)
  const found = async (traits: object) => {
    const ids: number[] = []
    let cursor: string | null | undefined
    do {
      const page = await listing.settledPage('ignored', {
        ...traits,
        limit: 2,
        ...(cursor ? { cursor } : {}),
      })
      ids.push(...page.items.map(({ id }) => id))
      cursor = page.next
    } while (cursor)
    return ids
  }
  t.same(await found({}), [9, 8, 7, 6, 5, 4, 3, 2, 1])
  t.same(await found({ kind: 'failed' }), [7, 4, 1])
  t.same(await found({ trouble: true, source: 'house' }), [7, 1])
  t.same(await found({ fingerprint: 'same' }), [4, 3, 2, 1])
  t.same(await found({ fingerprint: 'same', kind: 'ok' }), [3, 2])
  t.same(await found({ priority: 'critical' }), [5])
  t.same(await found({ text: 'UNIT 3: 100% OF_' }), [4])
  t.same(await found({ text: 'of%all' }), [], 'what means something to the database is a letter')
  t.same(await found({ sourceId: 'unit-8', decidedBy: 'person', verdict: 'silent' }), [9])
  t.same(await found({ from: clock.now() }), [])
  const inAn = new Date(clock.now().getTime() - 4 * 60_000)
  t.same(await found({ from: inAn }), [9, 8, 7, 6])
  t.same(await found({ to: inAn, kind: 'ok' }), [5, 3, 2])
})

/** All pages one after the other. */
const pageThrough = async (listing: ReturnType<typeof createItemListing>, limit: number) => {
  const ids: number[] = []
  let cursor: string | null | undefined
  do {
    const page = await listing.waitingPage({ limit, ...(cursor ? { cursor } : {}) })
    ids.push(...page.items.map(({ id }) => id))
    cursor = page.next
  } while (cursor)
  return ids
}

onEachDatabase('what waits is paged through in the order of draining', async (t, db) => {
  const clock = createTestClock()
  const inbox = createInbox(db, clock)
  for (const priority of ['low', 'normal', 'critical', 'normal', 'low', 'critical'] as const)
    await inbox.post({ source: 'x', message: priority, priority })
  const listing = createItemListing(db, clock)
  t.same(await pageThrough(listing, 2), [3, 6, 2, 4, 1, 5])
})

onEachDatabase('however many are being looked at, each item is on one page once', async (t, db) => {
  const inbox = createInbox(db, createTestClock())
  const listing = createItemListing(db, createTestClock())
  for (let n = 0; n < 7; n++) await inbox.post({ source: 'x', message: `${n}` })
  await db.kysely
    .updateTable('orchestrator_inbox')
    .set({ status: 'claimed' })
    .where('id', '<=', 4)
    .execute()
  for (const limit of [1, 2, 3, 4, 5, 7])
    t.same(await pageThrough(listing, limit), [1, 2, 3, 4, 5, 6, 7], `${limit} a page`)
})
