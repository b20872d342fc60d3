import type { Task } from '@mc/core/tasks/task.ts'
import { planFires, windowMs } from '@mc/scheduler/due.ts'
import t from 'tap'

const at = (time: string) => new Date(`2026-03-02T${time}Z`)
const hourly = { first: at('10:00'), next: at('13:00') }
const task = (catchUp: Task['catchUp']) => ({ id: 'a', jitterMs: 0, cron: '0 * * * *', catchUp })

t.test('a fire on time runs', async (t) => {
  const due = { newest: [at('10:00')], count: 1, ...hourly, next: at('11:00') }
  for (const catchUp of ['latest', 'skip', 'all'] as const)
    t.same(planFires(task(catchUp), due, at('10:00:02')), {
      run: [{ slot: at('10:00'), trigger: 'schedule' }],
      missed: null,
    })
})

t.test('of several missed fires the latest runs, and the rest are told as one', async (t) => {
  const due = { newest: [at('10:00'), at('11:00'), at('12:00')], count: 3, ...hourly }
  t.same(planFires(task('latest'), due, at('12:20')), {
    run: [{ slot: at('12:00'), trigger: 'catch_up' }],
    missed: { count: 2, first: at('10:00'), last: at('11:00') },
  })
})

t.test('after half a period the latest is too old to run', async (t) => {
  const due = { newest: [at('10:00'), at('11:00'), at('12:00')], count: 3, ...hourly }
  t.same(planFires(task('latest'), due, at('12:31')), {
    run: [],
    missed: { count: 3, first: at('10:00'), last: at('12:00') },
  })
})

t.test('with skip none that is late runs', async (t) => {
  const due = { newest: [at('12:00')], count: 1, first: at('12:00'), next: at('13:00') }
  t.match(planFires(task('skip'), due, at('12:01')), { run: [], missed: { count: 1 } })
})

t.test('with all the last ten run, oldest first', async (t) => {
  const newest = Array.from({ length: 11 }, (_, n) => at(`10:${10 + n}`))
  const plan = planFires(
    task('all'),
    { newest, count: 20, first: at('10:01'), next: at('10:21') },
    at('10:20:20'),
  )
  t.same(
    plan.run.map(({ slot }) => slot),
    newest.slice(1),
  )
  // The newest is on time; the others are made up for.
  t.equal(plan.run.filter(({ trigger }) => trigger === 'catch_up').length, 9)
  t.same(plan.missed, { count: 10, first: at('10:01'), last: at('10:10') })
})

t.test('the window is half a period, from two minutes to two hours', async (t) => {
  t.equal(windowMs(at('10:00'), at('10:01')), 120_000)
  t.equal(windowMs(at('10:00'), at('11:00')), 1_800_000)
  t.equal(windowMs(at('10:00'), new Date('2026-04-02T10:00Z')), 7_200_000)
  t.equal(windowMs(at('10:00'), null), 7_200_000)
})
