import { createDelegation } from '@mc/core/delegation/delegation.ts'
import type { Content, FileStep } from '@mc/core/proposals/proposal.ts'
import type { Run } from '@mc/core/runs/run.ts'
import type { Database } from '@mc/db/database.ts'
import { lockName } from '@mc/db/lock.ts'
import { sql } from 'kysely'
import t from 'tap'
import { onEachDatabase, sqliteDatabase } from '../../support/database.ts'
import { backups, by, file, openDesk, states } from '../../support/proposal-desk.ts'
import { until } from '../../support/until.ts'

/** Until somebody waits for a lock of another; on SQLite writers wait before they begin. */
const othersWait = async (db: Database): Promise<void> => {
  if (db.dialect !== 'postgres') return
  const waiting = sql`select pid from pg_stat_activity
    where datname = current_database() and wait_event_type = 'Lock'`
  await until(
    'another transaction waits',
    async () => (await waiting.execute(db.kysely)).rows.length > 0,
  )
}

/** Transactions of a desk, and how many began: the victim of a deadlock is repeated in silence. */
const counting = (db: Database) => {
  const begun = { count: 0 }
  const each = <T>(work: (desk: ReturnType<typeof openDesk>, tx: Database) => Promise<T>) =>
    db.transaction((tx) => {
      begun.count += 1
      return work(openDesk(tx), tx)
    })
  return { begun, each }
}

onEachDatabase('what is accepted is filed, linked and handed over in one go', async (t, db) => {
  const desk = openDesk(db)
  const { proposal, outcome, reason } = await desk.proposals.propose(await desk.turn(), backups)
  t.equal(outcome, 'waits')
  t.match(reason, 'you have not unlocked it')
  t.same(await desk.tickets.list(), [], 'nothing is done before')
  const accepted = await desk.proposals.accept(proposal.id, { version: 1, by })
  const { tickets } = await desk.proposals.story(proposal.id)
  const [parent, copy, trial, report] = tickets
  t.match(
    tickets.map(({ title, status, does, risk }) => ({ title, status, does, risk })),
    [
      { title: 'Backups that restore', status: 'todo', does: null },
      { title: 'Do copy', status: 'doing', does: 'worker', risk: 'low' },
      { title: 'Do trial', status: 'blocked', does: 'worker', risk: 'medium' },
      { title: 'Do report', status: 'blocked', does: 'person' },
    ],
  )
  t.same(
    [copy, trial, report].map((one) => one?.parentId),
    [parent?.id, parent?.id, parent?.id],
  )
  t.same(
    (await desk.tickets.blockers(report?.id ?? 0)).map(({ id }) => id),
    [copy?.id, trial?.id],
  )
  t.same(
    (await desk.runs.open()).map(({ ticketId }) => ticketId),
    [copy?.id, trial?.id],
  )
  t.match(accepted, { state: 'accepted', version: 2, decidedBy: 'person', parentId: parent?.id })
  t.same(accepted.accepted, accepted.content)
  t.same(await states(desk, proposal.id), [
    'copy file_ticket accepted',
    'copy delegate_low_risk accepted',
    'trial file_ticket accepted',
    'trial delegate accepted',
    'report file_ticket accepted',
  ])
})

onEachDatabase('chosen, edited and ordered steps are what is written down', async (t, db) => {
  const desk = openDesk(db)
  const { proposal } = await desk.proposals.propose(await desk.turn(), backups)
  const content: Content = {
    title: backups.title,
    steps: [
      file('report', { after: ['trial', 'copy'] }),
      file('trial', { does: 'person', title: 'Try it \u001b[31mby hand', after: ['copy'] }),
      file('mine', { title: 'Tell the neighbours' }),
    ],
  }
  const accepted = await desk.proposals.accept(proposal.id, { version: 1, content, by })
  const { tickets } = await desk.proposals.story(proposal.id)
  t.match(
    tickets.map(({ title, status, parentId }) => ({ title, status, parentId })),
    [
      { title: 'Do report', status: 'blocked', parentId: null },
      { title: 'Try it by hand', status: 'todo' },
      { title: 'Tell the neighbours', status: 'todo' },
    ],
  )
  t.same(
    tickets.map(({ source }) => source),
    ['luci', 'luci', 'composer'],
    'a step that the person added is theirs',
  )
  t.match(accepted.accepted, {
    steps: [{ name: 'report', after: ['trial', 'copy'] }, { title: 'Try it by hand' }, {}],
  })
  t.same(accepted.content, proposal.content, 'what she proposed stays as it was')
  const said = await desk.tickets.events(tickets[0]?.id ?? 0)
  t.match(
    said.find(({ kind }) => kind === 'commented'),
    {
      actor: 'pickup',
      body: 'It does not wait for “Do copy”, which was proposed with it and not accepted.',
    },
  )
  t.same(await states(desk, proposal.id), [
    'copy file_ticket refused',
    'copy delegate_low_risk refused',
    'trial file_ticket edited',
    'trial delegate edited',
    'report file_ticket accepted',
  ])
})

onEachDatabase('a ticket is handed to a worker as the person knows it', async (t, db) => {
  const desk = openDesk(db)
  const site = await desk.tickets.file({ title: 'The site', body: 'Build it' }, by)
  const other = await desk.tickets.file({ title: 'Other' }, by)
  const step = (name: string, ticket: string) =>
    ({ do: 'delegate', name, ticket, risk: 'medium' }) as const
  const { proposal } = await desk.proposals.propose(await desk.turn(), {
    title: 'Have it done',
    steps: [step('site', site.key), step('other', other.key)],
  })
  const { id } = proposal
  await desk.clock.advance(1_000)
  await desk.tickets.comment(site.id, 'Soon?', by)
  await desk.tickets.change(site.id, { status: 'parked', priority: 'low' }, by)
  await desk.tickets.move(site.id, 'todo', by)
  const now = async () => (await desk.proposals.story(id)).ticketEdits
  t.same(await now(), [], 'where it stands and what is said below it is no edit')

  await desk.tickets.change(site.id, { body: 'Delete it' }, { actor: 'luci' })
  await desk.tickets.change(site.id, { title: 'No site' }, by)
  const [edited] = await now()
  t.match(edited, {
    ticket: site.key,
    fields: [
      { field: 'title', before: 'The site', after: 'No site' },
      { field: 'body', before: 'Build it', after: 'Delete it' },
    ],
  })
  await t.rejects(desk.proposals.accept(id, { version: 1, by }), {
    code: 'conflict',
    message: `${site.key} was changed since this was proposed: its title and its description`,
  })
  t.match(await desk.runs.open(), [], 'nothing of it is done')
  const seen = edited?.edit
  await desk.tickets.change(site.id, { body: 'Delete all' }, { actor: 'luci' })
  await t.rejects(desk.proposals.accept(id, { version: 1, seen, by }), {
    message: `${site.key} was changed since you looked at it: its description`,
  })
  await desk.tickets.change(site.id, { body: 'Delete it' }, by)
  const content = { ...proposal.content, steps: [step('other', other.key)] }
  t.match(
    await desk.proposals.ticketEdits([
      { ...proposal, content },
      { ...proposal, state: 'refused' },
    ]),
    new Map([[id, []]]),
    'a step that is not chosen needs no second look',
  )
  t.match(
    await desk.proposals.accept(id, { version: 1, seen, by }),
    { state: 'accepted' },
    'as they saw it, since it reads so again',
  )
  t.equal((await desk.runs.open()).length, 2)
})

onEachDatabase('what she changes on a ticket and who hands it over take turns', async (t, db) => {
  const desk = openDesk(db)
  const ticket = await desk.tickets.file({ title: 'Old' }, by)
  const steps = [{ do: 'delegate', name: 'a', ticket: ticket.key, risk: 'low' } as const]
  const { proposal } = await desk.proposals.propose(await desk.turn(), { title: 'x', steps })
  await desk.clock.advance(1_000)
  const looked = Promise.withResolvers<void>()
  const edited = Promise.withResolvers<void>()
  t.teardown(() => edited.resolve())
  const editing = desk.proposals.unlessGiven(ticket, async (tickets) => {
    looked.resolve()
    await edited.promise
    return tickets.change(ticket.id, { title: 'New' }, { actor: 'luci' })
  })
  await looked.promise
  const accepting = desk.proposals.accept(proposal.id, { by })
  await othersWait(db)
  edited.resolve()
  await t.rejects(accepting, { message: /was changed since this was proposed: its title/ })
  t.match(await editing, { title: 'New' })

  await createDelegation(db, desk.clock, { configured: true }).queue(ticket.id, 'person')
  await t.rejects(
    desk.proposals.unlessGiven(ticket, async () => t.fail('nothing is changed by now')),
    { code: 'forbidden', message: /was given/ },
  )
})

onEachDatabase('she and a person draw links of one ticket, neither in vain', async (t, db) => {
  const { tickets } = openDesk(db)
  const { begun, each } = counting(db)
  for (const title of ['One', 'Two', 'Three']) await tickets.file({ title }, by)
  const one = await tickets.get(1)
  const looked = Promise.withResolvers<void>()
  const goOn = Promise.withResolvers<void>()
  t.teardown(() => goOn.resolve())
  const hers = each((desk) =>
    desk.proposals.unlessGiven(one, async (its) => {
      looked.resolve()
      await goOn.promise
      await its.link(1, 3, { actor: 'luci' })
    }),
  )
  await looked.promise
  const theirs = [
    each((desk) => desk.tickets.link(2, 1, by)),
    each((desk) => desk.tickets.setParent(1, 2, by)),
  ]
  await othersWait(db)
  goOn.resolve()
  await Promise.all([hers, ...theirs])
  t.same(await tickets.waits([1, 2]), [
    { id: 1, blockedBy: 3 },
    { id: 2, blockedBy: 1 },
  ])
  t.equal((await tickets.get(1)).parentId, 2)
  t.equal(begun.count, 3, 'none was a deadlock’s')
})

onEachDatabase('who hands over what somebody else does now waits, and hears so', async (t, db) => {
  const { tickets, proposals, turn, clock, runs } = openDesk(db)
  const { begun, each } = counting(db)
  for (const title of ['One', 'Two', 'Three']) await tickets.file({ title }, by)
  const { proposal } = await proposals.propose(await turn(), {
    title: 'x',
    steps: [
      { do: 'close', name: 'c', ticket: 'MC-3', status: 'done' },
      { do: 'delegate', name: 'b', ticket: 'MC-2', risk: 'low' },
      { do: 'delegate', name: 'a', ticket: 'MC-1', risk: 'low' },
    ],
  })
  const named = Promise.withResolvers<void>()
  const goOn = Promise.withResolvers<void>()
  t.teardown(() => goOn.resolve())
  const theirs = each(async (desk, tx) => {
    // As who delegates it does first.
    await lockName(tx, 'delegate:1')
    named.resolve()
    await goOn.promise
    const delegation = createDelegation(tx, clock, { configured: true })
    for (const id of [1, 2]) await delegation.queue(id, 'person')
    await desk.tickets.move(3, 'parked', by)
  })
  await named.promise
  const accepting = each((desk) => desk.proposals.accept(proposal.id, { by }))
  await othersWait(db)
  goOn.resolve()
  // On SQLite it was not judged before.
  await t.rejects(accepting, {
    message: db.dialect === 'postgres' ? /^MC-2 is already being done/ : /mistakes/,
  })
  await theirs
  t.equal((await runs.open()).length, 2)
  t.equal(begun.count, 2, 'none was a deadlock’s')
})

t.test('a folder that a person names may be anywhere, as it was proposed it may not', async (t) => {
  const db = await sqliteDatabase(t)
  const asked: unknown[] = []
  const desk = openDesk(db, {
    refusedFolder: (folder, _, lucis) => {
      asked.push([folder, lucis])
      return lucis && folder !== '/open' ? `not to ${folder}` : null
    },
    folders: { folder: '/', folders: ['/open'] },
  })
  const here = import.meta.dirname
  const of = (folder: string): Content => ({
    title: 'Tidy',
    steps: [file('tidy', { does: 'worker', folder })],
  })
  await t.rejects(desk.proposals.propose(await desk.turn(), of(here)), { message: /not to/ })
  const { proposal } = await desk.proposals.propose(await desk.turn(), of('/open'))
  await t.rejects(desk.proposals.accept(proposal.id, { by }), { message: /no folder \/open/ })
  await desk.proposals.accept(proposal.id, { content: of(here), by })
  t.same(asked.at(-1), [here, false])
  const [run] = await desk.runs.open()
  t.equal(run?.cwd, here)
  const again = createDelegation(db, desk.clock, { configured: true, folder: '/', folders: [] })
  t.same(await again.folderOf(run as Run), { path: here }, 'nor when it begins')
})

onEachDatabase('a proposal is decided once, and as it was seen', async (t, db) => {
  const desk = openDesk(db)
  const { proposal } = await desk.proposals.propose(await desk.turn(), backups)
  await t.rejects(desk.proposals.accept(proposal.id, { version: 2, by }), {
    code: 'conflict',
    stale: true,
  })
  const both = await Promise.allSettled([
    desk.proposals.accept(proposal.id, { version: 1, by }),
    desk.proposals.refuse(proposal.id, { version: 1, by }),
    desk.proposals.park(proposal.id, { version: 1, by }),
    desk.proposals.accept(proposal.id, { version: 1, by }),
  ])
  t.equal(both.filter(({ status }) => status === 'fulfilled').length, 1)
  const { state } = await desk.proposals.get(proposal.id)
  t.equal((await desk.tickets.list()).length, state === 'refused' ? 0 : 4)
  await t.rejects(desk.proposals.accept(proposal.id, { by }), {
    code: 'conflict',
    message: `Proposal ${proposal.id} is ${state} already`,
  })
})

onEachDatabase('parked, all is filed and nothing starts', async (t, db) => {
  const desk = openDesk(db)
  const old = await desk.tickets.file({ title: 'Old' }, by)
  const steps = [...backups.steps, { do: 'close', name: 'old', ticket: old.key, status: 'done' }]
  const { proposal } = await desk.proposals.propose(await desk.turn(), {
    ...backups,
    steps,
  } as Content)
  const parked = await desk.proposals.park(proposal.id, { version: 1, by })
  const { tickets } = await desk.proposals.story(proposal.id)
  t.same(
    tickets.map(({ status }) => status),
    ['parked', 'parked', 'parked', 'parked'],
  )
  t.same(await desk.runs.open(), [])
  t.equal((await desk.tickets.blockers(tickets[3]?.id ?? 0)).length, 2)
  t.equal((await desk.tickets.get(old.id)).status, 'todo')
  t.equal(parked.accepted?.steps.length, 3)
  t.match(await states(desk, proposal.id), [
    /parked/,
    /parked/,
    /parked/,
    /parked/,
    /parked/,
    'old close refused',
  ])
})

onEachDatabase('refused, nothing of it is done and the reason stays', async (t, db) => {
  const desk = openDesk(db)
  const { proposal } = await desk.proposals.propose(await desk.turn(), backups)
  const refused = await desk.proposals.refuse(proposal.id, { reason: 'The machine is gone', by })
  t.match(refused, { state: 'refused', reason: 'The machine is gone', accepted: null })
  t.same(await desk.tickets.list(), [])
  t.ok((await desk.acts.of(proposal.id)).every(({ state }) => state === 'refused'))
})

onEachDatabase('no worker is no reason to lose what was accepted', async (t, db) => {
  const desk = openDesk(db, { workers: false })
  const { proposal } = await desk.proposals.propose(await desk.turn(), backups)
  await desk.proposals.accept(proposal.id, { by })
  const { tickets } = await desk.proposals.story(proposal.id)
  t.same(
    tickets.map(({ status }) => status),
    ['todo', 'todo', 'blocked', 'blocked'],
  )
  t.match(
    (await desk.tickets.events(tickets[1]?.id ?? 0)).at(-1),
    { actor: 'pickup', body: /MC_WORKER_COMMAND/ },
    'who accepted it did not say that',
  )
  t.match(
    (await desk.acts.seen(await desk.acts.of(proposal.id))).find(
      ({ class: one }) => one === 'delegate_low_risk',
    ),
    { undoable: false, notUndoable: /^No worker was given MC-\d+ then$/ },
  )
  const trusted = openDesk(db, { workers: false, trusted: ['file_ticket', 'delegate_low_risk'] })
  const steps = [file('alone', { does: 'worker' })]
  const done = await trusted.proposals.propose(await trusted.turn(), { title: 'Alone', steps })
  t.equal(done.outcome, 'carried_out')
  t.same(await states(trusted, done.proposal.id), ['alone file_ticket done'], 'none delegated')
})

onEachDatabase('any choice of any plan is filed as chosen, without circles', async (t, db) => {
  const desk = openDesk(db, { workers: false })
  let seed = 20261122
  const random = (below: number): number => {
    seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648
    return Math.floor((seed / 2_147_483_648) * below)
  }
  for (let round = 0; round < 8; round++) {
    const count = 1 + random(9)
    const steps = Array.from({ length: count }, (_, n) => {
      const after = Array.from({ length: n }, (_, k) => k).filter(() => random(3) === 0)
      return file(`${n}`, after.length > 0 ? { after: after.map(String) } : {})
    })
    // In any order, so that a step may come before what it waits for.
    for (let n = count - 1; n > 0; n--) {
      const k = random(n + 1)
      const swap = steps[n] as FileStep
      steps[n] = steps[k] as FileStep
      steps[k] = swap
    }
    const turn = await desk.turn()
    const { proposal } = await desk.proposals.propose(turn, { title: `Round ${round}`, steps })
    const some = steps.filter(() => random(2) === 0)
    const chosen = some.length > 0 ? some : steps
    await desk.proposals.accept(proposal.id, {
      content: { title: `Round ${round}`, steps: chosen },
      by,
    })
    const { tickets } = await desk.proposals.story(proposal.id)
    t.same(
      tickets.map(({ title }) => title),
      chosen.map(({ title }) => title),
    )
    const names = new Set(chosen.map(({ name }) => name))
    for (const [n, step] of chosen.entries()) {
      const kept = (step.after ?? []).filter((name) => names.has(name)).map((name) => `Do ${name}`)
      const ticket = tickets[n]
      const blockers = await desk.tickets.blockers(ticket?.id ?? 0)
      t.same(blockers.map(({ title }) => title).sort(), kept.sort())
      t.equal(ticket?.status, kept.length > 0 ? 'blocked' : 'todo')
    }
  }
})
