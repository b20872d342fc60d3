import { join } from 'node:path'
import { createInbox } from '@mc/core/inbox/inbox.ts'
import t, { type Test } from 'tap'
import { startApp } from '../support/app.ts'
import { createTestDesk } from '../support/desk.ts'
import { mcFor } from '../support/mc.ts'

const folderOf = (t: Pick<Test, 'testdir'>) =>
  t.testdir({
    'good.yaml': `rules:
  - { name: nas, match: { source: nas }, then: silent, reason: it always hums }
  - { name: nightly, match: { task: backup, text: 'no space' }, then: alert }
`,
    'bad.yaml': 'rules:\n  - { name: nas, match: { sorce: nas }, then: silent }\n',
  })

t.test('what other rules would have done is told, and nothing is done', async (t) => {
  const running = await startApp(t)
  const mc = mcFor(running)
  const { db } = running
  const inbox = createInbox(db, running.clock)
  await inbox.post({ source: 'scheduler', sourceId: 'web', message: 'ok', kind: 'ok' })
  await inbox.post({ source: 'nas', message: 'the fan is loud' })
  await inbox.post({
    source: 'scheduler',
    sourceId: 'backup',
    message: 'backup failed',
    kind: 'failed',
    fingerprint: 'v1:b',
    detail: { task: 'backup', excerpt: 'no space left', consecutiveFailures: 3 },
  })
  const desk = createTestDesk(db)
  desk.clock.set(running.clock.now())
  await desk.drain()
  await inbox.post({ source: 'nas', message: 'not yet looked at' })
  const before = await everything()

  const folder = folderOf(t)
  const file = join(folder, 'good.yaml')
  const tried = await mc(['triage', 'try', '--file', file])
  t.equal(tried.exitCode, 0, tried.stderr)
  t.match(
    tried.stdout,
    /^4 items since .*, 2 would end otherwise, 0 the same by another rule, 1 not decided yet\./,
  )
  t.match(tried.stdout, /user:nas +2 +1/)
  t.match(tried.stdout, /3 .*backup .*ticket \(repeated_failure\) +alert +user:nightly +Your rule/)
  t.match(tried.stdout, /2 .*nas .*ticket \(fallback\) +silent +user:nas .*it always hums/)
  t.notMatch(tried.stdout, /routine_success.*went as it should/, 'what stays as it is is counted')
  const json = JSON.parse((await mc(['triage', 'try', '--json', '--task', 'backup'])).stdout)
  t.match(json, {
    items: 1,
    changed: 0,
    list: [{ item: 3, would: { by: 'rule:repeated_failure' }, difference: null }],
  })
  t.same(await everything(), before, 'nothing was done')

  t.match(await mc(['triage', 'try', '--file', join(folder, 'bad.yaml')]), {
    exitCode: 1,
    stderr: /a mistake[\s\S]*bad\.yaml:2:27: .*did you mean "source"/,
  })
  t.match(await mc(['triage', 'try', '--since', 'yore']), { exitCode: 1, stderr: /7d/ })

  async function everything() {
    const rows = []
    for (const table of ['orchestrator_inbox', 'tickets', 'ticket_events', 'alerts'] as const)
      rows.push(await db.kysely.selectFrom(table).selectAll().execute())
    return rows
  }
})

t.test('rules are listed in their order, and checked without a server', async (t) => {
  const running = await startApp(t)
  const mc = mcFor(running)
  const { stdout } = await mc(['triage', 'rules'])
  t.match(stdout, /^ *RULE +WHAT IT SAYS\n1 +set_aside +An item that 5 tries/)
  t.match(stdout, /repeated_failure +The third failure in a row/)
  const folder = folderOf(t)
  t.match(
    await mc(['triage', 'check', join(folder, 'good.yaml')], {
      env: { MC_URL: 'http://127.0.0.1:1' },
    }),
    {
      exitCode: 0,
      stdout: /good\.yaml: 2 rules, no mistake/,
    },
  )
  t.match(await mc(['triage', 'check', join(folder, 'bad.yaml')]), {
    exitCode: 2,
    stdout: /bad\.yaml:2:27: .*"source"\?\n1 mistake$/,
  })
  t.match(await mc(['triage', 'check'], { env: { MC_TRIAGE_FILE: join(folder, 'gone.yaml') } }), {
    exitCode: 2,
    stderr: /There is no file/,
  })
})
