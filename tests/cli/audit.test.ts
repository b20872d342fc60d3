import { createInbox } from '@mc/core/inbox/inbox.ts'
import t from 'tap'
import { startApp } from '../support/app.ts'
import { mcFor } from '../support/mc.ts'

t.test('a webhook is made, listed and revoked; its token is told once', async (t) => {
  const mc = mcFor(await startApp(t))
  const made = await mc(['webhook', 'create', 'prod', '--shape', 'alertmanager'])
  t.match(
    made.stdout,
    /may post to http:\S+\/api\/v1\/webhooks\/alertmanager\n[\s\S]*mc_webhook_\S+/,
  )
  t.match(await mc(['webhook', 'create', 'prod']), { exitCode: 4 })
  t.match(await mc(['webhook', 'create', 'Not a name']), { exitCode: 1 })
  const listed = (await mc(['webhook', 'list'])).stdout
  t.match(listed, /prod .*alertmanager/)
  t.notMatch(listed, /mc_webhook_/)
  t.match(await mc(['webhook', 'revoke', 'prod']), { stdout: 'Webhook prod is revoked' })
  t.match((await mc(['webhook', 'list'])).stdout, 'No webhooks.')
})

t.test('an item’s way is shown, called wrong and counted; the week is told', async (t) => {
  const app = await startApp(t)
  const mc = mcFor(app)
  const inbox = createInbox(app.db, app.clock)
  await inbox.post({ source: 'cellar', message: 'it is wet', kind: 'note' })
  const [item] = await inbox.claim({ countMax: 1, by: 'pickup-1' })
  if (item) await inbox.settle(item, { action: 'silent', decidedBy: 'luci', reason: 'It is' })
  const wrong = await mc(['inbox', 'wrong', '1', '--right', 'ticket', '--note', 'pump'])
  t.match(wrong.stdout, 'Item 1: silent by luci was wrong, ticket was right')
  const way = (await mc(['inbox', 'show', '1'])).stdout
  for (const part of ['Picked up by pickup-1', 'Luci decided: silence (It is)', '(pump)'])
    t.ok(way.includes(part), `${part} in ${way}`)
  t.match((await mc(['inbox', 'accuracy'])).stdout, /luci +1 +1 +0 %/)
  t.match((await mc(['report'])).stdout, /^Week \d{4}-W\d\d \(so far\)\n1 item settled: 1 silenced/)
  t.match(JSON.parse((await mc(['report', '--week', '2020-W10', '--json'])).stdout), {
    week: '2020-W10',
    settled: 0,
  })
  t.match(await mc(['report', '--week', 'last']), { exitCode: 1, stderr: /2026-W47/ })
})
