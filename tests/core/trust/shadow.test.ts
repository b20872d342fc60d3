import type { ActionClass } from '@mc/core/trust/classes.ts'
import { firstCaps } from '@mc/core/trust/modes.ts'
import { createReplay, type PastAct } from '@mc/core/trust/replay.ts'
import { createTrust } from '@mc/core/trust/trust.ts'
import { createTurns } from '@mc/core/turns/turns.ts'
import t from 'tap'
import { createTestClock } from '../../support/clock.ts'
import { sqliteDatabase } from '../../support/database.ts'
import { first } from '../../support/trust.ts'

const DAY_MS = 86_400_000

t.test('a shadow run goes by class, cap and lock, whole proposals at a time', async (t) => {
  let id = 0
  const at = (day: number, hour = 9) => new Date(Date.UTC(2026, 2, day, hour)).toISOString()
  const past = (one: ActionClass, day: number, over: Partial<PastAct> = {}): PastAct => ({
    id: ++id,
    class: one,
    proposalId: null,
    state: 'accepted',
    atOnce: false,
    correction: null,
    correctedAt: null,
    createdAt: at(day),
    decidedAt: at(day, 10),
    fromPerson: true,
    alwaysWaits: false,
    ...over,
  })
  const replay = createReplay({
    trusted: ['close', 'file_ticket'],
    caps: { ...firstCaps, close: 2 },
  })
  replay.decide([past('close', 1)])
  replay.decide([past('close', 1, { state: 'edited' })])
  replay.decide([past('close', 1)])
  replay.decide([
    past('file_ticket', 2, { proposalId: 'a' }),
    past('delegate', 2, { proposalId: 'a' }),
  ])
  replay.decide([
    past('file_ticket', 2, { proposalId: 'b' }),
    past('file_ticket', 2, { proposalId: 'b', state: 'proposed' }),
  ])
  replay.decide([past('close', 2, { fromPerson: false })])
  replay.decide([past('close', 3, { state: 'refused' })])
  replay.decide([
    past('close', 3, { state: 'accepted', correction: 'wrong', correctedAt: at(3, 20) }),
  ])
  replay.decide([past('close', 3, { decidedAt: at(3, 11) })])
  // The second objection of that day came in the evening: from then on it is locked.
  replay.decide([past('close', 4)])
  replay.decide([past('close', 5)])
  const view = Object.fromEntries(replay.end().map((one) => [one.class, one]))
  t.match(view.close, {
    trusted: true,
    acts: 9,
    accepted: 1,
    edited: 1,
    refused: 1,
    wrong: 1,
    overCap: 2,
    lockedAt: at(3, 20),
    lockedWhy: /2 were undone or called wrong on one day/,
  })
  t.match(view.file_ticket, { acts: 3, atOnce: 2, accepted: 1, unjudged: 1, lockedAt: null })
  t.match(view.delegate, { trusted: false, acts: 1, atOnce: 0 })
})

t.test(
  'a shadow run reads all there is, batch by batch, and tells whose message it was',
  async (t) => {
    const db = await sqliteDatabase(t)
    const clock = createTestClock('2026-03-02T10:00:00.000Z')
    const turns = createTurns(db, clock)
    const digest = await turns.queue({ text: 'x', origin: 'digest' })
    const asked = await turns.queue({ text: 'x', origin: 'user' })
    const rowsOf = (days: number, turn: string, over = {}) => ({
      class: 'file_ticket',
      turn_id: turn,
      title: 'x',
      state: 'accepted',
      at_once: 0,
      created_at: new Date(clock.now().getTime() - days * DAY_MS).toISOString(),
      ...over,
    })
    const days = Array.from({ length: 500 }, (_, n) => n)
    for (let n = 0; n < 3; n += 1)
      await db.kysely
        .insertInto('acts')
        .values(days.map((day) => rowsOf(100 - day / 5, asked.id)))
        .execute()
    await db.kysely
      .insertInto('acts')
      .values([rowsOf(1, digest.id), rowsOf(1, asked.id, { state: 'done' }), rowsOf(400, asked.id)])
      .execute()
    const trust = createTrust(db, clock, { first: first() })
    const at = async (howFar: number, trusted?: ActionClass[]) =>
      (await trust.shadow({ days: howFar, ...(trusted ? { trusted } : {}) })).classes[0]
    t.match(await at(365, ['file_ticket']), {
      acts: 1_501,
      atOnce: 1_500,
      accepted: 1_500,
      overCap: 0,
    })
    t.match(await at(10, ['file_ticket']), { acts: 151, atOnce: 150 })
    const others = [
      { content: '{"questions":[{"text":"Which?"}]}' },
      { content: '{}', reason: 'It waits for you: Today’s cap is reached' },
      { content: '{}', asked_turn_id: asked.id },
      { content: '{"title":"\\"questions\\":[{"}' },
      { content: '{}', replaces: 'p2' },
    ]
    for (const [n, one] of others.entries()) {
      const id = `p${n}`
      const about = { id, origin: 'user', title: 'x', state: 'open', created_at: 'x', ...one }
      await db.kysely.insertInto('proposals').values(about).execute()
      const paused = n === 2 ? [rowsOf(0.5, asked.id)] : []
      const rows = [rowsOf(1, asked.id, { proposal_id: id }), ...paused]
      await db.kysely.insertInto('acts').values(rows).execute()
    }
    await db.kysely
      .insertInto('autonomy_events')
      .values([
        { kind: 'paused', by: 'person', at: rowsOf(0.55, '').created_at },
        { kind: 'resumed', by: 'person', at: rowsOf(0.45, '').created_at },
      ])
      .execute()
    t.match(
      await at(10, ['file_ticket']),
      { acts: 157, atOnce: 152 },
      'what waits always is no sign of what a class would have done',
    )
    t.match(await at(365), { trusted: false, acts: 1_507, atOnce: 0 }, 'as it stands, nothing')
  },
)
