import { readChangesAsked } from '@mc/core/proposals/changes.ts'
import type { Content } from '@mc/core/proposals/proposal.ts'
import { defaultKeep } from '@mc/core/retention/keep.ts'
import { createRetention } from '@mc/core/retention/retention.ts'
import { createRunLogs } from '@mc/core/runs/run-logs.ts'
import { actionClasses } from '@mc/core/trust/classes.ts'
import type { Turn } from '@mc/core/turns/turn.ts'
import { onEachDatabase } from '../../support/database.ts'
import { backups, by, file, openDesk } from '../../support/proposal-desk.ts'

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
