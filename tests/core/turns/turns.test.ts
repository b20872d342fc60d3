import { createTurns, TURN_TEXT_MAX } from '@mc/core/turns/turns.ts'
import { createTestClock } from '../../support/clock.ts'
import { onEachDatabase } from '../../support/database.ts'

onEachDatabase('a person is next before a digest, each in the order of arrival', async (t, db) => {
  const turns = createTurns(db, createTestClock())
  for (const [origin, text] of [
    ['digest', 'd1'],
    ['user', 'u1'],
    ['api', 'a1'],
    ['digest', 'd2'],
    ['telegram', 't1'],
  ] as const)
    await turns.queue({ origin, text })
  const order: string[] = []
  for (let next = await turns.next(); next; next = await turns.next()) {
    order.push(next.text)
    await turns.move(next.id, ['queued'], 'typed')
  }
  t.same(order, ['u1', 'a1', 't1', 'd1', 'd2'])
})

onEachDatabase('what a person puts first is next, their last word first of all', async (t, db) => {
  const clock = createTestClock()
  const turns = createTurns(db, clock)
  const ids: Record<string, string> = {}
  for (const [origin, text] of [
    ['digest', 'd1'],
    ['user', 'u1'],
    ['user', 'u2'],
    ['api', 'a1'],
  ] as const)
    ids[text] = (await turns.queue({ origin, text })).id
  for (const text of ['a1', 'u2']) {
    await clock.advance(1_000)
    await turns.putFirst(ids[text] ?? '')
  }
  t.same(
    await turns.waiting(),
    ['u2', 'a1', 'u1', 'd1'].map((text) => ids[text]),
  )
  t.match(await turns.next(), { text: 'u2' })
  await turns.edit(ids.u2 ?? '', 'u2, edited')
  t.match(await turns.next(), { text: 'u2, edited' }, 'it keeps its place')
  await t.rejects(turns.putFirst(ids.d1 ?? ''), { code: 'conflict', message: /is a digest/ })
  await turns.move(ids.u2 ?? '', ['queued'], 'typed')
  await t.rejects(turns.putFirst(ids.u2 ?? ''), { code: 'conflict', message: /is typed/ })
  await t.rejects(turns.putFirst('none'), { code: 'not_found' })
})

onEachDatabase('a turn keeps when it reached each state, and the proof of it', async (t, db) => {
  const clock = createTestClock('2026-03-02T10:00:00.000Z')
  const turns = createTurns(db, clock)
  const { id } = await turns.queue({ origin: 'user', author: 'elmar', text: 'hello' })
  t.match(id, /^[0-9a-f]{6}$/)
  await clock.advance(1_000)
  await turns.move(id, ['queued'], 'typed', { evidence: { from: 0 }, profile: 'house' })
  await turns.note(id, { enterAt: 7 })
  await clock.advance(1_000)
  await turns.move(id, ['typed'], 'received', { evidence: { received: 'record:2' } })
  await clock.advance(1_000)
  await turns.move(id, ['received'], 'answering')
  await clock.advance(1_000)
  t.match(await turns.move(id, ['answering'], 'answered', { reply: 'hi' }), {
    state: 'answered',
    author: 'elmar',
    reply: 'hi',
    profile: 'house',
    problem: null,
    evidence: { from: 0, enterAt: 7, received: 'record:2' },
    createdAt: '2026-03-02T10:00:00.000Z',
    typedAt: '2026-03-02T10:00:01.000Z',
    receivedAt: '2026-03-02T10:00:02.000Z',
    answeringAt: '2026-03-02T10:00:03.000Z',
    endedAt: '2026-03-02T10:00:04.000Z',
  })
})

onEachDatabase('a turn that somebody else moved is not moved again', async (t, db) => {
  const turns = createTurns(db, createTestClock())
  const { id } = await turns.queue({ origin: 'user', text: 'hello' })
  const moved = await Promise.all([
    turns.move(id, ['queued'], 'typed'),
    turns.move(id, ['queued'], 'typed'),
  ])
  t.equal(moved.filter((turn) => turn !== null).length, 1)
  await turns.move(id, ['typed'], 'lost', { problem: 'gone' })
  t.equal(await turns.move(id, ['typed', 'received'], 'answered', { reply: 'x' }), null)
  t.match(await turns.get(id), { state: 'lost', problem: 'gone', reply: '' })
})

onEachDatabase(
  'whoever writes a turn at once with another keeps what the other wrote',
  async (t, db) => {
    const turns = createTurns(db, createTestClock())
    for (let round = 0; round < 8; round += 1) {
      const { id } = await turns.queue({ origin: 'user', text: 'hello' })
      const moved = await Promise.all([
        turns.move(id, ['queued'], 'typed', { evidence: { first: 1 } }),
        turns.note(id, { noted: 1 }),
        turns.note(id, { seen: 1 }),
        turns.move(id, ['queued'], 'typed', { evidence: { first: 1 } }),
      ])
      t.equal(moved.filter((turn) => turn).length, 1)
      t.same((await turns.get(id)).evidence, { first: 1, noted: 1, seen: 1 })
    }
  },
)

onEachDatabase('what she asks stands in the turn until it goes on', async (t, db) => {
  const turns = createTurns(db, createTestClock())
  const { id } = await turns.queue({ origin: 'user', text: 'hello' })
  const prompt = { id: 'p1', kind: 'question' as const, text: 'Which?', choices: [] }
  await turns.move(id, ['queued'], 'blocked', { prompt })
  t.same((await turns.get(id)).prompt, prompt)
  await turns.move(id, ['blocked'], 'answering')
  t.equal((await turns.get(id)).prompt, null)
})

onEachDatabase('a queued message can be edited and taken back, a typed one not', async (t, db) => {
  const turns = createTurns(db, createTestClock())
  const one = await turns.queue({ origin: 'user', text: 'one' })
  const two = await turns.queue({ origin: 'user', text: 'two' })
  t.match(await turns.edit(one.id, 'uno'), { text: 'uno', state: 'queued' })
  await turns.remove(two.id)
  t.equal(await turns.find(two.id), null)
  await turns.move(one.id, ['queued'], 'typed')
  await t.rejects(turns.edit(one.id, 'eins'), { code: 'conflict' })
  await t.rejects(turns.remove(one.id), { code: 'conflict' })
  await t.rejects(turns.edit('ffffff', 'x'), { code: 'not_found' })
})

onEachDatabase('an empty message and one beyond all measure are refused', async (t, db) => {
  const turns = createTurns(db, createTestClock())
  await t.rejects(turns.queue({ origin: 'user', text: ' \n ' }), { code: 'invalid' })
  await t.rejects(turns.queue({ origin: 'user', text: 'x'.repeat(TURN_TEXT_MAX + 1) }), {
    code: 'invalid',
  })
})

onEachDatabase('what is queued and what is in hand are told apart and counted', async (t, db) => {
  const turns = createTurns(db, createTestClock())
  const ids = []
  for (const text of ['a', 'b', 'c', 'd'])
    ids.push((await turns.queue({ origin: 'user', text })).id)
  const [a = '', b = '', c = ''] = ids
  await turns.move(a, ['queued'], 'typed')
  await turns.move(a, ['typed'], 'answered')
  await turns.move(b, ['queued'], 'received')
  await turns.move(c, ['queued'], 'blocked')
  t.same(
    (await turns.inFlight()).map(({ text }) => text),
    ['b', 'c'],
  )
  t.same(
    (await turns.open()).map(({ text }) => text),
    ['b', 'c', 'd'],
  )
  t.equal(await turns.countQueued(), 1)
})

onEachDatabase('the thread is paged from its newest end', async (t, db) => {
  const turns = createTurns(db, createTestClock())
  for (let n = 1; n <= 5; n++) await turns.queue({ origin: 'user', text: `${n}` })
  const page = await turns.list({ limit: 2 })
  t.same(
    page.map(({ text }) => text),
    ['5', '4'],
  )
  const rest = await turns.list({ before: page.at(-1)?.seq ?? 0, limit: 10 })
  t.same(
    rest.map(({ text }) => text),
    ['3', '2', '1'],
  )
})
