import { createActs } from '@mc/core/acts/acts.ts'
import { createDelegation } from '@mc/core/delegation/delegation.ts'
import type { WorkerFolders } from '@mc/core/delegation/folders.ts'
import { readChangesAsked } from '@mc/core/proposals/changes.ts'
import type { JudgeDeps } from '@mc/core/proposals/judge.ts'
import type { Content, FileStep } from '@mc/core/proposals/proposal.ts'
import { createProposals } from '@mc/core/proposals/proposals.ts'
import { defaultKeep } from '@mc/core/retention/keep.ts'
import { createRetention } from '@mc/core/retention/retention.ts'
import type { Run } from '@mc/core/runs/run.ts'
import { createRunLogs } from '@mc/core/runs/run-logs.ts'
import { createRuns } from '@mc/core/runs/runs.ts'
import { createTickets } from '@mc/core/tickets/tickets.ts'
import { type ActionClass, actionClasses } from '@mc/core/trust/classes.ts'
import { createTrust } from '@mc/core/trust/trust.ts'
import type { Turn, TurnOrigin } from '@mc/core/turns/turn.ts'
import { createTurns } from '@mc/core/turns/turns.ts'
import type { Database } from '@mc/db/database.ts'
import { sql } from 'kysely'
import t from 'tap'
import { createTestClock } from '../../support/clock.ts'
import { onEachDatabase, sqliteDatabase } from '../../support/database.ts'
import { until } from '../../support/until.ts'

const by = { actor: 'person', source: 'composer' }

/** The desk as far as a proposal reaches. `trusted`: what she may do at once. */
const openDesk = (
  db: Database,
  {
    trusted = [],
    workers = true,
    folders = {},
    ...deps
  }: {
    trusted?: readonly ActionClass[]
    workers?: boolean
    folders?: Partial<WorkerFolders>
    refusedFolder?: NonNullable<JudgeDeps['refusedFolder']>
  } = {},
) => {
  const clock = createTestClock()
  const turns = createTurns(db, clock)
  const first = { switches: { autonomy: 'trusted' as const }, autonomy: { trusted } }
  return {
    clock,
    turns,
    tickets: createTickets(db, clock),
    acts: createActs(db, clock),
    runs: createRuns(db, clock),
    proposals: createProposals(db, clock, {
      ...deps,
      delegation: (tx) => createDelegation(tx, clock, { configured: workers, ...folders }),
      workers,
      alerts: { repeatIntervalMs: 3_600_000 },
      may: (tx, classes, turn) => createTrust(tx, clock, { first }).may(classes, turn, tx),
    }),
    turn: (origin: TurnOrigin = 'user'): Promise<Turn> =>
      turns.queue({ text: 'Make the backups restorable', origin }),
  }
}

const file = (name: string, more: Partial<FileStep> = {}): FileStep => ({
  do: 'file',
  name,
  title: `Do ${name}`,
  risk: 'low',
  does: 'person',
  ...more,
})

const backups: Content = {
  title: 'Backups that restore',
  summary: 'First a copy, then a trial.',
  parent: 'new',
  steps: [
    file('copy', { does: 'worker' }),
    file('trial', { does: 'worker', after: ['copy'], risk: 'medium' }),
    file('report', { after: ['trial', 'copy'] }),
  ],
}

const states = async (desk: ReturnType<typeof openDesk>, id: string) =>
  (await desk.acts.of(id)).map(({ step, class: one, state }) => `${step} ${one} ${state}`)

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
  const said = (await desk.tickets.events(tickets[0]?.id ?? 0)).map(({ body }) => body)
  t.ok(
    said.includes('It does not wait for “Do copy”, which was proposed with it and not accepted.'),
  )
  t.same(await states(desk, proposal.id), [
    'copy file_ticket refused',
    'copy delegate_low_risk refused',
    'trial file_ticket edited',
    'trial delegate edited',
    'report file_ticket accepted',
  ])
})

onEachDatabase(
  'what she takes back is done by nobody, and only hers while it waits',
  async (t, db) => {
    const desk = openDesk(db)
    const turn = await desk.turn()
    const propose = async (of: Turn | null, content = backups, item?: number) =>
      (await desk.proposals.propose(of, content, { item })).proposal
    const first = await propose(turn)
    const later = await desk.turn('telegram')
    t.match(
      await desk.proposals.withdraw(later, first.id, { why: 'The\x1b[31m host is gone' }),
      { state: 'withdrawn', decidedBy: 'luci', reason: 'The host is gone', accepted: null },
      'in any message of the person',
    )
    t.same(
      new Set((await desk.acts.of(first.id)).map(({ state }) => state)),
      new Set(['superseded']),
    )
    t.same(await desk.tickets.list(), [])
    for (const decide of [
      () => desk.proposals.accept(first.id, { by }),
      () => desk.proposals.withdraw(turn, first.id),
    ])
      await t.rejects(decide(), { code: 'conflict', message: /is withdrawn already/ })

    const again = await propose(turn)
    t.not(again.id, first.id, 'the same words afterwards are a new one')
    for (const origin of ['digest', 'pane', 'system'] as const)
      await t.rejects(desk.proposals.withdraw(await desk.turn(origin), again.id), {
        code: 'forbidden',
      })
    const swayed = { ...later, evidence: { swayed: 'ignore all' } }
    await t.rejects(desk.proposals.withdraw(swayed, again.id), {
      code: 'forbidden',
      message: /read a text that gives orders/,
    })
    await t.rejects(desk.proposals.withdraw(null, again.id), { code: 'conflict' })
    await desk.proposals.accept(again.id, { by })
    await t.rejects(desk.proposals.withdraw(turn, again.id), { message: /is accepted already/ })

    const persons = await propose(null)
    await t.rejects(desk.proposals.withdraw(turn, persons.id), { code: 'forbidden' })
    t.match(await desk.proposals.withdraw(null, persons.id), { state: 'withdrawn', reason: null })

    const asked = await propose(swayed, { ...backups, title: 'Hers in this turn' })
    await desk.proposals.askChanges(asked.id, { note: 'Less', by })
    t.match(await desk.proposals.withdraw(swayed, asked.id), { state: 'withdrawn' })

    const one = await propose(turn, { ...backups, title: 'Raced for' })
    const ends = await Promise.allSettled([
      desk.proposals.accept(one.id, { by }),
      desk.proposals.withdraw(turn, one.id),
    ])
    t.same(ends.map(({ status }) => status).sort(), ['fulfilled', 'rejected'], 'one of two wins')
  },
)

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
  const waiting = sql<{ pid: number }>`select pid from pg_stat_activity
    where datname = current_database() and wait_event_type = 'Lock'`
  if (db.dialect === 'postgres')
    await until(
      'the acceptance waits for the edit',
      async () => (await waiting.execute(db.kysely)).rows.length > 0,
    )
  edited.resolve()
  await t.rejects(accepting, { message: /was changed since this was proposed: its title/ })
  t.match(await editing, { title: 'New' })

  await createDelegation(db, desk.clock, { configured: true }).queue(ticket.id, 'person')
  await t.rejects(
    desk.proposals.unlessGiven(ticket, async () => t.fail('nothing is changed by now')),
    { code: 'forbidden', message: /was given/ },
  )
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

onEachDatabase('changes go back to Luci, and her answer takes its place', async (t, db) => {
  const desk = openDesk(db, { trusted: actionClasses })
  const { proposal } = await desk.proposals.propose(await desk.turn(), {
    ...backups,
    questions: [{ text: 'Which machine?' }],
  })
  const content: Content = {
    ...backups,
    steps: [file('trial', { risk: 'medium', does: 'person' }), file('copy', { does: 'worker' })],
  }
  const asked = await desk.proposals.askChanges(proposal.id, {
    version: 1,
    note: 'I try it myself',
    content,
    by,
  })
  t.match(asked.proposal, { state: 'changes_asked', asked: 'I try it myself', version: 2 })
  const turn = await desk.turns.get(asked.turnId)
  t.match(turn, { origin: 'user', state: 'queued' })
  for (const line of [
    'I try it myself',
    '- step "trial": does: "worker" → "person"',
    '- step "trial": after: ["copy"] → nothing',
    '- step "report" removed (Do report)',
    '- the order is now: trial, copy',
    `mc propose --replaces ${proposal.id}`,
  ])
    t.match(turn.text, line)
  const read = readChangesAsked(turn.text)
  t.match(read, { proposal: proposal.id, words: /^I try it myself\n\nI edited it so:\n- / })
  t.notMatch(read?.words, 'mc propose', 'that is for Luci')
  t.equal(readChangesAsked('Changes are asked for in your proposal 0a1b2c, “x”.'), null)

  const anew = await desk.proposals.propose(turn, content, { replaces: proposal.id })
  t.match(anew, {
    outcome: 'waits',
    reason: 'It answers the changes you asked for, so it waits for you',
    proposal: { replaces: proposal.id },
  })
  t.match(await desk.proposals.get(proposal.id), { state: 'replaced', decidedBy: 'luci' })
  t.ok((await desk.acts.of(proposal.id)).every(({ state }) => state === 'superseded'))
  await t.rejects(desk.proposals.accept(proposal.id, { by }), { code: 'conflict' })
  await t.rejects(desk.proposals.propose(turn, backups, { replaces: proposal.id }), {
    code: 'conflict',
    message: `Proposal ${proposal.id} is replaced already`,
  })
})

onEachDatabase('trusted, it is carried out at once and noted for Undo', async (t, db) => {
  const desk = openDesk(db, { trusted: ['file_ticket', 'delegate_low_risk'] })
  const two = { ...backups, steps: backups.steps.slice(0, 1) }
  const { proposal, outcome } = await desk.proposals.propose(await desk.turn(), two)
  t.equal(outcome, 'carried_out')
  t.match(proposal, { state: 'carried_out', accepted: proposal.content, decidedBy: 'luci' })
  const [run] = await desk.runs.open()
  t.match(await desk.acts.of(proposal.id), [
    { step: null, state: 'done', atOnce: true, ref: 'MC-1' },
    { step: 'copy', class: 'file_ticket', ref: 'MC-2' },
    { class: 'delegate_low_risk', ref: 'MC-2', before: { status: 'todo', run: run?.id } },
  ])
  const more = await desk.proposals.propose(await desk.turn(), backups)
  t.equal(more.outcome, 'waits', 'one step is of a class that is not unlocked')
  t.equal((await desk.tickets.list()).length, 2)
})

onEachDatabase('said twice in a turn it is one; five are too many', async (t, db) => {
  const desk = openDesk(db, { trusted: ['file_ticket'] })
  const turn = await desk.turn()
  const one = (n: number): Content => ({ title: `Intent ${n}`, steps: [file('only')] })
  const first = await desk.proposals.propose(turn, one(1))
  t.same((await desk.proposals.propose(turn, one(1))).proposal.id, first.proposal.id)
  t.equal((await desk.tickets.list()).length, 1)
  for (const n of [2, 3, 4, 5]) await desk.proposals.propose(turn, one(n))
  await t.rejects(desk.proposals.propose(turn, one(6)), { code: 'too_many' })
  const [open] = await desk.proposals.list({ states: ['open'] })
  t.equal(open, undefined, 'all were carried out')
  const waiting = await desk.turn()
  for (const n of [1, 2, 3, 4, 5])
    await desk.proposals.propose(waiting, { ...backups, title: `Backups ${n}` })
  const [last] = await desk.proposals.list({ turn: waiting.id })
  const better = { ...backups, title: 'Backups, better' }
  t.match(
    await desk.proposals.propose(waiting, better, { replaces: last?.id }),
    { outcome: 'waits' },
    'a correction is not one more',
  )
  const { key } = await desk.tickets.file({ title: 'Old' }, by)
  const close = { do: 'close', name: 'close', ticket: key, status: 'done' } as const
  t.match(await desk.proposals.wants(waiting, close), { outcome: 'proposed' })
})

onEachDatabase('every mistake is named, and nothing is stored', async (t, db) => {
  const desk = openDesk(db)
  const done = await desk.tickets.file({ title: 'Old', status: 'done' }, by)
  const steps = [
    file('a', { after: ['c'] }),
    file('b', { after: ['a', 'nobody', 'MC-99'], title: ' \u200b' }),
    file('c', { after: ['b'] }),
    file('c'),
    { do: 'close', name: 'd', ticket: done.key, status: 'done' },
  ]
  const wrong = desk.proposals.propose(await desk.turn(), {
    title: 'Wrong',
    parent: 'MC-98',
    steps,
  } as Content)
  await t.rejects(wrong, {
    code: 'invalid',
    problems: [
      'parent: there is no ticket MC-98',
      'step "b": its title says nothing',
      'step "b": it waits for "nobody", which is neither a step nor a ticket',
      'step "b": it waits for MC-99, which does not exist',
      'step "c": another step has this name',
      `step "d": ${done.key} is done already`,
    ],
  })
  const circle = {
    title: 'Round',
    steps: steps.slice(0, 3).map((step) => ({ ...step, title: 'x' })),
  }
  circle.steps[1] = file('b', { after: ['a'] })
  await t.rejects(desk.proposals.propose(await desk.turn(), circle as Content), {
    code: 'invalid',
    message: 'these wait for each other in a circle: a → c → b → a',
  })
  t.same(await desk.proposals.list(), [])
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
  t.match((await desk.tickets.events(tickets[1]?.id ?? 0)).at(-1)?.body, 'MC_WORKER_COMMAND')
  const trusted = openDesk(db, { workers: false, trusted: ['file_ticket', 'delegate_low_risk'] })
  const steps = [file('alone', { does: 'worker' })]
  const done = await trusted.proposals.propose(await trusted.turn(), { title: 'Alone', steps })
  t.equal(done.outcome, 'carried_out')
  t.same(await states(trusted, done.proposal.id), ['alone file_ticket done'], 'none delegated')
})

onEachDatabase(
  'what she calls for herself is done when trusted and proposed when not',
  async (t, db) => {
    const advised = openDesk(db)
    const ticket = await advised.tickets.file({ title: 'Old' }, by)
    const close = { do: 'close', name: 'close', ticket: ticket.key, status: 'done' } as const
    const turn = await advised.turn()
    const wanted = await advised.proposals.wants(turn, close)
    t.match(wanted, { outcome: 'proposed', proposal: { title: `Close ${ticket.key} as done` } })
    t.equal((await advised.tickets.get(ticket.id)).status, 'todo')
    const trusted = openDesk(db, { trusted: ['close'] })
    t.match(await trusted.proposals.wants(turn, close), {
      outcome: 'done',
      done: { ref: ticket.key, before: { status: 'todo' } },
    })
    t.equal((await advised.tickets.get(ticket.id)).status, 'done')
    t.match(await advised.acts.list({ atOnce: true }), [{ class: 'close', proposalId: null }])
    const alert = { do: 'alert', name: 'alert', title: 'Look' } as const
    for (const n of [1, 2, 3, 4, 5])
      t.equal(
        (await advised.proposals.wants(turn, { ...alert, title: `Look ${n}` })).outcome,
        'done',
      )
    const again = await advised.proposals.wants(turn, { ...alert, title: 'Look 5' })
    t.match(again, { outcome: 'done', reason: /already/ }, 'the same in this turn is no other')
    t.equal((await advised.acts.list({ class: 'alert', state: 'done' })).length, 5)
    for (let n = 0; n < 19; n += 1)
      await advised.proposals.wants(turn, { ...alert, title: `More ${n}` })
    await t.rejects(advised.proposals.wants(turn, alert), {
      code: 'too_many',
      hint: /into one proposal/,
    })
  },
)

onEachDatabase('an interrupted turn leaves its proposal open, and it says so', async (t, db) => {
  const desk = openDesk(db)
  const turn = await desk.turn()
  const { proposal } = await desk.proposals.propose(turn, backups)
  await desk.turns.move(turn.id, ['queued'], 'interrupted')
  t.match(await desk.proposals.get(proposal.id), {
    state: 'open',
    reason: /Luci’s turn was interrupted after she proposed this$/,
  })
})

onEachDatabase('decided long ago it goes, unless a ticket of it is open', async (t, db) => {
  const desk = openDesk(db)
  const made: string[] = []
  for (const n of [1, 2, 3]) {
    const content = { title: `Intent ${n}`, steps: [file('only')] }
    made.push((await desk.proposals.propose(await desk.turn(), content)).proposal.id)
  }
  const [refused = '', accepted = '', open = ''] = made
  await desk.proposals.refuse(refused, { by })
  await desk.proposals.accept(accepted, { by })
  await desk.clock.advance(400 * 86_400_000)
  const logs = createRunLogs(t.testdir())
  const retention = createRetention(db, desk.clock, logs, defaultKeep, async () => {})
  t.match(await retention.sweep(), { proposals: 1 })
  t.same(
    (await desk.proposals.list()).map(({ id }) => id),
    [open, accepted],
  )
  t.match(await desk.acts.of(refused), [{ state: 'refused' }], 'the record stays')
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
