import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { readRulesFile } from '@mc/core/triage/rules-file.ts'
import { rulesSchema } from '@mc/core/triage/rules-schema.ts'
import t from 'tap'
import Schema from 'typebox/schema'
import { parse } from 'yaml'
import { projectFolder } from '../../support/tasks.ts'

const shipped = (name: string) => readFileSync(join(projectFolder, 'ops', name), 'utf8')

t.test('a rule is read with what it leaves out', async (t) => {
  const { rules, problems } = readRulesFile(
    `rules:
  - name: noise
    match: { task: [a, 'b-*'], kind: failed, text: 'rate limit' }
    then: silent
    even: [critical]
    reason: it always does
  - { name: later, match: { source: nas }, then: mute, until: 2026-12-24T18:00Z }
  - { name: off, match: { source: nas }, then: ticket, enabled: false }
`,
    'triage.yaml',
  )
  t.same(problems, [])
  const none = { source: [], task: [], tag: [], kind: [], priority: [], text: [] }
  t.same(rules, [
    {
      name: 'noise',
      match: { ...none, task: ['a', 'b-*'], kind: ['failed'], text: ['rate limit'] },
      action: 'silent',
      until: null,
      even: ['critical'],
      reason: 'it always does',
    },
    {
      name: 'later',
      match: { ...none, source: ['nas'] },
      action: 'mute',
      until: '2026-12-24T18:00:00.000Z',
      even: [],
      reason: null,
    },
  ])
})

t.test('a date by itself is midnight on this machine', async (t) => {
  const { rules } = readRulesFile(
    'rules: [{ name: a, match: { source: x }, then: mute, until: 2026-12-24 }]',
    'f',
  )
  t.equal(rules?.[0]?.until, new Date('2026-12-24T00:00').toISOString())
})

t.test('every mistake is told at once, with its place', async (t) => {
  const { rules, problems } = readRulesFile(
    `rules:
  - name: one
    match: { tsak: a, kind: fialed }
    then: silence
  - name: one
    match: {}
    then: mute
  - name: three
    match: { text: '' }
    then: alert
    until: tomorrow
    even: [auth]
  - match: { source: x }
    then: mute
    until: 2026-02-30
  - name: listed
    match: { kind: [failed, faild] }
    then: alert
  - just a text
extra: 1
`,
    'triage.yaml',
  )
  t.equal(rules, null)
  for (const problem of [
    /^triage\.yaml:3:14: .*"tsak"; did you mean "task"\?/,
    /^triage\.yaml:17:29: expected one of ok, failed.* got "faild"/,
    /^triage\.yaml:3:29: expected one of ok, failed.* got "fialed"/,
    /^triage\.yaml:4:11: expected silent, ticket.* got "silence"/,
    /^triage\.yaml:5:11: expected each name once/,
    /^triage\.yaml:6:12: expected at least one of source/,
    /^triage\.yaml:5:5: expected "until"/,
    /^triage\.yaml:9:20: expected words/,
    /^triage\.yaml:11:5: expected no "until" here/,
    /^triage\.yaml:11:12: expected a time such as/,
    /^triage\.yaml:12:5: expected no "even" here/,
    /^triage\.yaml:13:5: expected "name"/,
    /^triage\.yaml:15:12: expected a time such as/,
    /^triage\.yaml:19:5: expected a rule/,
    /^triage\.yaml:20:1: expected a known key of the file/,
  ])
    t.ok(
      problems.some((told) => problem.test(told)),
      `${problem} in\n${problems.join('\n')}`,
    )
  t.equal(problems.length, 15)
})

t.test('an empty file is a mistake, an empty list of rules is none', async (t) => {
  t.match(readRulesFile('', 'f'), { rules: null, problems: [/f:1:1: .*an empty file/] })
  t.match(readRulesFile('rules: yes', 'f'), { rules: null })
  t.match(readRulesFile('rules:', 'f'), { rules: [], problems: [] })
})

t.test(
  'the shipped rules file is empty, names its schema, and its examples are sound',
  async (t) => {
    const text = shipped('triage.yaml')
    t.match(text, /^# yaml-language-server: \$schema=\.\/triage\.schema\.json\n/)
    t.match(readRulesFile(text, 'f'), { rules: [], problems: [] })
    const inUse = text.replace(/^ {2}# ?/gm, '  ')
    const { rules, problems } = readRulesFile(inUse, 'f')
    t.same(problems, [])
    t.equal(rules?.length, 4)
    t.ok(Schema.Check(rulesSchema(), parse(inUse)))
  },
)

t.test('the published schema is the one that the file is read by', async (t) => {
  t.same(JSON.parse(shipped('triage.schema.json')), rulesSchema(), 'run: npx -y pnpm@12 run schema')
  const ok = (rule: string) => Schema.Check(rulesSchema(), parse(`rules: [{ name: a, ${rule} }]`))
  t.ok(ok('match: { source: x }, then: silent'))
  t.notOk(ok('match: {}, then: silent'), 'about nothing')
  t.notOk(ok('match: { source: x }, then: mute'), 'a mute without an end')
  t.notOk(ok('match: { source: x }, then: silent, until: 2026-12-24'), 'an end without a mute')
  t.notOk(ok('match: { source: x }, then: page'))
})
