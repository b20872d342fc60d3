import type { Before } from '@mc/core/acts/act.ts'
import { type Acts, createActs } from '@mc/core/acts/acts.ts'
import { createUndo, type Undo } from '@mc/core/acts/undo.ts'
import { createAlerts } from '@mc/core/alerts/alerts.ts'
import { isoTime } from '@mc/core/clock.ts'
import { readConfig } from '@mc/core/config.ts'
import { createDelegation } from '@mc/core/delegation/delegation.ts'
import { handToLuci } from '@mc/core/delegation/hand-over.ts'
import { createRuns } from '@mc/core/runs/runs.ts'
import { createTickets } from '@mc/core/tickets/tickets.ts'
import { type ActionClass, actionClasses } from '@mc/core/trust/classes.ts'
import { decide, type Facts } from '@mc/core/trust/decide.ts'
import { PAUSE_SETTING } from '@mc/core/trust/held.ts'
import { whyLock } from '@mc/core/trust/lock-rule.ts'
import { byClass, firstCaps } from '@mc/core/trust/modes.ts'
import { createReplay, type PastAct } from '@mc/core/trust/replay.ts'
import { createTrust } from '@mc/core/trust/trust.ts'
import { createTurns } from '@mc/core/turns/turns.ts'
import type { Database } from '@mc/db/database.ts'
import { sql } from 'kysely'
import t, { type Test } from 'tap'
import { countQueries } from '../../bench/count-queries.ts'
import { createTestClock } from '../../support/clock.ts'
import { postgresDatabase, sqliteDatabase } from '../../support/database.ts'
import { until } from '../../support/until.ts'

const DAY_MS = 86_400_000
const user = { origin: 'user', author: 'person', evidence: {} } as const

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

const first = (trusted: readonly ActionClass[] = []) => ({
  switches: { autonomy: trusted.length > 0 ? 'trusted' : 'advisor' } as const,
  autonomy: { trusted },
})

const cancelling = (clock: ReturnType<typeof createTestClock>) => ({
  cancelRun: (tx: Database, id: string, by: string) =>
    createDelegation(tx, clock, { configured: true }).cancel(id, by),
})

const person = { actor: 'person' }

/** Undoing it is refused, and whoever looks at it was told so before. */
const isRefused = async (
  t: Test,
  { acts, undo }: { acts: Acts; undo: Undo },
  id: number,
  says: RegExp,
) => {
  const [seen] = await acts.seen([await acts.get(id)])
  t.match(seen, { undoable: false, notUndoable: says })
  await t.rejects(undo.undo(id, person), {
    code: 'conflict',
    message: `It cannot be undone: ${seen?.notUndoable}`,
  })
}

const blank = { proposalId: null, step: null, turnId: null, title: 'x', before: null }

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

t.test('each kind of act is taken back once, and not when it was changed since', async (t) => {
  const db = await sqliteDatabase(t)
  const clock = createTestClock()
  const acts = createActs(db, clock)
  const tickets = createTickets(db, clock)
  const runs = createRuns(db, clock)
  const undo = createUndo(db, clock, cancelling(clock))
  const by = { actor: 'luci', source: 'luci' }
  const act = (
    one: ActionClass,
    ref: string,
    before: object | null = null,
    proposalId: string | null = null,
    step: string | null = null,
  ) => acts.carryOut({ class: one, proposalId, step, turnId: null, title: one, ref, before })

  const filed = await tickets.file({ title: 'Filed' }, by)
  const filing = await act('file_ticket', filed.key)
  t.match(await acts.seen([filing]), [{ undoable: true, notUndoable: null }])
  t.match(await undo.undo(filing.id, person), {
    says: `${filed.key} is cancelled`,
    act: { correction: 'undone' },
  })
  t.match(await tickets.get(filed.id), { status: 'cancelled', resolution: null })
  t.match(
    (await tickets.events(filed.id)).map((event) => event.body),
    [null, /^Undone/, null],
  )
  await t.rejects(undo.undo(filing.id, person), { code: 'conflict', message: /undone already/ })
  t.match(
    await acts.seen([await acts.get(filing.id)]),
    [{ undoable: false, notUndoable: null }],
    'what is undone needs no words on why it is not undone',
  )

  const closed = await tickets.file({ title: 'Closed', status: 'review' }, by)
  await tickets.change(closed.id, { status: 'done', resolution: 'fixed' }, by)
  const closing = await act('close', closed.key, { status: 'review' })
  t.match(await undo.undo(closing.id, person), { says: `${closed.key} is review again` })
  t.match(await tickets.get(closed.id), { status: 'review', resolution: null })

  const rewritten = await tickets.file({ title: 'Rewritten by a person' }, by)
  const theirs = await act('file_ticket', rewritten.key, null)
  await clock.advance(1_000)
  await tickets.change(rewritten.id, { title: 'Quite another thing' }, person)
  await isRefused(t, { acts, undo }, theirs.id, /^A person has written on MC-\d+ since$/)
  t.equal((await tickets.get(rewritten.id)).status, 'todo')

  const reopened = await tickets.file({ title: 'Reopened by a person', status: 'done' }, by)
  const tooLate = await act('close', reopened.key, { status: 'todo' })
  await tickets.move(reopened.id, 'doing', person)
  await isRefused(t, { acts, undo }, tooLate.id, /^MC-\d+ is doing by now$/)
  t.match(
    await acts.get(tooLate.id),
    { correction: null, undoneAt: null },
    'nothing is counted then',
  )

  const work = await tickets.file({ title: 'For a worker', status: 'parked' }, by)
  const queued = await createDelegation(db, clock, { configured: true }).queue(work.id, 'luci')
  const handing = await act('delegate', work.key, { status: 'parked', run: queued.id })
  t.match(await undo.undo(handing.id, person), { says: /is not started, and it is parked again/ })
  t.match(await tickets.get(work.id), { status: 'parked' })
  t.match(await runs.get(queued.id), { status: 'cancelled' })

  const { alert } = await createAlerts(db, clock, { repeatIntervalMs: 0 }).raise({
    fingerprint: 'x',
    kind: 'note',
    title: 'Told',
    text: '',
  })
  const telling = await act('alert', String(alert.id))
  t.match(await undo.undo(telling.id, person), { says: `Alert ${alert.id} is withdrawn` })
  t.match(await createAlerts(db, clock, { repeatIntervalMs: 0 }).get(alert.id), {
    state: 'resolved',
  })

  const both = await tickets.file({ title: 'Filed for a worker', does: 'worker' }, by)
  const begun = await createDelegation(db, clock, { configured: true }).queue(both.id, 'luci')
  await act('file_ticket', both.key, null, 'aaaaaa', 'one')
  await act('delegate_low_risk', both.key, { status: 'todo', run: begun.id }, 'aaaaaa', 'one')
  await act('file_ticket', reopened.key, null, 'aaaaaa', 'two')
  const steps = await undo.undoAll('aaaaaa', person)
  t.match(
    steps.map(({ undone, says }) => [undone, says]),
    [
      [false, /is doing by now/],
      [true, /is not started/],
      [true, `${both.key} is cancelled`],
    ],
  )
  await t.rejects(undo.undoAll('bbbbbb', person), { message: /nothing of it/ })

  const delegation = createDelegation(db, clock, { configured: true })
  const tried = async (title: string, proposal: string) => {
    const ticket = await tickets.file({ title, status: 'parked', does: 'worker' }, by)
    const run = await delegation.queue(ticket.id, 'luci')
    await act('file_ticket', ticket.key, null, proposal, 'one')
    await act('delegate', ticket.key, { status: 'parked', run: run.id }, proposal, 'one')
    return { ticket, run: (await delegation.take(`w-${proposal}`, 1)) ?? run }
  }
  const failed = await tried('Failed', 'cccccc')
  t.match(
    await acts.seen(await acts.of('cccccc')),
    [
      { undoable: false, notUndoable: /^Work on MC-\d+ has begun/, undoableTogether: true },
      { undoable: true, notUndoable: null, undoableTogether: true },
    ],
    'once the worker is stopped, the ticket goes too',
  )
  await delegation.end(failed.run, { status: 'failed', cause: 'Exit code 1' })
  t.match(
    (await undo.undoAll('cccccc', person)).map(({ undone, says }) => [undone, says]),
    [
      [false, /is done with it/],
      [true, `${failed.ticket.key} is cancelled`],
    ],
  )
  t.match(
    (await acts.of('cccccc')).map(({ undoneAt }) => undoneAt !== null),
    [true, false],
    'what was refused is not marked as undone',
  )
  const stopped = await tried('Stopped by a pause', 'dddddd')
  await delegation.end(stopped.run, { status: 'cancelled', cause: 'cancelled by the pause: x' })
  t.match(
    (await undo.undoAll('dddddd', person)).map(({ undone, says }) => [undone, says]),
    [
      [true, /was cancelled by the pause: x, and it is parked again/],
      [true, `${stopped.ticket.key} is cancelled`],
    ],
  )
})

t.test('an undo claims only what holds, and leaves what goes on', async (t) => {
  const db = await sqliteDatabase(t)
  const clock = createTestClock()
  const acts = createActs(db, clock)
  const tickets = createTickets(db, clock)
  const undo = createUndo(db, clock, cancelling(clock))
  const luci = { actor: 'luci' }
  const act = (one: ActionClass, ref: string, before: Before | null = null) =>
    acts.carryOut({ ...blank, class: one, ref, before })
  const closed = async (title: string, before: Before) => {
    const { id } = await tickets.file({ title }, luci)
    const { key, version } = await tickets.move(id, 'done', luci)
    return { id, key, act: await act('close', key, { ...before, version }) }
  }

  const settled = await closed('Settled', { status: 'todo' })
  await tickets.change(settled.id, { resolution: 'fixed' }, person)
  await isRefused(t, { acts, undo }, settled.act.id, /was changed since$/)

  const worked = await closed('Worked on', { status: 'doing', run: '0123456789abcdef' })
  t.match((await undo.undo(worked.act.id, person)).says, /is todo again; its worker was ended/)

  const before = await closed('Before', { status: 'review' })
  const after = await tickets.file({ title: 'After', status: 'doing' }, person)
  await tickets.link(after.id, before.id, person)
  t.equal(
    (await undo.undo(before.act.id, person)).says,
    `${before.key} is review again; ${after.key}, which waited for it, is doing all the same`,
  )

  const work = await tickets.file({ title: 'Waits', status: 'blocked' }, person)
  await tickets.link(work.id, before.id, person)
  const run = await createDelegation(db, clock, { configured: true }).queue(work.id, 'luci')
  const handing = await act('delegate', work.key, { status: 'blocked', run: run.id })
  await tickets.move(before.id, 'done', person)
  t.match((await undo.undo(handing.id, person)).says, /is not started, and it is todo again/)

  const { alert } = await createAlerts(db, clock, { repeatIntervalMs: 0 }).raise({
    fingerprint: 'x',
    kind: 'note',
    title: 'Told',
    text: '',
  })
  const there = await act('alert', String(alert.id), { counted: true })
  await isRefused(t, { acts, undo }, there.id, /had been raised before/)

  const whole = await tickets.file({ title: 'Whole' }, luci)
  const part = await tickets.file({ title: 'Part', parentId: whole.id, status: 'doing' }, luci)
  const of = { ...blank, class: 'file_ticket', proposalId: 'cccccc' } as const
  await acts.carryOut({ ...of, ref: whole.key })
  await acts.carryOut({ ...of, step: 'part', ref: part.key })
  const steps = await undo.undoAll('cccccc', person)
  t.match(
    steps.map(({ undone, says }) => [undone, says]),
    [
      [false, /is doing by now/],
      [false, `It cannot be undone: ${part.key} of ${whole.key} goes on`],
    ],
  )
  t.match(await tickets.get(whole.id), { status: 'todo' })

  const queries = countQueries(db)
  const few = (await acts.seen(await acts.list({ limit: 2 }))).length
  const forFew = queries()
  const all = (await acts.seen(await acts.list())).length
  t.ok(few === 2 && all > 6)
  t.ok(queries() - forFew <= 7, 'a longer list asks no more than a short one')

  const agreed = await tickets.file({ title: 'Agreed' }, person)
  await acts.propose({ ...of, step: 'agreed', proposalId: 'dddddd' })
  await acts.decide('dddddd', 'agreed', { state: 'accepted', by: 'person', ref: agreed.key })
  await undo.undoAll('dddddd', person)
  t.ok(
    (await tickets.events(agreed.id)).some(({ body }) => body?.startsWith('Undone: Luci proposed')),
  )
})

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
