import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setCap } from '@mc/core/costs/cap.ts'
import { countUsage } from '@mc/core/costs/count.ts'
import { createInbox } from '@mc/core/inbox/inbox.ts'
import { silentLog } from '@mc/core/log.ts'
import { createRuns } from '@mc/core/runs/runs.ts'
import { createTickets } from '@mc/core/tickets/tickets.ts'
import { whyHeld } from '@mc/core/trust/held.ts'
import { createTurns } from '@mc/core/turns/turns.ts'
import { workerProgram } from '@mc/core/worker-programs/program.ts'
import type { Database } from '@mc/db/database.ts'
import { runDelegatedOnce } from '@mc/pickup/delegate.ts'
import { delegationOf } from '@mc/pickup/delegate-run.ts'
import { onEachDatabase } from '../support/database.ts'
import { createTestDesk } from '../support/desk.ts'

onEachDatabase('over the cap of a day rules go on, and Luci and workers wait', async (t, db) => {
  const desk = createTestDesk(db)
  const { clock } = desk
  const inbox = createInbox(db, clock)
  const turns = createTurns(db, clock)
  await setCap(desk.settings, { tokens: 1_000, usd: null }, 'person')
  const day = clock.now().toISOString().slice(0, 10)
  await countUsage(db, clock, 'chat', {
    ...{ model: null, tokensIn: 900, tokensOut: 100, tokensCached: 0, costUsd: null },
  })
  await desk.luciIsUp()
  const asked = { source: 'webhook', message: 'something odd', kind: 'note' } as const
  const odd = await inbox.post(asked)
  const routine = await inbox.post({ ...asked, source: 'scheduler', kind: 'ok', priority: 'low' })
  await desk.drain()
  await clock.advance(60_000)
  await desk.luciIsUp()
  await desk.drain()
  t.same(await turns.list(), [], 'no digest')
  t.match(await inbox.find(routine.id), { decidedBy: 'rule:routine_success' })
  t.match(await inbox.find(odd.id), { decidedBy: 'fallback', reason: /cap is reached/ })

  const folder = mkdtempSync(join(tmpdir(), 'mc-cap-'))
  t.teardown(() => rmSync(folder, { recursive: true, force: true }))
  const works = join(import.meta.dirname, '..', 'fixtures', 'workers', 'works.ts')
  const deps = {
    ...{ db, clock, log: silentLog, workerId: 'pickup-1', countMax: 1, timeoutMs: 60_000 },
    ...{ folder, folders: [folder], rules: [], dataDir: folder, secrets: [] },
    program: workerProgram({ program: 'own', command: [process.execPath, works, 'ok'] }),
    env: { PATH: process.env.PATH ?? '' },
    held: (on: Database) => whyHeld(on, clock),
  }
  const ticket = await createTickets(db, clock).file({ title: 'Paint it' }, { actor: 'cli' })
  const run = await delegationOf(deps).queue(ticket.id, 'cli')
  const never = new AbortController().signal
  await runDelegatedOnce(deps, never)
  const runs = createRuns(db, clock)
  t.match(await runs.get(run.id), { status: 'queued' }, 'no worker')
  const said = await turns.queue({ origin: 'user', text: 'are you there?' })
  t.equal((await turns.next())?.id, said.id, 'what a person says goes on')
  await turns.remove(said.id)

  while (clock.now().toISOString().startsWith(day)) await clock.advance(3_600_000)
  const next = await inbox.post({ ...asked, message: 'odd again', fingerprint: 'other' })
  await desk.luciIsUp()
  await desk.drain()
  await clock.advance(60_000)
  await desk.luciIsUp()
  await desk.drain()
  t.match(await turns.list(), [{ origin: 'digest' }], 'a new day')
  t.match(await inbox.find(next.id), { status: 'claimed' })
  await runDelegatedOnce(deps, never)
  t.match(await runs.get(run.id), { status: 'ok' })
})
