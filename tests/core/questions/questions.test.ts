import { outcomeOf } from '@mc/core/questions/outcome.ts'
import { createQuestions } from '@mc/core/questions/questions.ts'
import type { TurnOrigin } from '@mc/core/turns/turn.ts'
import { createTurns } from '@mc/core/turns/turns.ts'
import type { Database } from '@mc/db/database.ts'
import { createTestClock } from '../../support/clock.ts'
import { onEachDatabase } from '../../support/database.ts'

const start = async (db: Database) => {
  const clock = createTestClock()
  const turns = createTurns(db, clock)
  const inFlight = async (origin: TurnOrigin) => {
    const turn = await turns.queue({ text: 'x', origin })
    return (await turns.move(turn.id, ['queued'], 'typed')) ?? turn
  }
  return { clock, turns, inFlight, questions: createQuestions(db, clock) }
}

onEachDatabase('of many answers at once the first wins and makes one turn', async (t, db) => {
  const { turns, inFlight, questions } = await start(db)
  const { id } = await questions.ask(await inFlight('user'), {
    text: 'Which “disk”\nshall I order?',
    options: ['4 TB', '8 TB'],
  })
  const answers = await Promise.allSettled(
    ['4 TB', '8 TB', 'none', 'both'].map((answer, at) =>
      at % 2 === 0
        ? questions.answer(id, { answer, by: 'person', via: 'page' })
        : questions.answer(id, { answer, by: 'Ana', via: 'telegram' }),
    ),
  )
  const won = answers.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []))
  t.equal(won.length, 1)
  const [first] = won
  if (!first) throw new Error('Nobody won')
  for (const one of answers)
    if (one.status === 'rejected')
      t.match(one.reason, {
        code: 'conflict',
        message: `Question ${id} is over. ${outcomeOf(first)}`,
      })
  const waiting = (await turns.list()).filter(({ state }) => state === 'queued')
  t.match(waiting, [
    {
      id: first.answerTurnId,
      origin: first.answeredVia === 'page' ? 'user' : 'telegram',
      author: first.answeredBy,
      text: `Answer to your question ${id} (“Which "disk" shall I order?”): ${first.answer}`,
    },
  ])
})

onEachDatabase('three wait at once, however many are asked together', async (t, db) => {
  const { inFlight, questions } = await start(db)
  const turn = await inFlight('telegram')
  const asked = await Promise.allSettled(
    [1, 2, 3, 4, 5].map((n) => questions.ask(turn, { text: `Question ${n}?` })),
  )
  t.equal(asked.filter(({ status }) => status === 'fulfilled').length, 3)
  const refused = asked.find((one) => one.status === 'rejected')
  t.match(refused, { reason: { code: 'conflict', message: /3 questions wait .*: \d+, \d+, \d+$/ } })
  const [first] = await questions.open()
  await questions.withdraw(first?.id ?? 0, 'luci')
  t.match(await questions.ask(turn, { text: 'Now?' }), { state: 'open' })
  await t.rejects(questions.answer(first?.id ?? 0, { answer: 'x', by: 'person', via: 'cli' }), {
    code: 'conflict',
    message: /Luci took it back/,
  })
})

onEachDatabase('a question outlives its turn, and ends with its time', async (t, db) => {
  const { clock, turns, inFlight, questions } = await start(db)
  for (const origin of ['digest', 'pane', 'system'] as const)
    await t.rejects(async () => questions.ask(await inFlight(origin), { text: 'May I?' }), {
      code: 'forbidden',
      message: `A turn of origin ${origin} asks nothing`,
    })
  const turn = await inFlight('user')
  const { id } = await questions.ask(turn, { text: 'Until when?', expiresIn: '30m' })
  await turns.move(turn.id, ['typed'], 'interrupted')
  t.match(await questions.open(), [{ id }])
  await clock.advance(30 * 60_000)
  await t.rejects(questions.answer(id, { answer: 'Monday', by: 'person', via: 'page' }), {
    code: 'conflict',
    message: /Nobody answered in time/,
  })
  t.match(await questions.get(id), { state: 'expired' })
  t.same(await questions.open(), [])
})

onEachDatabase('an answer that she waited for is not told a second time', async (t, db) => {
  const { turns, inFlight, questions } = await start(db)
  const turn = await inFlight('user')
  const { id } = await questions.ask(turn, { text: 'Now?' })
  t.match(await questions.heard(id, turn.id), { state: 'open' })
  const { answerTurnId } = await questions.answer(id, { answer: 'yes', by: 'person', via: 'cli' })
  const other = await inFlight('user')
  await questions.heard(id, other.id)
  t.ok(await turns.find(answerTurnId ?? ''), 'another turn hears nothing')
  t.match(await questions.heard(id, turn.id), { answer: 'yes', answerTurnId: turn.id })
  t.equal(await turns.find(answerTurnId ?? ''), null)
  t.match(await questions.heard(id, turn.id), { answer: 'yes' }, 'and once more, if it was lost')
})
