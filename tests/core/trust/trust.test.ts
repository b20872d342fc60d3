import { type Acts, createActs } from '@mc/core/acts/acts.ts'
import { createUndo } from '@mc/core/acts/undo.ts'
import { createAlerts } from '@mc/core/alerts/alerts.ts'
import { readConfig } from '@mc/core/config.ts'
import { createTickets } from '@mc/core/tickets/tickets.ts'
import { type ActionClass, actionClasses } from '@mc/core/trust/classes.ts'
import { decide, type Facts } from '@mc/core/trust/decide.ts'
import { whyLock } from '@mc/core/trust/lock-rule.ts'
import { byClass, firstCaps } from '@mc/core/trust/modes.ts'
import { createTrust } from '@mc/core/trust/trust.ts'
import { sql } from 'kysely'
import t from 'tap'
import { createTestClock } from '../../support/clock.ts'
import { postgresDatabase, sqliteDatabase } from '../../support/database.ts'
import { blank, cancelling, first, user } from '../../support/trust.ts'
import { until } from '../../support/until.ts'

const facts = (over: Partial<Facts> = {}, trusted: readonly ActionClass[] = []): Facts => ({
  main: 'trusted',
  modes: byClass((one) => ({
    mode: trusted.includes(one) ? 'trusted' : 'advisor',
    from: 'person',
    locked: null,
    setBy: null,
    setAt: null,
  })),
  caps: firstCaps,
  used: byClass(() => 0),
  held: null,
  ...over,
})

const doAtOnce = (acts: Acts, n: number, over: { class?: ActionClass; proposalId?: string } = {}) =>
  acts.carryOut({
    class: over.class ?? 'close',
    proposalId: over.proposalId ?? null,
    step: null,
    turnId: null,
    title: `Act ${n}`,
    ref: `MC-${n}`,
    before: null,
  })

t.test('MC_AUTONOMY is advisor, trusted, or the names of classes', async (t) => {
  const read = (value?: string) => {
    const { switches, autonomy } = readConfig(value ? { MC_AUTONOMY: value } : {}, '/srv/mc')
    return { main: switches.autonomy, trusted: autonomy.trusted }
  }
  t.same(read(), { main: 'advisor', trusted: [] })
  t.same(read('advisor'), { main: 'advisor', trusted: [] })
  t.same(read('trusted'), { main: 'trusted', trusted: actionClasses })
  t.same(read('close, file_ticket'), { main: 'trusted', trusted: ['file_ticket', 'close'] })
  try {
    read('file_ticket,everything')
    t.fail('an unknown class was taken')
  } catch (error) {
    t.match((error as { problems: string[] }).problems, [
      /MC_AUTONOMY: expected advisor, trusted, or some of file_ticket.*got "file_ticket,everything"/,
    ])
  }
})

t.test(
  'what is done at once is decided by the turn, the switch, the class and its cap',
  async (t) => {
    const says = (
      classes: readonly ActionClass[],
      given: Facts,
      turn: Parameters<typeof decide>[1] = user,
    ) => decide(classes, turn, given)
    const unlocked = facts({}, ['file_ticket', 'close'])
    t.match(says(['close'], unlocked), {
      atOnce: true,
      reason: /you unlocked closing tickets \(1 of 20 today\)/,
    })
    t.match(says(['close'], facts()), {
      atOnce: false,
      reason: /^Closing tickets waits for you: you have not unlocked it/,
    })
    t.match(says(['close', 'delegate'], unlocked), {
      atOnce: false,
      reason: /^Delegating work waits/,
    })
    t.match(says(['close'], { ...unlocked, main: 'advisor' }), {
      atOnce: false,
      reason: /Autonomy is set to Advise/,
    })
    for (const origin of ['digest', 'pane', 'system'] as const)
      t.match(says(['close'], unlocked, { ...user, origin }), {
        atOnce: false,
        reason: /person’s own message/,
      })
    for (const origin of ['telegram', 'api'] as const)
      t.equal(says(['close'], unlocked, { ...user, origin }).atOnce, true)
    t.match(says(['close'], unlocked, { ...user, evidence: { swayed: 'x' } }), {
      atOnce: false,
      reason: /a text that gives her orders/,
    })
    t.match(says(['close'], unlocked, { ...user, author: 'pickup' }), {
      atOnce: false,
      reason: /does a ticket in this turn/,
    })
    const held = {
      by: 'pause',
      reason: 'Autonomous action is paused: moving',
      since: null,
    } as const
    t.match(says(['close'], { ...unlocked, held }), { atOnce: false, reason: /paused: moving/ })
    const used = { ...byClass(() => 0), close: 19 }
    t.equal(says(['close'], { ...unlocked, used }).atOnce, true)
    t.match(says(['close', 'close'], { ...unlocked, used }), {
      atOnce: false,
      reason: /2 more, and 19 of 20/,
    })
    t.match(says(['close'], { ...unlocked, used: { ...used, close: 20 } }), {
      atOnce: false,
      reason: /20 of 20 a day/,
    })
    t.equal(says([], unlocked).atOnce, false)
  },
)

t.test('a few alerts a day need no unlocking, until the class is locked', async (t) => {
  const used = (alert: number) => ({ ...byClass(() => 0), alert })
  t.match(decide(['alert'], user, facts({ main: 'advisor', used: used(4) })), {
    atOnce: true,
    reason: /5 of 5 today/,
  })
  t.match(decide(['alert'], user, facts({ used: used(5) })), {
    atOnce: false,
    reason: /5 of 5 a day/,
  })
  t.equal(decide(['alert'], user, facts({ used: used(5) }, ['alert'])).atOnce, true)
  const locked = facts()
  locked.modes.alert = { ...locked.modes.alert, locked: 'two were wrong' }
  t.match(decide(['alert'], user, locked), {
    atOnce: false,
    reason: /locked again, as two were wrong/,
  })
})

t.test('a class locks with three objections of the last twenty, or two of one day', async (t) => {
  const one = (decision: string, objectedAt: string | null = null) => ({ decision, objectedAt })
  const fine = (count: number) => Array.from({ length: count }, (_, n) => one(`fine ${n}`))
  const [monday, tuesday, today] = ['2026-03-02T10:00:00Z', '2026-03-03T10:00:00Z', '2026-03-04']
  t.equal(whyLock([one('a', monday), one('b', tuesday)], today), null)
  t.match(
    whyLock([one('a', monday), one('b', tuesday), one('c', `${today}T01:00:00Z`)], today),
    /3 of the last 3/,
  )
  t.match(
    whyLock([one('a', monday), ...fine(3), one('b', monday)], '2026-03-02'),
    /2 were undone .* one day/,
  )
  t.equal(
    whyLock([one('a', monday), one('a', monday), one('a', monday)], '2026-03-02'),
    null,
    'one proposal is one decision',
  )
  t.equal(
    whyLock([one('a', monday), ...fine(18), one('b', tuesday), one('c', tuesday)], today),
    null,
    'the 21st is no longer looked at',
  )
})

t.test(
  'objections lock a class in their own transaction, are told once, and unlocking takes a look',
  async (t) => {
    const db = await sqliteDatabase(t)
    const clock = createTestClock()
    const trust = createTrust(db, clock, { first: first(['close']) })
    const acts = createActs(db, clock)
    t.equal((await trust.may(['close'], user)).atOnce, true)
    const done = []
    for (const n of [1, 2, 3]) done.push(await doAtOnce(acts, n))
    await acts.correct(done[0]?.id ?? 0, { correction: 'wrong', by: 'person', note: 'No\u001b[2J' })
    t.equal((await trust.may(['close'], user)).atOnce, true, 'one is no reason')
    t.equal((await acts.get(done[0]?.id ?? 0)).note?.includes('\u001b'), false)
    await acts.correct(done[1]?.id ?? 0, { correction: 'undone', by: 'person' })
    t.match(await trust.may(['close'], user), { atOnce: false, reason: /locked again/ })
    const close = (await trust.classes()).find((one) => one.class === 'close')
    t.match(close, {
      mode: 'advisor',
      from: 'lock',
      locked: /2 were undone/,
      record: { atOnce: 3, undone: 1, wrong: 1, right: 33 },
    })
    await acts.correct(done[2]?.id ?? 0, { correction: 'wrong', by: 'person' })
    const alerts = await createAlerts(db, clock, { repeatIntervalMs: 0 }).list()
    t.match(
      alerts.map(({ title }) => title),
      ['Locked again: Close tickets'],
    )
    await trust.set('close', { mode: 'advisor', by: 'person' })
    await t.rejects(trust.set('close', { mode: 'trusted', by: 'person' }), {
      code: 'conflict',
      message: /was locked again/,
    })
    await clock.advance(60_000)
    await trust.set('close', { mode: 'trusted', seen: true, by: 'person' })
    t.equal((await trust.may(['close'], user)).atOnce, true)
    const again = await doAtOnce(acts, 4)
    await acts.correct(again.id, { correction: 'wrong', by: 'person' })
    t.equal(
      (await trust.may(['close'], user)).atOnce,
      true,
      'what was before it was unlocked does not count',
    )
    t.match(
      (await trust.history()).map(({ kind }) => kind),
      ['unlocked', 'advised', 'locked'],
    )
    await t.rejects(acts.correct(again.id, { correction: 'wrong', by: 'person' }), {
      code: 'conflict',
    })
    const waiting = await acts.propose({
      class: 'close',
      proposalId: 'abcdef',
      step: 'a',
      turnId: null,
      title: 'x',
    })
    await t.rejects(acts.correct(waiting.id, { correction: 'wrong', by: 'person' }), {
      message: /was not done/,
    })
  },
)

t.test('the first unlocked class turns the switch on, unless a person turned it off', async (t) => {
  const db = await sqliteDatabase(t)
  const clock = createTestClock()
  const trust = createTrust(db, clock, { first: first() })
  await trust.set('file_ticket', { mode: 'trusted', by: 'person' })
  t.match(await trust.may(['file_ticket'], user), { atOnce: true })
  t.match(await trust.may(['close'], user), { atOnce: false })
  await trust.setCap('file_ticket', { cap: 0, by: 'person' })
  t.match(await trust.may(['file_ticket'], user), { atOnce: false, reason: /0 of 0/ })
  await t.rejects(trust.setCap('file_ticket', { cap: 1.5, by: 'person' }), { code: 'invalid' })
  await db.kysely
    .updateTable('settings')
    .set({ value: '"advisor"' })
    .where('name', '=', 'switch.autonomy')
    .execute()
  await trust.set('close', { mode: 'trusted', by: 'person' })
  t.match(await trust.view(), { main: 'advisor' })
  t.match(await trust.may(['close'], user), { atOnce: false, reason: /set to Advise/ })
})

t.test('what races is decided once, also where two may write at the same time', async (t) => {
  const db = await postgresDatabase(t)
  const clock = createTestClock('2026-03-02T23:00:00.000Z')
  const trust = createTrust(db, clock, { first: first(['close']) })
  const acts = createActs(db, clock)
  await trust.setCap('close', { cap: 3, by: 'person' })
  const one = (n: number) =>
    db.transaction(async (tx) => {
      const { atOnce } = await trust.may(['close'], user, tx)
      if (atOnce) await doAtOnce(createActs(tx, clock), n)
      return atOnce
    })
  const asked = await Promise.all([1, 2, 3, 4, 5, 6].map(one))
  t.equal(asked.filter(Boolean).length, 3, 'the day’s cap holds')
  await clock.advance(3_600_000)
  t.equal(await one(7), true, 'and is free again at midnight UTC')

  const { id, key } = await createTickets(db, clock).file({ title: 'x' }, { actor: 'luci' })
  const filing = await acts.carryOut({ ...blank, class: 'file_ticket', ref: key })
  const undo = createUndo(db, clock, cancelling(clock))
  const twice = [1, 2, 3].map(() => undo.undo(filing.id, { actor: 'person' }))
  const undone = await Promise.allSettled(twice)
  t.equal(undone.filter(({ status }) => status === 'fulfilled').length, 1, 'undone once')
  const comments = (await createTickets(db, clock).events(id)).filter(
    ({ kind }) => kind === 'commented',
  )
  t.equal(comments.length, 1)

  const steps: string[] = []
  const asks = Promise.withResolvers<void>()
  const ends = Promise.withResolvers<void>()
  const carrying = db.transaction(async (tx) => {
    await trust.may(['close'], user, tx)
    asks.resolve()
    await ends.promise
    steps.push('carried out')
  })
  await asks.promise
  const pausing = trust
    .pause({ by: 'person' }, cancelling(clock))
    .then(() => void steps.push('paused'))
  await until('the pause waits', async () => {
    const { rows } = await sql`select 1 from pg_locks where not granted and locktype = 'advisory'
      and database = (select oid from pg_database where datname = current_database())`.execute(
      db.kysely,
    )
    return rows.length > 0
  })
  ends.resolve()
  await Promise.all([carrying, pausing])
  t.same(steps, ['carried out', 'paused'], 'a pause waits for what is being carried out')
})
