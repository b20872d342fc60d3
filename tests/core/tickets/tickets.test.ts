import { createTickets, type Tickets } from '@mc/core/tickets/tickets.ts'
import t from 'tap'
import { createTestClock } from '../../support/clock.ts'
import { onEachDatabase, sqliteDatabase } from '../../support/database.ts'

const person = { actor: 'person', source: 'composer' }
const pickup = { actor: 'pickup' }
const trouble = { title: 'Backup failed', fingerprint: 'v1:backup' }
const disks = { fingerprint: 'backup disks' }
const DAY_MS = 86_400_000

onEachDatabase('the first ticket is MC-1', async (t, db) => {
  const tickets = createTickets(db, createTestClock())
  t.match(await tickets.file({ title: 'Water the plants', labels: ['home'] }, person), {
    key: 'MC-1',
    status: 'todo',
    labels: ['home'],
    source: 'composer',
    version: 1,
  })
})

onEachDatabase('the same trouble is counted on its open ticket', async (t, db) => {
  const tickets = createTickets(db, createTestClock())
  const filed = await tickets.fileOnce(trouble, pickup)
  const counted = await tickets.fileOnce(trouble, pickup)
  t.equal(filed.status, 'filed')
  t.match(counted, { status: 'counted', ticket: { id: filed.ticket.id, occurrences: 2 } })
})

onEachDatabase('whoever files the same trouble at once, there is one ticket', async (t, db) => {
  const tickets = createTickets(db, createTestClock())
  const filed = await Promise.all(
    Array.from({ length: 5 }, () => tickets.fileOnce(trouble, pickup)),
  )
  t.equal(filed.filter(({ status }) => status === 'filed').length, 1)
  t.match(await tickets.openFor(trouble.fingerprint), { occurrences: 5 })
  t.equal((await tickets.list()).length, 1)
})

onEachDatabase('trouble that returns within a week opens its ticket again', async (t, db) => {
  const clock = createTestClock()
  const tickets = createTickets(db, clock)
  const { ticket } = await tickets.fileOnce(trouble, pickup)
  await tickets.move(ticket.id, 'done', person)
  await clock.advance(6 * DAY_MS)
  const again = await tickets.fileOnce(trouble, pickup)
  t.match(again, { status: 'reopened', ticket: { id: ticket.id, status: 'todo', closedAt: null } })
})

onEachDatabase(
  'after a week, or a won’t-fix, trouble that returns is a new matter',
  async (t, db) => {
    const clock = createTestClock()
    const tickets = createTickets(db, clock)
    const { ticket } = await tickets.fileOnce(trouble, pickup)
    await tickets.move(ticket.id, 'done', person)
    await clock.advance(8 * DAY_MS)
    const later = await tickets.fileOnce(trouble, pickup)
    t.match(later, { status: 'filed' })
    t.not(later.ticket.id, ticket.id)
  },
)

onEachDatabase('the third, tenth and thirtieth time is said on the ticket', async (t, db) => {
  const tickets = createTickets(db, createTestClock())
  const { ticket } = await tickets.fileOnce(trouble, pickup)
  for (let n = 2; n <= 11; n++) await tickets.fileOnce(trouble, pickup)
  t.same(await countedOn(tickets, ticket.id), ['Happened 3 times', 'Happened 10 times'])
})

const countedOn = async (tickets: Tickets, id: number) =>
  (await tickets.events(id)).filter((event) => event.kind === 'counted').map(({ body }) => body)

onEachDatabase('other words are written down on the ticket, each once', async (t, db) => {
  const tickets = createTickets(db, createTestClock())
  const { ticket } = await tickets.fileOnce({ ...disks, title: 'disk 3' }, pickup)
  for (const title of ['disk 4', 'disk 4', 'disk 3', 'disk 5', 'disk 4'])
    await tickets.fileOnce({ ...disks, title }, pickup)
  t.same(await countedOn(tickets, ticket.id), ['disk 4', 'Happened 3 times', 'disk 5'])
  t.match(await tickets.get(ticket.id), { title: 'disk 3', occurrences: 6 })
})

t.test('numbers that differ each time are no other words of a task', async (t) => {
  const tickets = createTickets(await sqliteDatabase(t), createTestClock())
  const title = 'backup failed: exit code 2: 3 of 17 files'
  const { ticket } = await tickets.fileOnce({ title, fingerprint: 'v1:backup' }, pickup)
  for (const words of ['exit code 2: 4 of 18 files', 'exit code 3: 4 of 18 files'])
    await tickets.fileOnce({ title: `backup failed: ${words}`, fingerprint: 'v1:backup' }, pickup)
  t.same(await countedOn(tickets, ticket.id), [
    'backup failed: exit code 3: 4 of 18 files',
    'Happened 3 times',
  ])
})

onEachDatabase('a ticket that opens again says with which words', async (t, db) => {
  const tickets = createTickets(db, createTestClock())
  const { ticket } = await tickets.fileOnce({ ...disks, title: 'disk 3' }, pickup)
  await tickets.move(ticket.id, 'done', person)
  await tickets.fileOnce({ ...disks, title: 'disk 4' }, pickup)
  t.match((await tickets.events(ticket.id)).slice(-2), [
    { kind: 'reopened', before: 'done', after: 'todo' },
    { kind: 'counted', body: 'disk 4' },
  ])
})

onEachDatabase('a flood of other words does not fill the ticket', async (t, db) => {
  const tickets = createTickets(db, createTestClock())
  const { ticket } = await tickets.fileOnce({ ...disks, title: 'disk 0' }, pickup)
  for (let n = 1; n <= 30; n++) await tickets.fileOnce({ ...disks, title: `disk ${n}` }, pickup)
  const words = (await countedOn(tickets, ticket.id)).filter((body) => body?.startsWith('disk'))
  t.same(
    words,
    Array.from({ length: 20 }, (_, n) => `disk ${n + 1}`),
  )
  t.match(await tickets.get(ticket.id), { occurrences: 31 })
})

onEachDatabase('every change leaves who, before and after', async (t, db) => {
  const tickets = createTickets(db, createTestClock())
  const { id } = await tickets.file({ title: 'Old' }, person)
  await tickets.change(id, { title: 'New', version: 1 }, person)
  await tickets.move(id, 'doing', { actor: 'luci' })
  await tickets.comment(id, 'On it', { actor: 'luci' })
  t.match(await tickets.events(id), [
    { kind: 'created', actor: 'person', after: 'todo' },
    { kind: 'edited', actor: 'person', before: 'Old', after: 'New' },
    { kind: 'moved', actor: 'luci', before: 'todo', after: 'doing' },
    { kind: 'commented', actor: 'luci', body: 'On it' },
  ])
})

onEachDatabase('an edit of an older version is a conflict and changes nothing', async (t, db) => {
  const tickets = createTickets(db, createTestClock())
  const { id } = await tickets.file({ title: 'Old' }, person)
  await tickets.change(id, { title: 'Mine', version: 1 }, person)
  await t.rejects(tickets.change(id, { title: 'Yours', version: 1 }, person), { code: 'conflict' })
  t.match(await tickets.get(id), { title: 'Mine', version: 2 })
})

onEachDatabase(
  'what comes in again at once with a change takes nothing of it back',
  async (t, db) => {
    const tickets = createTickets(db, createTestClock())
    const parent = await tickets.file({ title: 'All of it' }, person)
    for (let round = 0; round < 6; round += 1) {
      const like = { title: 'Backup failed', fingerprint: `v1:backup ${round}` }
      const { id } = (await tickets.fileOnce(like, pickup)).ticket
      await Promise.all([
        tickets.fileOnce(like, pickup),
        tickets.change(id, { title: 'Mine' }, person),
        tickets.setParent(id, parent.id, person),
      ])
      t.match(await tickets.get(id), { title: 'Mine', occurrences: 2, version: 4 })
      await tickets.move(id, 'done', person)
      await Promise.all([tickets.move(id, 'doing', person), tickets.fileOnce(like, pickup)])
      t.equal((await tickets.get(id)).status, 'doing', 'a person was first, or last')
    }
  },
)

onEachDatabase('tickets cannot wait for each other in a circle', async (t, db) => {
  const tickets = createTickets(db, createTestClock())
  for (const title of ['a', 'b', 'c']) await tickets.file({ title }, person)
  await tickets.link(1, 2, person)
  await tickets.link(2, 3, person)
  await t.rejects(tickets.link(3, 1, person), { code: 'conflict' })
  await t.rejects(tickets.link(2, 2, person), { code: 'conflict' })
  t.match(await tickets.blockers(1), [{ key: 'MC-2' }])
})

onEachDatabase('a ticket that is not there is said so', async (t, db) => {
  const tickets = createTickets(db, createTestClock())
  await t.rejects(tickets.get(7), { code: 'not_found', message: 'There is no ticket MC-7' })
  t.equal(await tickets.find(7), null)
})

onEachDatabase('the list can be narrowed and paged, newest first', async (t, db) => {
  const tickets = createTickets(db, createTestClock())
  for (const title of ['a', 'b', 'c', 'd'])
    await tickets.file({ title, labels: [`is-${title}`] }, person)
  await tickets.move(2, 'done', person)
  t.match(await tickets.list({ open: true, limit: 2 }), [{ title: 'd' }, { title: 'c' }])
  t.match(await tickets.list({ open: true, before: 3 }), [{ title: 'a' }])
  t.match(await tickets.list({ status: 'done' }), [{ title: 'b' }])
  t.match(await tickets.list({ label: 'is-c' }), [{ title: 'c' }])
})
