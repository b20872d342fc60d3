import { createTickets } from '@mc/core/tickets/tickets.ts'
import { createTestClock } from '../../support/clock.ts'
import { onEachDatabase } from '../../support/database.ts'

const by = { actor: 'person' }

onEachDatabase('no way of waiting or of being a part leads in a circle', async (t, db) => {
  const tickets = createTickets(db, createTestClock())
  for (const title of ['One', 'Two', 'Three']) await tickets.file({ title }, by)
  await tickets.link(1, 2, by)
  await tickets.link(2, 3, by)
  await tickets.setParent(1, 2, by)
  await tickets.setParent(2, 3, by)
  for (const circle of [
    () => tickets.link(3, 1, by),
    () => tickets.link(1, 1, by),
    () => tickets.setParent(3, 1, by),
    () => tickets.setParent(2, 2, by),
  ])
    await t.rejects(circle(), { code: 'conflict' })
  await t.rejects(tickets.setParent(1, 9, by), { code: 'not_found' })
  t.same(
    (await tickets.blocking(3)).map(({ key }) => key),
    ['MC-2'],
  )
  t.same(
    (await tickets.list({ parentId: 3 })).map(({ key }) => key),
    ['MC-2'],
  )
})

onEachDatabase('two who would close a circle at once: one is refused', async (t, db) => {
  const tickets = createTickets(db, createTestClock())
  for (const title of ['One', 'Two']) await tickets.file({ title }, by)
  const drawn = await Promise.allSettled([tickets.link(1, 2, by), tickets.link(2, 1, by)])
  t.same(drawn.map(({ status }) => status).sort(), ['fulfilled', 'rejected'])
})

onEachDatabase('what was linked is taken off again, and the story tells of it', async (t, db) => {
  const tickets = createTickets(db, createTestClock())
  for (const title of ['One', 'Two']) await tickets.file({ title }, by)
  await tickets.link(1, 2, by)
  await tickets.unlink(1, 2, by)
  await tickets.unlink(1, 2, by)
  await tickets.setParent(1, 2, by)
  await tickets.setParent(1, null, by)
  t.same(await tickets.blockers(1), [])
  t.match(await tickets.events(1), [
    { kind: 'created' },
    { kind: 'linked', after: 'MC-2' },
    { kind: 'unlinked', before: 'MC-2' },
    { kind: 'edited', body: 'parent', after: 'MC-2' },
    { kind: 'edited', body: 'parent', before: 'MC-2', after: null },
  ])
})

onEachDatabase(
  'a list is narrowed by what a ticket is; signs of a pattern are text',
  async (t, db) => {
    const tickets = createTickets(db, createTestClock())
    await tickets.file({ title: 'Disk 90% full', priority: 'critical', labels: ['disk'] }, by)
    await tickets.file(
      { title: 'Disk of DISKS', labels: ['disks'] },
      { actor: 'luci', source: 'luci' },
    )
    const found = async (filter: object) => (await tickets.list(filter)).map(({ id }) => id)
    t.same(await found({ text: 'disk' }), [2, 1])
    t.same(await found({ text: '0% f' }), [1])
    t.same(await found({ text: '%' }), [1])
    t.same(await found({ text: '_' }), [])
    t.same(await found({ label: 'disk' }), [1])
    t.same(await found({ priority: 'critical', source: 'person' }), [1])
    t.same(await found({ source: 'luci' }), [2])
  },
)

onEachDatabase('two who edit the same version at once: one of them hears of it', async (t, db) => {
  const tickets = createTickets(db, createTestClock())
  await tickets.file({ title: 'One' }, by)
  const edits = ['Mine', 'Yours'].map((title) => tickets.change(1, { title, version: 1 }, by))
  const done = await Promise.allSettled(edits)
  t.same(done.map(({ status }) => status).sort(), ['fulfilled', 'rejected'])
  t.equal((await tickets.get(1)).version, 2)
})
