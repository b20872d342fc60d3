import { createRunLogs } from '@mc/core/runs/run-logs.ts'
import { createRuns } from '@mc/core/runs/runs.ts'
import { createSettings } from '@mc/core/settings/settings.ts'
import { createTasks } from '@mc/core/tasks/tasks.ts'
import t from 'tap'
import { startApp } from '../support/app.ts'
import { mcFor } from '../support/mc.ts'
import { aTask } from '../support/tasks.ts'
import { until } from '../support/until.ts'

t.test('tasks are narrowed, paused alone and together, and resumed', async (t) => {
  const app = await startApp(t)
  const mc = mcFor(app)
  await createTasks(app.db, app.clock).sync([aTask({ tags: ['night'] }), aTask({ id: 'other' })])
  t.match((await mc(['task', 'list', '--tag', 'night'])).stdout, /^ID .*\ngreet .*$/)
  t.match((await mc(['task', 'list', '--find', 'nowhere'])).stdout, /No task like that/)

  t.match(await mc(['task', 'pause', 'greet', '--reason', 'x', '--until', '2h']), {
    exitCode: 0,
    stdout: /^greet is paused until \d{4}-/,
  })
  t.match((await mc(['task', 'list', '--state', 'paused'])).stdout, /greet +paused/)
  t.equal((await mc(['task', 'pause', '--reason', 'x'])).exitCode, 2)
  t.equal((await mc(['task', 'resume', 'greet', '--all'])).exitCode, 2)
  t.match(await mc(['task', 'pause', '--all', '--reason', 'moving house']), {
    stdout: 'All tasks are paused',
  })
  t.match((await mc(['status'])).stdout, /Tasks .*all tasks are paused by you: moving house/)
  t.match((await mc(['task', 'list'])).stderr, /Note: all tasks are paused by you: moving house/)
  t.match(await mc(['task', 'resume', '--all']), { stdout: 'The tasks run again' })
  t.match((await mc(['task', 'list'])).stdout, /greet +paused/, 'its own pause outlives it')
  t.match(await mc(['task', 'resume', 'greet']), { stdout: /greet runs again/ })
})

t.test('mistakes of the tasks file are told beside the status and the list', async (t) => {
  const app = await startApp(t)
  const problems = ['ops/tasks.yaml:4:5: did you mean "command"?']
  const state = { hash: 'x', problems, since: new Date().toISOString(), count: 1 }
  await createSettings(app.db, app.clock).set('tasks_file', state, 'scheduler')
  await createTasks(app.db, app.clock).sync([aTask()])
  const mc = mcFor(app)
  t.match((await mc(['status'])).stdout, /the last good set runs on: ops\/tasks.yaml:4:5/)
  t.match((await mc(['task', 'list'])).stderr, /a mistake, the last good set runs on/)
})

t.test('what a run said is printed, and followed to its end', async (t) => {
  const app = await startApp(t)
  const mc = mcFor(app)
  const runs = createRuns(app.db, app.clock)
  const run = await runs.begin({ taskId: 'greet', trigger: 'manual', workerId: 'w' })
  const id = run?.id ?? ''
  const log = createRunLogs(app.config.dataDir).open(id)
  log.write('one\n'.repeat(100_000), 'stdout')
  const following = mc(['run', 'log', id, '--follow'])
  log.write('the end\n', 'stdout')
  log.end()
  await runs.end(id, { status: 'ok' })
  const followed = await following
  t.equal(followed.exitCode, 0)
  t.equal(followed.stdout.length, 400_007, 'all of it, once')
  t.ok(followed.stdout.endsWith('one\nthe end'))
  t.equal((await mc(['run', 'log', id])).stdout.length, 400_007)
  t.equal((await mc(['run', 'log', 'beef'])).exitCode, 3)
  t.match(await mc(['run', 'cancel', id]), { exitCode: 4, stderr: /has ended: ok/ })
  const waits = await runs.begin({ taskId: 'greet', trigger: 'manual' })
  const stopped = await mc(['run', 'cancel', waits?.id ?? ''])
  t.match(stopped.stdout, /will not begin\. No scheduler is running: this run is cancelled when/)
  t.match((await mc(['run', 'list', '--to', '2020-01-01'])).stdout, /No runs yet/)
  t.match((await mc(['run', 'list', '--from', '2020-01-01'])).stdout, /greet +ok/)
})

t.test('of an output longer than its log the last lines are printed too', async (t) => {
  const app = await startApp(t)
  const runs = createRuns(app.db, app.clock)
  const run = await runs.begin({ taskId: 'greet', trigger: 'manual', workerId: 'w' })
  const id = run?.id ?? ''
  const log = createRunLogs(app.config.dataDir).open(id)
  log.write(`first\n${`${'x'.repeat(1_023)}\n`.repeat(11 * 1024)}`, 'stdout')
  log.end()
  const output = 'first\n[… 11000000 bytes dropped …]\nnext to last\nlast'
  await runs.end(id, { status: 'ok', output, outputDroppedBytes: 11_000_000 })
  const mc = mcFor(app)
  for (const follow of [[], ['--follow']]) {
    const { stdout } = await mc(['run', 'log', id, ...follow])
    t.ok(stdout.startsWith('first\nxxx'))
    const end = stdout.slice(-200).split('\n').slice(-4)
    t.match(end[0], /the log is full/)
    t.same(end.slice(1), ['[… its last lines: …]', 'next to last', 'last'])
  }
})

t.test('a task that is run and followed says how it ended', async (t) => {
  const app = await startApp(t)
  const mc = mcFor(app)
  const tasks = createTasks(app.db, app.clock)
  await tasks.sync([aTask()])
  const runs = createRuns(app.db, app.clock)
  const old = await runs.begin({ taskId: 'greet', trigger: 'manual', workerId: 'w' })
  await runs.end(old?.id ?? '', { status: 'ok', output: 'old' })
  const following = mc(['task', 'run', 'greet', '--follow'])
  await until('the run is asked for', async () => (await tasks.get('greet')).runRequested)
  const run = await runs.begin({ taskId: 'greet', trigger: 'manual', workerId: 'w' })
  const log = createRunLogs(app.config.dataDir).open(run?.id ?? '')
  log.write('new\n', 'stdout')
  log.end()
  await runs.end(run?.id ?? '', { status: 'failed' })
  t.match(await following, { exitCode: 1, stdout: /^new$/, stderr: /ended: failed/ })
})
