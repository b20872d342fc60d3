import { createInbox } from '@mc/core/inbox/inbox.ts'
import { createIndexer } from '@mc/core/search/indexer.ts'
import { createSearch } from '@mc/core/search/search.ts'
import { createTickets } from '@mc/core/tickets/tickets.ts'
import type { Database } from '@mc/db/database.ts'
import { createTestClock } from '../../support/clock.ts'
import { onEachDatabase } from '../../support/database.ts'
import fc from '../../support/fast-check.ts'

const by = { actor: 'person' }

const aDesk = (db: Database) => {
  const clock = createTestClock()
  const search = createSearch(db, clock)
  const indexer = createIndexer(db)
  const turn = (id: string, text: string, reply: string | null) =>
    db.kysely
      .insertInto('turns')
      .values({
        id,
        origin: 'user',
        text,
        state: reply === null ? 'queued' : 'answered',
        reply: reply ?? '',
        evidence: '{}',
        created_at: clock.now().toISOString(),
        ended_at: reply === null ? null : clock.now().toISOString(),
      })
      .execute()
  return {
    clock,
    indexer,
    turn,
    tickets: createTickets(db, clock),
    inbox: createInbox(db, clock),
    refs: async (text: string, options = {}) =>
      (await search.find(text, options)).hits.map((hit) => hit.ref),
    find: search.find.bind(search),
  }
}

onEachDatabase('tickets, turns and items are found by their words', async (t, db) => {
  const { tickets, inbox, turn, indexer, refs } = aDesk(db)
  await tickets.file({ title: 'Renew the mail certificate', labels: ['tls'] }, by)
  await tickets.comment(1, 'The café’s registrar answered', by)
  await turn('aaaaaa', 'How is the mail?', 'The certificate expires on Friday.')
  await inbox.post({
    source: 'backup.sh',
    message: 'Certificate check failed',
    detail: { excerpt: 'x509: unknown authority' },
  })
  t.same(await refs('certificate'), [], 'nothing is known yet: posting pays nothing')
  await indexer.catchUp()
  t.same(await refs('certificate'), ['MC-1', '1', 'aaaaaa'], 'work first, then the title')
  t.same(await refs('cert', { kinds: ['item'] }), ['1'])
  for (const [text, ref] of [
    ['CERTIF mail ren', 'MC-1'],
    ['cafe registrar', 'MC-1'],
    ['tls', 'MC-1'],
    ['"expires on friday"', 'aaaaaa'],
    ['x509', '1'],
    ['backup.sh', '1'],
  ] as const)
    t.same(await refs(text), [ref], text)
  t.same(await refs('"friday on expires"'), [], 'quoted words stand in that order')
  t.same(await refs('certain'), [])
})

onEachDatabase('a key goes to its ticket, whatever else it finds', async (t, db) => {
  const { tickets, indexer, refs } = aDesk(db)
  for (const title of ['One', 'Two, after MC-1']) await tickets.file({ title }, by)
  await indexer.catchUp()
  t.equal((await refs('mc-1'))[0], 'MC-1')
  t.equal((await refs('2'))[0], 'MC-2')
  t.same(await refs('MC-99'), [])
})

onEachDatabase('what is changed is found anew, and what is gone no more', async (t, db) => {
  const { tickets, inbox, turn, indexer, refs } = aDesk(db)
  await tickets.file({ title: 'Paint the fence', labels: ['garden'] }, by)
  await inbox.post({ source: 'x', message: 'A fence fell' })
  await turn('bbbbbb', 'The fence?', null)
  await indexer.catchUp()
  t.same(await refs('fence'), ['MC-1', '1'], 'a turn is kept once it has ended')
  await tickets.change(1, { title: 'Paint the gate', labels: ['house'] }, by)
  t.same(await refs('garden'), [], 'old words find nothing, even before')
  await indexer.catchUp()
  t.same(await refs('house'), ['MC-1'])
  await db.kysely
    .updateTable('turns')
    .set({ state: 'answered', ended_at: new Date(0).toISOString(), evidence: '{}' })
    .execute()
  await indexer.catchUp()
  t.same(await refs('fence'), ['bbbbbb', '1'])
  await db.kysely.deleteFrom('orchestrator_inbox').execute()
  t.same(await refs('fence'), ['bbbbbb'])
  t.equal(await indexer.sweep(), 1, 'its words are let go')
  t.equal(await indexer.sweep(), 0)
})

onEachDatabase('all can be forgotten and taken in again', async (t, db) => {
  const { tickets, indexer, refs } = aDesk(db)
  for (let n = 1; n <= 3; n++) await tickets.file({ title: `Chore ${n}` }, by)
  await indexer.catchUp()
  await indexer.forget()
  t.same(await refs('chore'), [])
  await Promise.all([indexer.catchUp(), indexer.catchUp()])
  t.same((await refs('chore')).length, 3)
})

onEachDatabase(
  'whatever a person types, it throws nothing and finds what it names',
  async (t, db) => {
    const { tickets, indexer, find } = aDesk(db)
    await tickets.file({ title: 'Plain words' }, by)
    // SQLite takes the letter in the middle, newer than its tables, for no letter.
    await tickets.file({ title: 'Odd ꀀᦰﹱ' }, by)
    await indexer.catchUp()
    for (const text of ['ꀀᦰﹱ', 'odd ꀀᦰﹱ', '"ꀀᦰﹱ"'])
      t.match((await find(text)).hits, [{ href: '/tickets/MC-2' }], text)
    t.same((await find('plain ꀀᦰﹱ')).hits, [])
    const odd = fc.oneof(
      fc.string({ unit: 'grapheme', maxLength: 30 }),
      fc.string({
        unit: fc.constantFrom(
          '"',
          "'",
          '*',
          '(',
          ')',
          ':',
          '-',
          '&',
          '|',
          '!',
          '\\',
          'NOT ',
          'NEAR(',
          'plain',
          ' ',
        ),
        maxLength: 12,
      }),
    )
    await fc.assert(
      fc.asyncProperty(odd, async (text) => void (await find(text))),
      { numRuns: 60 },
    )
    for (const text of ['plain -', '"plain', 'words: (plain)', 'plain*', 'PLAIN AND', ' '])
      t.equal((await find(text)).hits.length, text === 'PLAIN AND' || text === ' ' ? 0 : 1, text)
  },
)

onEachDatabase('titles, whole words and open tickets come first', async (t, db) => {
  const { tickets, indexer, refs } = aDesk(db)
  await tickets.file({ title: 'Export is slow', status: 'done' }, by)
  await tickets.file({ title: 'Weekly numbers', body: 'See the export' }, by)
  await tickets.file({ title: 'Exporter crashed' }, by)
  await tickets.file({ title: 'Export is empty' }, by)
  await indexer.catchUp()
  t.same(await refs('export'), ['MC-4', 'MC-1', 'MC-3', 'MC-2'])
})

onEachDatabase('what is there is found behind many newer ones that begin alike', async (t, db) => {
  const { tickets, inbox, indexer, refs } = aDesk(db)
  await tickets.file({ title: 'customer4711 cannot sign in' }, by)
  await inbox.post({ source: 'x', message: 'custom frames of steel' })
  for (let n = 0; n < 130; n++) {
    await tickets.file({ title: `customer${5001 + n} asks` }, by)
    await inbox.post({ source: 'x', message: 'steel frames, custom, of them' })
  }
  await indexer.catchUp()
  t.same(await refs('customer4711'), ['MC-1'])
  t.same(await refs('"custom frames"'), ['1'], 'words in a row are looked for further back')
})

onEachDatabase('a turn that ended by a clock set back is found', async (t, db) => {
  const { turn, clock, indexer, refs } = aDesk(db)
  await turn('aaaaaa', 'The first lighthouse', 'Yes.')
  await indexer.catchUp()
  clock.set(new Date(clock.now().getTime() - 3_600_000))
  await turn('bbbbbb', 'The second lighthouse', 'No.')
  await indexer.catchUp()
  t.same((await refs('lighthouse')).toSorted(), ['aaaaaa', 'bbbbbb'])
})

onEachDatabase('words without spaces between them are found', async (t, db) => {
  const { tickets, indexer, refs } = aDesk(db)
  await tickets.file({ title: '数据库备份失败了' }, by)
  await tickets.file({ title: 'サーバーの再起動', body: 'Acme™ 備品' }, by)
  await indexer.catchUp()
  for (const [text, ref] of [
    ['备份', 'MC-1'],
    ['备份失败', 'MC-1'],
    ['"备份失败"', 'MC-1'],
    ['数据 失败', 'MC-1'],
    ['了', 'MC-1'],
    ['サーバ', 'MC-2'],
    ['再起動', 'MC-2'],
    ['acme™', 'MC-2'],
  ] as const)
    t.same(await refs(text), [ref], text)
  t.same(await refs('备失'), [])
})
