import { fieldOf, readForeign } from '@mc/cli/foreign-ticket.ts'
import { readTickets } from '@mc/cli/tickets-file.ts'
import { systemClock } from '@mc/core/clock.ts'
import { exportAll } from '@mc/core/export/export.ts'
import {
  IMPORT_MAX,
  type ImportedTicket,
  importTickets,
  mistakesIn,
  neededFirst,
} from '@mc/core/tickets/import.ts'
import { createTickets } from '@mc/core/tickets/tickets.ts'
import type { Database } from '@mc/db/database.ts'
import t from 'tap'
import { onEachDatabase, sqliteDatabase } from '../../support/database.ts'

const by = { actor: 'person', source: 'cli' }

const importInto = (db: Database, tickets: readonly ImportedTicket[], source = 'jira') =>
  importTickets(db, systemClock, { source, tickets }, by)

onEachDatabase(
  'an import files each with what it had, a parent before its parts',
  async (t, db) => {
    const { filed, known } = await importInto(db, [
      { key: 'A-2', title: 'Part', parent: 'A-1', blockedBy: ['A-3'] },
      { key: 'A-1', title: 'Whole', createdAt: '2025-01-02T03:04:05Z', labels: ['web'] },
      {
        key: 'A-3',
        title: 'Before',
        status: 'done',
        resolution: 'fixed',
        closedAt: '2025-02-01T00:00:00+01:00',
      },
      { title: 'Without a key' },
    ])
    t.equal(known.length, 0)
    t.same(
      filed.map(({ from }) => from),
      ['A-1', 'A-3', 'A-2', '#4'],
    )
    const tickets = createTickets(db, systemClock)
    const [whole, part, before] = [await tickets.get(1), await tickets.get(3), await tickets.get(2)]
    t.match(whole, {
      createdAt: '2025-01-02T03:04:05.000Z',
      labels: ['web'],
      source: 'import:jira',
    })
    t.equal(part.parentId, whole.id)
    t.match(before, { status: 'done', resolution: 'fixed', closedAt: '2025-01-31T23:00:00.000Z' })
    t.match(await tickets.blockers(part.id), [{ id: before.id }])
  },
)

onEachDatabase('an import of the same source again files only what is new', async (t, db) => {
  const one: ImportedTicket = { key: 'A-1', title: 'One' }
  await importInto(db, [one])
  const again = await importInto(db, [one, { key: 'A-2', title: 'Two', parent: 'A-1' }])
  t.same(again, { filed: [{ from: 'A-2', key: 'MC-2' }], known: [{ from: 'A-1', key: 'MC-1' }] })
  t.equal((await createTickets(db, systemClock).get(2)).parentId, 1)
  const later = await importInto(db, [{ key: 'A-3', title: 'Three', blockedBy: ['A-1'] }])
  t.match(later, { filed: [{ from: 'A-3' }], known: [] }, 'may name what came before')
  const elsewhere = await importInto(db, [one], 'github')
  t.equal(elsewhere.filed.length, 1, 'the same key elsewhere is another ticket')
})

onEachDatabase('an import with a mistake or a circle files nothing', async (t, db) => {
  await t.rejects(importInto(db, [{ title: 'Good' }, { title: 'Bad', parent: 'nobody' }]), {
    code: 'invalid',
  })
  await t.rejects(
    importInto(db, [
      { key: 'a', title: 'a', blockedBy: ['b'] },
      { key: 'b', title: 'b', blockedBy: ['a'] },
    ]),
    {
      code: 'invalid',
      problems: [
        '"a" is blocked by itself, by way of others',
        '"b" is blocked by itself, by way of others',
      ],
    },
  )
  t.same(await createTickets(db, systemClock).list(), [])
})

onEachDatabase('an import takes what an export gave, links and all', async (t, from) => {
  const to = await sqliteDatabase(t)
  const tickets = createTickets(from, systemClock)
  const first = await tickets.file({ title: 'First', labels: ['x'], due: '2026-12-01' }, by)
  const second = await tickets.file({ title: 'Second', parentId: first.id }, by)
  await tickets.link(second.id, first.id, by)
  let text = ''
  for await (const piece of exportAll(from, { version: '1', at: '2026-03-02T10:00:00Z' }))
    text += piece
  const { tickets: read, ignored } = readTickets(text, 'all.json')
  t.same(ignored, [])
  await importInto(to, read)
  const there = createTickets(to, systemClock)
  t.match(await there.get(1), { title: 'First', labels: ['x'], due: '2026-12-01' })
  t.match(await there.blockers(2), [{ title: 'First' }])
})
t.test('a chain as long as an import may be is filed in a moment', async (t) => {
  const db = await sqliteDatabase(t)
  const chain = Array.from({ length: IMPORT_MAX }, (_, n) => ({
    key: `K${n}`,
    title: `${n}`,
    // Each waits for the one after it in the list.
    ...(n + 1 < IMPORT_MAX ? { blockedBy: [`K${n + 1}`] } : {}),
  }))
  t.same(mistakesIn(chain), [])
  const order = neededFirst(chain).map(({ place }) => place)
  t.equal(order[0], IMPORT_MAX)
  const { filed } = await importInto(db, chain)
  t.equal(filed.length, IMPORT_MAX)
  const { links } = await db.kysely
    .selectFrom('ticket_links')
    .select((eb) => eb.fn.countAll<number>().as('links'))
    .executeTakeFirstOrThrow()
  t.equal(Number(links), IMPORT_MAX - 1)
})

t.test('every mistake of an import is told at once, by row', (t) => {
  t.same(
    mistakesIn([
      { key: 'a', title: 'a' },
      { key: 'a', title: 'twice' },
      { title: 'no key', blockedBy: ['a'] },
      { key: 'b', title: 'b', parent: 'none', blockedBy: ['gone'] },
      { key: 'c', title: 'c', parent: 'd' },
      { key: 'd', title: 'd', parent: 'c' },
    ]),
    [
      '#2: the key "a" is there twice',
      '#3: what is blocked by others needs a key of its own',
      '#4: there is no key "none" for its parent',
      '#4: there is no key "gone" to be blocked by',
      '"c" is a part of itself',
      '"d" is a part of itself',
    ],
  )
  t.end()
})

t.test('a table of another tracker is read by the names it uses', (t) => {
  const csv = [
    'Issue key,Summary,Status,Priority,Labels,Created,Due date,Story points',
    'OPS-1,"Renew, at last",In Progress,Highest,"web; tls",2026-01-02 03:04,2026-12-01,5',
    '"OPS-2","Say ""hello""",Won\'t Fix,,,,,',
  ].join('\r\n')
  const { tickets, ignored } = readTickets(`\ufeff${csv}`, 'ops.CSV')
  t.same(ignored, ['Story points'])
  t.same(tickets, [
    {
      key: 'OPS-1',
      title: 'Renew, at last',
      status: 'doing',
      priority: 'critical',
      labels: ['web', 'tls'],
      createdAt: '2026-01-02T03:04:00.000Z',
      due: '2026-12-01',
    },
    { key: 'OPS-2', title: 'Say "hello"', status: 'cancelled' },
  ])
  for (const mark of [';', '\t'])
    t.same(
      readTickets(
        `\ufeff"Summary, short"${mark}Title${mark}Due\r\nx${mark}a, b${mark}2026-12-01`,
        'x.csv',
      ).tickets,
      [{ title: 'a, b', due: '2026-12-01' }],
    )
  t.end()
})

t.test('what cannot be read is told by row and column, and nothing is taken', (t) => {
  const text = JSON.stringify([
    { title: 'Good' },
    { title: 'Bad', status: 'somehow', due: 'tomorrow', labels: 7 },
    { body: 'without a title' },
  ])
  t.throws(() => readTickets(text, 'x.json'), {
    message:
      /#2: status: expected one of parked[\s\S]*#2: due: expected a day[\s\S]*#2: labels[\s\S]*#3: there is no title/,
  })
  t.throws(() => readTickets('{"a":1}', 'x.json'), { message: /expected a list of tickets/ })
  t.throws(() => readTickets('a,b\n"c', 'x.csv'), { message: /not a CSV table/ })
  t.throws(() => readTickets('title\n', 'x.csv'), { message: /holds no ticket/ })
  t.end()
})

t.test('a name that only looks like a column of ours is none', (t) => {
  t.equal(fieldOf('constructor'), null)
  t.equal(fieldOf('Created_At'), 'createdAt')
  t.same(readForeign({ title: 'x', toString: 'y' }).ignored, ['toString'])
  t.end()
})
