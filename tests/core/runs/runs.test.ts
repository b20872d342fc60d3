import { createRuns, RUN_STALE_MS } from '@mc/core/runs/runs.ts'
import { createTestClock } from '../../support/clock.ts'
import { onEachDatabase } from '../../support/database.ts'

const slot = new Date('2026-03-02T10:00:00.000Z')

onEachDatabase('a slot of a task has one run, however many begin it', async (t, db) => {
  const runs = createRuns(db, createTestClock())
  const begun = await Promise.all(
    ['a', 'b', 'c'].map((workerId) =>
      runs.begin({ taskId: 'greet', slot, trigger: 'schedule', workerId }),
    ),
  )
  t.equal(begun.filter(Boolean).length, 1)
  t.ok(await runs.begin({ taskId: 'other', slot, trigger: 'schedule' }))
  t.ok(await runs.begin({ taskId: 'greet', trigger: 'manual' }))
  t.ok(await runs.begin({ taskId: 'greet', trigger: 'manual' }))
})

onEachDatabase('a queued run is taken by one worker', async (t, db) => {
  const runs = createRuns(db, createTestClock())
  const run = await runs.begin({ ticketId: 1, trigger: 'delegate' })
  t.match(run, { status: 'queued', startedAt: null })
  const taken = await Promise.all(['a', 'b'].map((worker) => runs.start(run?.id ?? '', worker)))
  t.equal(taken.filter(Boolean).length, 1)
})

onEachDatabase('a run ends once', async (t, db) => {
  const clock = createTestClock()
  const runs = createRuns(db, clock)
  const run = await runs.begin({ taskId: 'greet', slot, trigger: 'schedule', workerId: 'w' })
  await clock.advance(1_500)
  const ended = await runs.end(run?.id ?? '', {
    status: 'failed',
    exitCode: 3,
    cause: 'It broke',
    durationMs: 1_500,
    output: 'x',
  })
  t.match(ended, { status: 'failed', exitCode: 3, durationMs: 1_500, endedAt: /10:00:01.500/ })
  t.equal(await runs.end(run?.id ?? '', { status: 'ok' }), null)
  t.match(await runs.get(run?.id ?? ''), { status: 'failed' })
})

onEachDatabase('a run without a beat for a minute is stale, with one it is not', async (t, db) => {
  const clock = createTestClock()
  const runs = createRuns(db, clock)
  const dead = await runs.begin({ taskId: 'a', slot, trigger: 'schedule', workerId: 'dead' })
  await runs.begin({ taskId: 'b', slot, trigger: 'schedule', workerId: 'alive' })
  await clock.advance(RUN_STALE_MS + 1_000)
  await runs.beat('alive')
  t.same(
    (await runs.stale()).map((run) => run.id),
    [dead?.id],
  )
  // A clock that was set back makes beats of the future: no sign of life either.
  clock.set(new Date('2026-03-02T09:00:00.000Z'))
  t.equal((await runs.stale()).length, 2)
})

onEachDatabase(
  'runs are listed newest first, by task, ticket or status, in pages',
  async (t, db) => {
    const runs = createRuns(db, createTestClock())
    for (let n = 0; n < 3; n++) await runs.begin({ taskId: 'a', trigger: 'manual' })
    await runs.begin({ ticketId: 7, trigger: 'delegate' })
    const [newest, second] = await runs.list({ task: 'a', limit: 2 })
    t.ok(newest && second && newest.seq > second.seq)
    t.equal((await runs.list({ task: 'a', before: second?.seq ?? 0 })).length, 1)
    t.equal((await runs.list({ ticket: 7 })).length, 1)
    t.equal((await runs.list({ status: 'running' })).length, 0)
    t.equal((await runs.open({ task: 'a' })).length, 3)
  },
)
