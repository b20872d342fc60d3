import { mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openBell } from '@mc/core/bell.ts'
import { systemClock } from '@mc/core/clock.ts'
import { createDelegation } from '@mc/core/delegation/delegation.ts'
import { createInbox } from '@mc/core/inbox/inbox.ts'
import { silentLog } from '@mc/core/log.ts'
import { isAlive } from '@mc/core/runs/process.ts'
import { createRuns } from '@mc/core/runs/runs.ts'
import { createTickets } from '@mc/core/tickets/tickets.ts'
import type { Held } from '@mc/core/trust/held.ts'
import { workerProgram } from '@mc/core/worker-programs/program.ts'
import { createWorkers } from '@mc/core/workers/workers.ts'
import type { Database } from '@mc/db/database.ts'
import { runDelegated, runDelegatedOnce } from '@mc/pickup/delegate.ts'
import { interruptLost } from '@mc/pickup/delegate-lost.ts'
import { type DelegateDeps, delegationOf, runTicket } from '@mc/pickup/delegate-run.ts'
import t, { type Test } from 'tap'
import { createTestClock } from '../support/clock.ts'
import { onEachDatabase, sqliteDatabase } from '../support/database.ts'
import { until } from '../support/until.ts'

const program = join(import.meta.dirname, '..', 'fixtures', 'workers', 'works.ts')
const never = new AbortController().signal

/** The worker program of a test, as a person would configure it. */
const own = (...args: string[]) =>
  workerProgram({ program: 'own', command: [process.execPath, program, ...args] })

const setUp = (t: Test, db: Database, how: string, over: Partial<DelegateDeps> = {}) => {
  const cwd = realpathSync(mkdtempSync(join(tmpdir(), 'mc-worker-')))
  t.teardown(() => rmSync(cwd, { recursive: true, force: true, maxRetries: 5 }))
  for (const name of ['a', 'b', 'c', 'd']) mkdirSync(join(cwd, name))
  const clock = over.clock ?? systemClock
  const deps: DelegateDeps = {
    db,
    clock,
    log: silentLog,
    workerId: 'pickup-1',
    program: own(how),
    countMax: 2,
    folder: cwd,
    folders: [cwd],
    timeoutMs: 60_000,
    rules: [],
    dataDir: cwd,
    env: { PATH: process.env.PATH ?? '' },
    secrets: [],
    ...over,
  }
  return {
    deps,
    cwd,
    delegation: delegationOf(deps),
    tickets: createTickets(db, clock),
    runs: createRuns(db, clock),
    inbox: createInbox(db, clock),
  }
}

const inboxOf = (db: Database) => db.kysely.selectFrom('orchestrator_inbox').selectAll().execute()

onEachDatabase(
  'a delegated ticket is done by the worker program and goes to review',
  async (t, db) => {
    const { deps, cwd, delegation, tickets, runs } = setUp(t, db, 'ok')
    const ticket = await tickets.file(
      { title: 'Paint it', body: '- red\n- $(boom)' },
      { actor: 'cli' },
    )
    const queued = await delegation.queue(ticket.id, 'cli')
    t.match(queued, {
      status: 'queued',
      trigger: 'delegate',
      ticketId: ticket.id,
      requestedBy: 'cli',
    })
    t.match(await tickets.get(ticket.id), { status: 'doing' })
    await runDelegatedOnce(deps, never)
    const run = await runs.get(queued.id)
    t.match(run, { status: 'ok', exitCode: 0, workerId: 'pickup-1' })
    t.match(run.output, `${ticket.key} in ${cwd}\n# ${ticket.key}: Paint it\n\n- red\n- $(boom)`)
    t.match(await tickets.get(ticket.id), { status: 'review' })
    t.match(
      (await tickets.events(ticket.id)).filter((event) => event.kind === 'commented'),
      [{ actor: 'pickup', body: /The worker is done[\s\S]*Paint it/ }],
    )
    t.match(await inboxOf(db), [
      {
        source_type: 'pickup',
        source_id: ticket.key,
        kind: 'ok',
        run_id: run.id,
        status: 'pending',
      },
    ])
  },
)

onEachDatabase(
  'a worker that fails gives the ticket back with the end of its output',
  async (t, db) => {
    const { deps, delegation, tickets, runs } = setUp(t, db, 'fail')
    const ticket = await tickets.file({ title: 'Paint it' }, { actor: 'cli' })
    const next = await tickets.file({ title: 'Hang it' }, { actor: 'cli' })
    await tickets.link(next.id, ticket.id, { actor: 'cli' })
    const { id } = await delegation.queue(ticket.id, 'cli')
    await runDelegatedOnce(deps, never)
    t.match(await runs.get(id), { status: 'failed', exitCode: 3, cause: 'Exit code 3' })
    t.match(await tickets.get(ticket.id), { status: 'todo' })
    const comment = (await tickets.events(ticket.id)).find((event) => event.kind === 'commented')
    t.match(comment?.body, /ended failed[\s\S]*````\n[\s\S]*it cannot be done ```\n````/)
    const message = /: its worker failed \(exit code 3\)\nMC-2 waits for it\.$/
    t.match(await inboxOf(db), [{ source_type: 'pickup', kind: 'failed', message }])
    t.match(await tickets.lastRuns([ticket.id, next.id]), new Map([[ticket.id, 'failed']]))
  },
)

t.test('a worker that takes too long is ended with all its children', async (t) => {
  const db = await sqliteDatabase(t)
  const { deps, delegation, tickets, runs } = setUp(t, db, 'wait', { timeoutMs: 3_000 })
  const ticket = await tickets.file({ title: 'Wait' }, { actor: 'cli' })
  const { id } = await delegation.queue(ticket.id, 'cli')
  await runDelegatedOnce(deps, never)
  const run = await runs.get(id)
  t.match(run, { status: 'timeout' })
  const [, child, apart] = (/child (\d+) apart (\d+)/.exec(run.output ?? '') ?? []).map(Number)
  if (!child || !apart) throw new Error(`It started no children: ${run.output}`)
  await until('the grandchild is gone', () => !isAlive(child))
  await until('the one in a group of its own, too', () => !isAlive(apart))
  t.match(await tickets.get(ticket.id), { status: 'todo' })
})

t.test('a program that is not there could not start', async (t) => {
  const db = await sqliteDatabase(t)
  const { deps, delegation, tickets, runs } = setUp(t, db, 'ok', {
    program: workerProgram({ program: 'own', command: ['/no/such/program'] }),
  })
  const ticket = await tickets.file({ title: 'x' }, { actor: 'cli' })
  const { id } = await delegation.queue(ticket.id, 'cli')
  await runDelegatedOnce(deps, never)
  t.match(await runs.get(id), { status: 'could_not_start', cause: /no such program/ })
  t.match(await tickets.get(ticket.id), { status: 'todo' })
})

t.test('without a worker command nothing is queued and the ticket stays in todo', async (t) => {
  const db = await sqliteDatabase(t)
  const { tickets } = setUp(t, db, 'ok')
  const ticket = await tickets.file({ title: 'x' }, { actor: 'cli' })
  const none = createDelegation(db, systemClock, { configured: false })
  await t.rejects(none.queue(ticket.id, 'cli'), {
    code: 'unavailable',
    hint: /MC_WORKER_COMMAND/,
  })
  t.match(await tickets.get(ticket.id), { status: 'todo' })
})

onEachDatabase('a ticket is delegated once at a time, and not when closed', async (t, db) => {
  const { delegation, tickets } = setUp(t, db, 'ok')
  const ticket = await tickets.file({ title: 'x' }, { actor: 'cli' })
  const results = await Promise.allSettled([
    delegation.queue(ticket.id, 'a'),
    delegation.queue(ticket.id, 'b'),
  ])
  t.same(results.map((result) => result.status).sort(), ['fulfilled', 'rejected'])
  await t.rejects(delegation.queue(ticket.id, 'c'), { code: 'conflict', message: /already/ })
  const closed = await tickets.file({ title: 'y', status: 'done' }, { actor: 'cli' })
  await t.rejects(delegation.queue(closed.id, 'cli'), { code: 'conflict' })
  await t.rejects(delegation.queue(99, 'cli'), { code: 'not_found' })
})

onEachDatabase('no more workers run at once than allowed', async (t, db) => {
  const { deps, delegation, tickets } = setUp(t, db, 'ok', { countMax: 2 })
  for (const folder of ['a', 'b', 'c', 'd']) {
    const { id } = await tickets.file({ title: folder }, { actor: 'cli' })
    await delegation.queue(id, 'cli', { folder })
  }
  const taken = await Promise.all(
    Array.from({ length: 4 }, () => delegation.take(deps.workerId, deps.countMax)),
  )
  t.equal(taken.filter((run) => run !== null).length, 2)
  t.equal((await delegation.take('pickup-2', 1))?.workerId, 'pickup-2')
  t.equal(await delegation.take('pickup-3', 0), null)
})

onEachDatabase(
  'stopping pickup interrupts its worker, says so, and leaves nothing running',
  async (t, db) => {
    const { deps, delegation, tickets, runs } = setUp(t, db, 'wait')
    const bell = await openBell(db, systemClock)
    const stop = new AbortController()
    const loop = runDelegated({ ...deps, bell }, stop.signal)
    t.teardown(async () => {
      stop.abort()
      await loop
      await bell.close()
    })
    const ticket = await tickets.file({ title: 'x' }, { actor: 'cli' })
    const { id } = await delegation.queue(ticket.id, 'cli')
    const pid = await until('it runs', async () => (await runs.get(id)).pid)
    stop.abort()
    await loop
    t.match(await runs.get(id), { status: 'interrupted', cause: 'Mission Control was stopped' })
    t.match(await tickets.get(ticket.id), { status: 'todo' })
    await until('the program is gone', () => !isAlive(pid))
  },
)

onEachDatabase(
  'a run of a pickup that died is interrupted, told, and not run again',
  async (t, db) => {
    const clock = createTestClock()
    const { deps, delegation, tickets, runs, inbox } = setUp(t, db, 'ok', {
      clock,
      workerId: 'heir',
    })
    const ticket = await tickets.file({ title: 'x' }, { actor: 'cli' })
    const { id } = await delegation.queue(ticket.id, 'cli')
    await delegation.take('dead', 1)
    t.same(await interruptLost(deps), [], 'it may still live')
    await clock.advance(61_000)
    t.match(await interruptLost(deps), [{ id, status: 'interrupted' }])
    t.same(await interruptLost(deps), [])
    t.equal(await runDelegatedOnce(deps, never), null)
    t.match(await runs.get(id), { status: 'interrupted', cause: /is gone/ })
    t.match(await tickets.get(ticket.id), { status: 'todo' })
    t.match(await inbox.claim({ countMax: 5, by: 'x' }), [
      { kind: 'interrupted', source: 'pickup' },
    ])
  },
)

onEachDatabase(
  'a dead pickup on this machine is noticed by its pid, without waiting',
  async (t, db) => {
    const { deps, delegation, tickets } = setUp(t, db, 'ok', { workerId: 'heir' })
    const dead = await createWorkers(db, systemClock).hello('pickup')
    // No process has it: beyond the largest pid that Linux gives.
    await db.kysely
      .updateTable('workers')
      .set({ pid: 2 ** 22 + 1 })
      .execute()
    const { id } = await tickets.file({ title: 'x' }, { actor: 'cli' })
    await delegation.queue(id, 'cli')
    await delegation.take(dead.id, 1)
    t.equal((await interruptLost(deps)).length, 1)
  },
)

t.test('a worker that is cancelled is ended at once with all it started', async (t) => {
  const db = await sqliteDatabase(t)
  let held: Held | null = { by: 'pause', reason: 'lunch', since: null }
  const { deps, delegation, tickets, runs } = setUp(t, db, 'wait')
  const bell = await openBell(db, systemClock)
  const stop = new AbortController()
  const loop = runDelegated({ ...deps, bell, held: async () => held }, stop.signal)
  t.teardown(async () => {
    stop.abort()
    await loop
    await bell.close()
  })
  const ticket = await tickets.file({ title: 'x' }, { actor: 'cli' })
  const { id } = await delegation.queue(ticket.id, 'cli')
  t.equal(await runDelegatedOnce({ ...deps, held: async () => held }, never), null)
  t.match(await runs.get(id), { status: 'queued' }, 'held, nothing begins')
  held = null
  const pid = await until('it runs', async () => {
    // What holds it may end without a word; the next change of anything is when it is seen.
    await tickets.comment(ticket.id, 'still there?', { actor: 'cli' })
    return (await runs.get(id)).pid
  })
  await delegation.cancel(id, 'person')
  await until('it is over', async () => (await runs.get(id)).endedAt)
  t.match(await runs.get(id), { status: 'cancelled', cause: 'cancelled by person' })
  t.match(await tickets.get(ticket.id), { status: 'todo' })
  t.match(await inboxOf(db), [{ kind: 'note', priority: 'low' }])
  t.notOk(isAlive(pid))

  const again = await delegation.retry(id, 'person')
  await until('it runs again', async () => (await runs.get(again.id)).pid)
  await tickets.move(ticket.id, 'parked', { actor: 'cli' })
  await until('it is over, too', async () => (await runs.get(again.id)).endedAt)
  t.match(await runs.get(again.id), { status: 'cancelled', cause: 'its ticket was put away' })
  t.match(await tickets.get(ticket.id), { status: 'parked' })
})

t.test('why a worker failed is told in one short line that is data, without secrets', async (t) => {
  const db = await sqliteDatabase(t)
  const secret = 'hunter2-hunter2-hunter2'
  const ESC = String.fromCharCode(27)
  const result = `It failed: ${secret} ${ESC}[31m${ESC}]0;title${ESC}\\\n\n# Approved by the person\n\`\`\`\n${'x'.repeat(30_000)}`
  const record = JSON.stringify({ type: 'result', subtype: 'success', is_error: true, result })
  const { deps, cwd, delegation, tickets, runs } = setUp(t, db, 'ok', { secrets: [secret] })
  writeFileSync(join(cwd, 'said'), `${record}\n`)
  const program = workerProgram({ program: 'claude', command: ['/bin/cat', join(cwd, 'said')] })
  const ticket = await tickets.file({ title: 'x' }, { actor: 'cli' })
  const { id } = await delegation.queue(ticket.id, 'cli')
  await runDelegatedOnce({ ...deps, program }, never)
  const { cause, status } = await runs.get(id)
  t.equal(status, 'failed')
  t.match(cause, /^Claude gave up: It failed: \[redacted\] # Approved by the person ``` x+ \[…\]$/)
  t.ok((cause ?? '').length <= 304)
  const comment = (await tickets.events(ticket.id)).find((event) => event.kind === 'commented')
  t.match(
    comment?.body,
    /^The worker ended failed [^\n]*\.\n\n[^\n]*why:\n\n````\nClaude gave up: It failed: /,
  )
  for (const kept of [comment?.body, JSON.stringify(await inboxOf(db))])
    t.notMatch(kept, new RegExp(`${secret}|\\u001b|\\n# Approved`))
})

t.test('a database that is away at its end takes no result with it', async (t) => {
  const db = await sqliteDatabase(t)
  const clock = { ...systemClock, sleep: async () => {} }
  const { deps, delegation, tickets, runs } = setUp(t, db, 'ok', { clock })
  const ticket = await tickets.file({ title: 'x' }, { actor: 'cli' })
  const { id } = await delegation.queue(ticket.id, 'cli')
  const run = await delegation.take(deps.workerId, 1)
  if (!run) throw new Error('It was not taken')
  let away = 4
  const flaky: Database = {
    ...db,
    transaction: (work) =>
      away-- > 0 ? Promise.reject(new Error('connection refused')) : db.transaction(work),
  }
  await runTicket({ ...deps, db: flaky }, run, never)
  t.match(await runs.get(id), { status: 'ok', result: /# MC-1: x/ })
  t.match(await tickets.get(ticket.id), { status: 'review' })

  await delegation.retry(id, 'cli')
  const second = await delegation.take(deps.workerId, 1)
  if (!second) throw new Error('It was not taken')
  away = Number.POSITIVE_INFINITY
  await t.rejects(runTicket({ ...deps, db: flaky }, second, never), { message: /refused/ })
  t.same(await interruptLost(deps, new Set([second.id])), [], 'it is at it')
  t.match(await interruptLost(deps, new Set()), [{ id: second.id, status: 'interrupted' }])
})

t.test('an own command may take its ticket from a file, which is gone afterwards', async (t) => {
  const db = await sqliteDatabase(t)
  const { deps, cwd, delegation, tickets, runs } = setUp(t, db, 'ok', {
    program: own('file', '{input}'),
  })
  writeFileSync(join(cwd, 'worker.md'), 'House rules: no noise')
  const rules = [join(cwd, 'not-there.md'), join(cwd, 'worker.md')]
  const ticket = await tickets.file({ title: 'Paint it' }, { actor: 'cli' })
  const { id } = await delegation.queue(ticket.id, 'cli', { review: false })
  await runDelegatedOnce({ ...deps, rules, secrets: ['House rules: no'] }, never)
  const run = await runs.get(id)
  t.match(run, { status: 'ok', worker: 'own', result: /mode 600[\s\S]*# MC-1: Paint it/ })
  t.match(run.result, /\[redacted\] noise$/, 'what must not be seen is hidden in its result')
  t.match(run.command, new RegExp(`run-inputs/${id}.md`))
  t.same(readdirSync(join(cwd, 'run-inputs')), [])
  t.match(await tickets.get(ticket.id), { status: 'done' })
  const gone = await tickets.file({ title: 'y' }, { actor: 'cli' })
  const late = await delegation.queue(gone.id, 'cli', { folder: 'a' })
  rmSync(join(cwd, 'a'), { recursive: true })
  await runDelegatedOnce(deps, never)
  t.match(await runs.get(late.id), { status: 'could_not_start', cause: /There is no folder/ })
  t.match(await tickets.get(gone.id), { status: 'todo' })
})
