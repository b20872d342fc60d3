import { createActs } from '@mc/core/acts/acts.ts'
import { isoTime } from '@mc/core/clock.ts'
import { createDelegation } from '@mc/core/delegation/delegation.ts'
import { handToLuci } from '@mc/core/delegation/hand-over.ts'
import { createRuns } from '@mc/core/runs/runs.ts'
import { createTickets } from '@mc/core/tickets/tickets.ts'
import { PAUSE_SETTING } from '@mc/core/trust/held.ts'
import { createTrust } from '@mc/core/trust/trust.ts'
import { createTurns } from '@mc/core/turns/turns.ts'
import t from 'tap'
import { createTestClock } from '../../support/clock.ts'
import { sqliteDatabase } from '../../support/database.ts'
import { cancelling, first, user } from '../../support/trust.ts'

const DAY_MS = 86_400_000

t.test('a pause stops what began by itself, and nothing that a person ordered', async (t) => {
  const db = await sqliteDatabase(t)
  const clock = createTestClock()
  const trust = createTrust(db, clock, { first: first(['delegate']) })
  const tickets = createTickets(db, clock)
  const runs = createRuns(db, clock)
  const begin = async (by: string) => {
    const ticket = await tickets.file({ title: `For ${by}` }, { actor: by })
    const run = await createDelegation(db, clock, { configured: true }).queue(ticket.id, by)
    await runs.start(run.id, 'pickup-test')
    if (by === 'luci')
      await createActs(db, clock).carryOut({
        class: 'delegate',
        proposalId: null,
        step: null,
        turnId: null,
        title: 'x',
        ref: ticket.key,
        before: { run: run.id },
      })
    return run.id
  }
  const [hers, ordered] = [await begin('luci'), await begin('person')]
  const given = await tickets.file({ title: 'For Luci', does: 'luci' }, { actor: 'person' })
  t.same(await handToLuci(db, clock), [given.key])
  const turn = await createTurns(db, clock).queue({
    text: 'A digest',
    origin: 'digest',
    digestId: 'd1',
  })
  await db.kysely
    .insertInto('digests')
    .values({
      id: 'd1',
      state: 'sealed',
      opened_at: isoTime(clock.now()),
      due_at: isoTime(clock.now()),
      turn_id: turn.id,
      verdict_deadline: isoTime(new Date(clock.now().getTime() + DAY_MS)),
    })
    .execute()
  const paused = await trust.pause({ reason: 'Moving', by: 'person' }, cancelling(clock))
  t.same(paused.cancelled, [hers])
  t.match(await runs.get(hers), { cancelAskedBy: 'the pause: Moving' })
  t.match(await runs.get(ordered), { status: 'running', cancelAskedAt: null })
  t.match(await createTurns(db, clock).open(), [], 'she has not heard of it')
  t.match(await tickets.get(given.id), { status: 'todo' })
  t.match(await createTurns(db, clock).get(turn.id), {
    state: 'interrupted',
    problem: 'Autonomous action was paused',
  })
  t.match(await db.kysely.selectFrom('digests').select('verdict_deadline').executeTakeFirst(), {
    verdict_deadline: isoTime(clock.now()),
  })
  t.match(await trust.held(), { by: 'pause', reason: 'Autonomous action is paused: Moving' })
  t.match(await trust.may(['delegate'], user), { atOnce: false, reason: /paused: Moving/ })
  const since = paused.since
  await clock.advance(60_000)
  t.match(await trust.pause({ by: 'person' }, cancelling(clock)), { reason: 'Moving', since })
  t.match(await trust.held(), { reason: /paused: Moving$/, since }, 'looked at again, it stays')
  await trust.pause({ reason: 'Lunch', by: 'person' }, cancelling(clock))
  t.match(await trust.held(), { reason: /paused: Lunch$/, since })
  t.same(
    (await trust.pause({ workers: true, by: 'person' }, cancelling(clock))).cancelled.sort(),
    [hers, ordered].sort(),
  )
  t.equal(await trust.resume('person'), true)
  t.equal(await trust.resume('person'), false)
  t.equal(await trust.held(), null)
  t.same(await handToLuci(db, clock), [given.key], 'it is hers again')
  t.equal(
    (await db.kysely.selectFrom('settings').selectAll().where('name', '=', PAUSE_SETTING).execute())
      .length,
    0,
  )
})
