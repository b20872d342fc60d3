import type { Item } from '@mc/core/inbox/item.ts'
import { type History, noHistory } from '@mc/core/triage/history.ts'
import { isLike, says } from '@mc/core/triage/pattern.ts'
import { readRulesFile } from '@mc/core/triage/rules-file.ts'
import { listWith, triage } from '@mc/core/triage/triage.ts'
import { ruleOf } from '@mc/core/triage/written-rule.ts'
import t from 'tap'
import { anItem } from '../../support/items.ts'

const now = new Date('2026-03-02T12:00:00Z')

/** What becomes of an item under these rules (flow YAML), by which rule. */
const under = (rules: string, item: Partial<Item>, history: Partial<History> = {}) => {
  const read = readRulesFile(`rules: [${rules}]`, 'f')
  if (!read.rules) throw new Error(read.problems.join('\n'))
  const list = listWith(read.rules.map(ruleOf))
  const verdict = triage(anItem(item), { ...noHistory(now), ...history }, list)
  return `${verdict.action} ${verdict.rule ?? '-'}`
}

const third = { detail: { task: 'backup', consecutiveFailures: 3, tags: ['disk'] } }

t.test('what a person wrote comes before what we do', async (t) => {
  const silent = '{ name: a, match: { task: backup }, then: silent }'
  t.equal(under(silent, third), 'silent user:a')
  t.equal(under('', third), 'ticket repeated_failure')
  t.equal(
    under('{ name: a, match: { task: backup }, then: ask }', third),
    'ask user:a',
    'Luci is asked of what we would have decided',
  )
  t.equal(
    under(`${silent}, { name: b, match: { task: backup }, then: alert }`, third),
    'silent user:a',
  )
})

t.test('what a person did by hand is no news to them, whatever their rules say', async (t) => {
  const alert = '{ name: a, match: { task: backup }, then: alert }'
  const stopped: Partial<Item> = {
    source: 'scheduler',
    kind: 'note',
    priority: 'low',
    detail: { task: 'backup', status: 'cancelled' },
  }
  t.equal(under(alert, stopped), 'silent cancelled')
  t.equal(under(alert, { ...stopped, detail: { task: 'backup' } }), 'alert user:a', 'another note')
})

t.test('every key must agree, of a list one entry', async (t) => {
  const rule = (match: string) => `{ name: a, match: { ${match} }, then: silent }`
  const hit = (match: string, item: Partial<Item> = third) =>
    under(rule(match), item).endsWith('user:a')
  t.ok(hit('task: [x, "back*"], tag: DISK, kind: [failed, timeout], priority: normal'))
  t.notOk(hit('task: backup, tag: network'))
  t.notOk(hit('task: back'))
  t.ok(hit('source: scheduler'))
  t.ok(hit('source: scheduler/backup'))
  t.ok(hit('source: "webhook/*"', { source: 'webhook', sourceId: 'github', kind: 'note' }))
  const hook = {
    source: 'webhook',
    sourceId: 'prod/HighLatency',
    detail: { shape: 'alertmanager', webhook: 'prod' },
  }
  for (const source of ['webhook', 'webhook/prod', 'webhook/prod/High*', 'webhook/alertmanager'])
    t.ok(hit(`source: "${source}"`, hook), source)
  t.notOk(hit('source: webhook/pro', hook))
  t.ok(hit('kind: note', { source: 'x', kind: null }), 'who says nothing posts a note')
  t.ok(hit('text: EXIT CODE'))
  t.ok(hit('text: "backup*code"'))
  t.notOk(hit('text: "code*backup"'))
  t.ok(hit('text: no space', { detail: { excerpt: '\u001b[31mNo \u001b[1mspace left' } }))
})

t.test('a rule is about successes only when it says so', async (t) => {
  const ok = { kind: 'ok' as const, detail: { task: 'backup' } }
  t.equal(under('{ name: a, match: { task: backup }, then: ticket }', ok), 'silent routine_success')
  t.equal(
    under('{ name: a, match: { task: backup, kind: ok }, then: ticket }', ok),
    'ticket user:a',
  )
})

t.test('auth and critical pass it by, unless it says even', async (t) => {
  const rule = (then: string, even = '') =>
    `{ name: a, match: { source: "*" }, then: ${then}${even ? `, even: [${even}]` : ''} }`
  const auth = { kind: 'auth' as const, priority: 'critical' as const }
  const critical = { ...third, priority: 'critical' as const }
  for (const then of ['silent', 'ticket', 'ask', 'mute, until: 2027-01-01']) {
    t.equal(under(rule(then), auth), 'alert auth', then)
    t.equal(under(rule(then), critical), 'alert+ticket repeated_failure', then)
  }
  t.equal(under(rule('alert+ticket'), auth), 'alert+ticket user:a', 'more is always welcome')
  t.equal(under(rule('silent', 'auth'), auth), 'silent user:a')
  t.equal(under(rule('silent', 'auth'), critical), 'alert+ticket repeated_failure')
  t.equal(under(rule('ticket', 'critical'), critical), 'ticket user:a')
  t.equal(under(rule('silent', 'critical'), auth), 'alert auth')
})

t.test('a mute ends at its time', async (t) => {
  const rule = '{ name: a, match: { task: backup }, then: mute, until: 2026-03-02T13:00Z }'
  t.equal(under(rule, third), 'silent user:a')
  t.equal(under(rule, third, { now: new Date('2026-03-02T13:00:00Z') }), 'ticket repeated_failure')
})

t.test('what cannot be handled is set aside, whatever a person wrote', async (t) => {
  t.equal(
    under('{ name: a, match: { source: "*" }, then: silent }', { tries: 5 }),
    'alert set_aside',
  )
})

t.test('what was told directly cannot be untold', async (t) => {
  const told = { detail: { task: 'backup', told: ['alert'] } }
  t.equal(under('{ name: a, match: { task: backup }, then: silent }', told), 'alert user:a')
  t.equal(under('{ name: a, match: { task: backup }, then: ticket }', told), 'alert+ticket user:a')
})

t.test('a star stands for anything, and for nothing', async (t) => {
  t.ok(isLike('backup-home', 'backup-*'))
  t.ok(isLike('backup-', 'BACKUP-*'))
  t.notOk(isLike('my-backup-home', 'backup-*'))
  t.notOk(isLike('aba', 'ab*ba'), 'a piece is not used twice')
  t.ok(isLike('abxba', 'ab*ba'))
  t.ok(isLike('a.b', 'a.b'))
  t.notOk(isLike('axb', 'a.b'), 'nothing but the star is special')
  t.ok(says('the disk is full', 'disk*full'))
  t.notOk(says('full disk', 'disk*full'))
  const started = process.cpuUsage()
  says('a'.repeat(100_000), `${'a*'.repeat(200)}b`)
  isLike('a'.repeat(100_000), `${'*a'.repeat(200)}*b`)
  t.ok(process.cpuUsage(started).user < 1_000_000, 'no pattern takes long')
})
