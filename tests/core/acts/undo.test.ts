import type { Before } from '@mc/core/acts/act.ts'
import { type Acts, createActs } from '@mc/core/acts/acts.ts'
import { createUndo, type Undo } from '@mc/core/acts/undo.ts'
import { createAlerts } from '@mc/core/alerts/alerts.ts'
import { createDelegation } from '@mc/core/delegation/delegation.ts'
import { createRuns } from '@mc/core/runs/runs.ts'
import { createTickets } from '@mc/core/tickets/tickets.ts'
import type { ActionClass } from '@mc/core/trust/classes.ts'
import t, { type Test } from 'tap'
import { countQueries } from '../../bench/count-queries.ts'
import { createTestClock } from '../../support/clock.ts'
import { onEachDatabase, sqliteDatabase } from '../../support/database.ts'
import { by as accepting, file, openDesk } from '../../support/proposal-desk.ts'
import { blank, cancelling } from '../../support/trust.ts'

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

onEachDatabase('what an undo says is no writing of a person’s', async (t, db) => {
  const desk = openDesk(db)
  const undo = createUndo(db, desk.clock, cancelling(desk.clock))
  const accept = async () => {
    const steps = [file('a', { does: 'worker' })]
    const { proposal } = await desk.proposals.propose(await desk.turn(), { title: 'A', steps })
    await desk.proposals.accept(proposal.id, { by: accepting })
    const [filing, handing] = await desk.acts.of(proposal.id)
    if (!filing || !handing) throw new Error('Expected an act of filing and one of delegating')
    await cancelling(desk.clock).cancelRun(db, handing.before?.run ?? '', 'person')
    await desk.clock.advance(1_000)
    await undo.undo(handing.id, person)
    const [ticket] = (await desk.proposals.story(proposal.id)).tickets
    return { filing: filing.id, id: ticket?.id ?? 0 }
  }

  const one = await accept()
  t.match((await undo.undo(one.filing, person)).says, /is cancelled$/)

  const other = await accept()
  await desk.tickets.comment(other.id, 'I need this', person)
  await isRefused(
    t,
    { acts: desk.acts, undo },
    other.filing,
    /^A person has written on MC-\d+ since$/,
  )
})
