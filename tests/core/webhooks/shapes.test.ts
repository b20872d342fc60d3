import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type HookEvent, toNewItem } from '@mc/core/webhooks/event.ts'
import { readShape, type ShapeName } from '@mc/core/webhooks/shapes.ts'
import t from 'tap'

const payload = (name: string): unknown =>
  JSON.parse(
    readFileSync(
      join(import.meta.dirname, '..', '..', 'fixtures', 'webhooks', `${name}.json`),
      'utf8',
    ),
  )

const read = (shape: ShapeName, name: string, event?: string): HookEvent => {
  const { events } = readShape(shape, payload(name), event)
  if (!events[0]) throw new Error(`${name} told nothing`)
  return events[0]
}

const from = (shape: string) => ({ shape, name: 'prod' })

t.test('each payload becomes an item that says what, where and how bad', async (t) => {
  const told: [ShapeName, string, string | undefined, object][] = [
    [
      'alertmanager',
      'alertmanager-firing',
      undefined,
      {
        kind: 'failed',
        priority: 'critical',
        sourceId: 'prod/HighLatency',
        message:
          'HighLatency on web-1:9090: p99 over 2 s for 10 minutes\nThe web shop answers slowly. Look at the database first.',
        detail: { url: 'https://wiki.example.org/runbooks/latency', webhook: 'prod' },
      },
    ],
    [
      'healthchecks',
      'healthchecks-down',
      undefined,
      {
        kind: 'failed',
        sourceId: 'prod/Nightly backup',
        message:
          'Nightly backup is down\nExit status 2\npg_dump: error: connection to server failed',
      },
    ],
    [
      'uptime-kuma',
      'uptime-kuma-down',
      undefined,
      {
        kind: 'failed',
        message: 'Web shop is down\nconnect ECONNREFUSED 192.0.2.10:443',
        detail: { url: 'https://shop.example.org' },
      },
    ],
    [
      'github',
      'github-workflow_run-failure',
      'workflow_run',
      {
        kind: 'failed',
        priority: 'normal',
        message: 'Codertocat/Hello-World: CI failure on main\nRead the settings once',
      },
    ],
    [
      'github',
      'github-check_suite',
      'check_suite',
      { kind: 'timeout', message: 'Codertocat/Hello-World: octocat-app timed out on main' },
    ],
    [
      'github',
      'github-dependabot_alert',
      'dependabot_alert',
      {
        kind: 'note',
        message:
          'Codertocat/Hello-World: high security alert, lodash: Command Injection in lodash\npackage-lock.json',
      },
    ],
    [
      'github',
      'github-issues',
      'issues',
      { kind: 'note', message: /Hello-World#1 opened: Spelling error/ },
    ],
    ['uptime-kuma', 'uptime-kuma-test', undefined, { message: 'My webhook Testing' }],
  ]
  for (const [shape, name, event, expected] of told)
    t.match(toNewItem(read(shape, name, event), from(shape)), expected, name)
})

t.test('what GitHub says null of a security alert is not told, the alert is', async (t) => {
  const whole = payload('github-dependabot_alert') as { alert: { dependency: object } }
  const titleOf = (change: object) =>
    readShape('github', { ...whole, alert: { ...whole.alert, ...change } }, 'dependabot_alert')
      .events[0]?.title
  const noPackage = { ...whole.alert.dependency, package: null }
  t.match(titleOf({ dependency: null }), /high security alert, a dependency: Command Injection/)
  t.match(titleOf({ dependency: noPackage }), /high security alert, a dependency: Command/)
  t.match(titleOf({ security_advisory: null, rule: null }), /medium security alert, alert \d+/)
})

t.test('the end of a trouble has the name of its beginning', async (t) => {
  const pairs: [ShapeName, string, string, string?][] = [
    ['alertmanager', 'alertmanager-firing', 'alertmanager-resolved'],
    ['healthchecks', 'healthchecks-down', 'healthchecks-up'],
    ['uptime-kuma', 'uptime-kuma-down', 'uptime-kuma-up'],
    ['github', 'github-workflow_run-failure', 'github-workflow_run-success', 'workflow_run'],
  ]
  for (const [shape, bad, good, event] of pairs) {
    const end = toNewItem(read(shape, good, event), from(shape))
    t.equal(end.kind, 'ok')
    t.equal(end.fingerprint, toNewItem(read(shape, bad, event), from(shape)).fingerprint)
  }
  t.equal(
    read('healthchecks', 'healthchecks-json').subject,
    read('healthchecks', 'healthchecks-down').subject,
    'the template and $JSON name the same check',
  )
  const shop = toNewItem(read('uptime-kuma', 'uptime-kuma-up'), { shape: 'x', name: 'other' })
  t.not(shop.fingerprint, toNewItem(read('uptime-kuma', 'uptime-kuma-up'), from('x')).fingerprint)
})

t.test('what is no news is ignored, and says why', async (t) => {
  const run = payload('github-workflow_run-failure') as { action: string; workflow_run: object }
  const ignored: [ShapeName, unknown, string | undefined, RegExp][] = [
    ['github', payload('github-ping'), 'ping', /works/],
    ['github', payload('github-ping'), 'star', /not taken/],
    ['github', { ...run, action: 'requested' }, 'workflow_run', /not completed/],
    [
      'github',
      { ...run, workflow_run: { ...run.workflow_run, conclusion: 'cancelled' } },
      'workflow_run',
      /ended cancelled/,
    ],
    ['alertmanager', { status: 'firing', alerts: [] }, undefined, /no alerts/],
    ['healthchecks', { name: 'x', status: 'paused' }, undefined, /paused/],
  ]
  for (const [shape, body, event, why] of ignored) {
    const reading = readShape(shape, body, event)
    t.same(reading.events, [])
    t.match(reading.ignored, why)
  }
})

t.test('a payload of another shape is refused with what was expected', async (t) => {
  const wrong: [ShapeName, unknown, string | undefined, RegExp][] = [
    ['alertmanager', payload('uptime-kuma-down'), undefined, /an Alertmanager payload/],
    ['healthchecks', { status: 'down' }, undefined, /a Healthchecks notification/],
    ['uptime-kuma', [], undefined, /an Uptime Kuma notification/],
    ['github', payload('github-issues'), 'workflow_run', /a workflow_run event/],
    ['plain', { text: 'x' }, undefined, /a text, or JSON with "message"/],
    ['alertmanager', { status: 'x', alerts: Array(501).fill({}) }, undefined, /Alertmanager/],
  ]
  for (const [shape, body, event, message] of wrong)
    t.throws(() => readShape(shape, body, event), { code: 'unprocessable', message })
})

t.test('text from outside is cut, cleaned and without secrets', async (t) => {
  const { events } = readShape('plain', {
    message: `first\u001b[31m line\npassword=hunter2hunter2 ${'x'.repeat(50_000)}`,
    about: '../../backup\u202e',
    url: 'javascript:alert(1)',
  })
  const item = toNewItem(events[0] as HookEvent, from('webhook'))
  t.ok(item.message.length < 5_000)
  t.match(item.message, /^first line\n/)
  t.notMatch(item.message, 'hunter2')
  t.equal(item.sourceId, 'prod/../../backup')
  t.notOk(item.detail?.url)
})
