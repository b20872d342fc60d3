import { restartDelay } from '@mc/scheduler/restart.ts'
import { createRoom } from '@mc/scheduler/room.ts'
import { createWaiting } from '@mc/scheduler/waiting.ts'
import t from 'tap'
import { aTask } from '../support/tasks.ts'

let seq = 0
const wait = (id: string, trigger: 'schedule' | 'catch_up' = 'schedule') => ({
  id: `${id}-${++seq}`,
  seq,
  trigger,
  slot: null,
  queuedAt: '',
  task: aTask({ id }),
})

t.test('tasks take turns, and each task’s own runs go in their order', async (t) => {
  const waiting = createWaiting()
  for (const id of ['busy', 'busy', 'busy', 'rare', 'busy', 'other', 'other']) waiting.add(wait(id))
  const served: string[] = []
  for (let next = [...waiting.heads()][0]; next; next = [...waiting.heads()][0]) {
    served.push(next.task.id)
    waiting.remove(next.task.id, next.id, { served: true })
  }
  t.same(served, ['busy', 'rare', 'other', 'busy', 'other', 'busy', 'busy'])
  t.equal(waiting.count(), 0)
})

t.test('read anew from the table, the turns stay', async (t) => {
  const waiting = createWaiting()
  const runs = ['a', 'a', 'b', 'c'].map((id) => wait(id))
  for (const run of runs) waiting.add(run)
  waiting.remove('a', runs[0]?.id ?? '', { served: true })
  waiting.replace([...runs.slice(1), wait('d', 'catch_up')])
  t.same(
    [...waiting.heads()].map((run) => run.task.id),
    ['b', 'c', 'a', 'd'],
  )
  t.equal(waiting.count(), 4)
  t.equal(waiting.catchUpCount(), 1)
})

t.test('there is room over all, per tag and per task', async (t) => {
  const disk = aTask({ id: 'disk', tags: ['disk'] })
  const also = aTask({ id: 'also', tags: ['disk', 'slow'] })
  const kept = aTask({ id: 'kept', kind: 'background' })
  const room = createRoom({ total: 2, tags: { disk: 1 } }, [{ task: disk, trigger: 'schedule' }])
  const fits = (task: typeof disk) => room.fits({ task, trigger: 'schedule' })
  t.notOk(fits(disk), 'it runs already')
  t.notOk(fits(also), 'the tag is full')
  t.ok(fits(aTask()))
  room.take({ task: aTask(), trigger: 'schedule' })
  t.notOk(fits(aTask({ id: 'third' })), 'all is full')
  t.ok(fits(kept), 'what runs all the time takes no place of the whole')
})

t.test('two fires that were missed at once, and as many of one task as it allows', async (t) => {
  const twice = aTask({ overlap: 'allow', overlapMax: 2 })
  const room = createRoom({ total: 10, tags: {} }, [{ task: twice, trigger: 'catch_up' }])
  t.ok(room.fits({ task: twice, trigger: 'catch_up' }))
  room.take({ task: twice, trigger: 'catch_up' })
  t.notOk(room.fits({ task: twice, trigger: 'schedule' }))
  t.notOk(room.fits({ task: aTask({ id: 'other' }), trigger: 'catch_up' }))
})

t.test('a program is started again as its policy says, later each time', async (t) => {
  const always = { restart: 'always', cron: '' } as const
  t.same(
    [1, 2, 3, 20].map((quickEnds) => restartDelay(always, 'failed', quickEnds)),
    [1_000, 2_000, 4_000, 900_000],
  )
  t.equal(restartDelay(always, 'ok', 0), 1_000)
  t.equal(restartDelay({ restart: 'on-failure', cron: '' }, 'ok', 1), null)
  t.equal(restartDelay({ restart: 'on-failure', cron: '' }, 'stuck', 1), 1_000)
  t.equal(restartDelay({ restart: 'never', cron: '' }, 'failed', 1), null)
  t.equal(restartDelay(always, 'auth', 1), 900_000, 'a refused credential is not mended by trying')
  t.equal(restartDelay(always, 'interrupted', 9), 0)
  t.equal(restartDelay(always, 'cancelled', 9), 0, 'a person who wants it gone pauses its task')
  t.equal(restartDelay({ restart: 'on-failure', cron: '' }, 'cancelled', 1), null)
})
