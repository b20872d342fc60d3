import { createAlerts } from '@mc/core/alerts/alerts.ts'
import { createInbox } from '@mc/core/inbox/inbox.ts'
import t from 'tap'
import { startApp } from '../support/app.ts'
import { mcFor } from '../support/mc.ts'

t.test('a ticket is filed, commented, moved, linked and shown', async (t) => {
  const mc = mcFor(await startApp(t))
  t.match(await mc(['ticket', 'create', 'Fix', 'the', 'door', '--priority', 'critical']), {
    exitCode: 0,
    stdout: 'Filed MC-1: Fix the door',
  })
  const fromJson = JSON.stringify({ title: 'Buy a hinge', body: 'Two.\nBrass.', labels: ['shop'] })
  t.match(await mc(['ticket', 'create'], { input: fromJson }), {
    stdout: 'Filed MC-2: Buy a hinge',
  })
  t.match(await mc(['ticket', 'comment', 'mc-1', '-'], { input: 'It squeaks.\n' }), { exitCode: 0 })
  t.match(await mc(['ticket', 'move', 'MC-1', 'doing']), { stdout: 'MC-1 is doing' })
  t.match(await mc(['ticket', 'link', 'MC-1', 'MC-2']), { stdout: 'MC-1 waits for MC-2' })

  const shown = await mc(['ticket', 'show', 'MC-1'])
  for (const part of ['MC-1  Fix the door', 'critical', 'It squeaks.', 'todo → doing'])
    t.ok(shown.stdout.includes(part), part)
  const listed = await mc(['ticket', 'list', '--label', 'shop'])
  t.match(listed.stdout, /^KEY +STATUS +PRIORITY +UPDATED +TITLE\nMC-2 .*Buy a hinge$/)
  t.match(JSON.parse((await mc(['ticket', 'list', '--json'])).stdout), {
    items: [
      { key: 'MC-2', body: 'Two.\nBrass.' },
      { key: 'MC-1', status: 'doing' },
    ],
    next: null,
  })
})

t.test('an item is posted, listed, judged and shown', async (t) => {
  const mc = mcFor(await startApp(t))
  t.match(await mc(['inbox', 'post', 'the', 'roof', 'leaks', '--source', 'house']), {
    stdout: 'Posted item 1',
  })
  const item = JSON.stringify({ source: 'cellar', message: 'it is wet', priority: 'low' })
  t.match(await mc(['inbox', 'post'], { input: item }), { stdout: 'Posted item 2' })
  t.match(
    (await mc(['inbox', 'list'])).stdout,
    /2 .*cellar .*low .*it is wet\n1 .*house .*the roof leaks/,
  )

  t.match(await mc(['inbox', 'resolve', '1', 'ticket', '--reason', 'mend it']), {
    exitCode: 0,
    stdout: 'Item 1: ticket, recorded',
  })
  const verdicts = [
    { item: 2, action: 'silent', reason: 'it always is' },
    { item: 77, action: 'silent', reason: 'no such' },
  ]
  const judged = await mc(['inbox', 'resolve'], { input: JSON.stringify(verdicts) })
  t.equal(judged.exitCode, 1, 'one was refused')
  t.match(judged.stdout, /Item 2: silent, recorded\nItem 77: refused\. There is no item 77/)
  t.match((await mc(['inbox', 'show', '1'])).stdout, /Item 1 from house, normal/)
})

t.test('tasks, runs, alerts, turns and the desk as a whole can be looked at', async (t) => {
  const app = await startApp(t)
  const mc = mcFor(app)
  const alerts = createAlerts(app.db, app.clock, { repeatIntervalMs: 1_000 })
  await alerts.raise({ fingerprint: 'x', kind: 'note', title: 'Look here', text: '…' })
  await createInbox(app.db, app.clock).post({ source: 'x', message: 'y' })

  t.match((await mc(['task', 'list'])).stdout, /No tasks/)
  t.match((await mc(['run', 'list'])).stdout, /No runs yet/)
  t.match((await mc(['turn', 'list'])).stdout, /No messages yet/)
  t.match((await mc(['alert', 'list'])).stdout, /1 .*queued .*Look here/)
  t.match(await mc(['act', 'undo', '8e504b']), { exitCode: 2, stderr: /--proposal 8e504b/ })
  t.match(await mc(['alert', 'ack', '1']), { exitCode: 0, stdout: /acknowledged: Look here/ })

  const status = await mc(['status'])
  t.equal(status.exitCode, 0)
  t.match(status.stdout, /Luci +idle \(house\)/)
  t.match(status.stdout, /Inbox +1 pending/)
  t.match(JSON.parse((await mc(['status', '--json'])).stdout), { inbox: { pending: 1 } })
  t.match((await mc(['sign-in'])).stdout, /^http:\/\/\S+\/sign-in\?token=\S+$/)
  t.match((await mc(['luci', 'switch', 'generic'])).stdout, /idle \(generic\)/)
})

t.test('what tasks and tickets say cannot reach the terminal as more than text', async (t) => {
  const app = await startApp(t)
  const mc = mcFor(app)
  const nasty = 'red \u001b[31m\u001b]0;title\u0007 \u202egnp.exe\u200b'
  await createInbox(app.db, app.clock).post({ source: 'x', message: nasty })
  for (const args of [
    ['inbox', 'list'],
    ['inbox', 'show', '1'],
    ['inbox', 'show', '1', '--json'],
  ]) {
    const { stdout } = await mc(args)
    t.match(stdout, 'gnp.exe')
    // biome-ignore lint/suspicious/noControlCharactersInRegex: none of these may be there
    t.notMatch(stdout, /[\u001b\u0007\u202e\u200b]/, args.join(' '))
  }
  const { message } = JSON.parse((await mc(['inbox', 'show', '1', '--json'])).stdout)
  t.equal(message, nasty, 'JSON still says exactly what was posted')
})

t.test('a switch is set, listed and given back to the environment', async (t) => {
  const mc = mcFor(await startApp(t))
  t.match(await mc(['settings', 'set', 'pickup', 'off']), {
    exitCode: 0,
    stdout: 'pickup is now off',
  })
  t.match(
    (await mc(['settings', 'list'])).stdout,
    /^pickup +off +person +orchestrate, rules, off$/m,
  )
  t.match(await mc(['settings', 'unset', 'pickup']), {
    stdout: 'pickup is orchestrate again, as the environment has it',
  })
})
