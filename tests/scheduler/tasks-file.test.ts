import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { readTasksFile } from '@mc/scheduler/tasks-file.ts'
import t from 'tap'
import fc from '../support/fast-check.ts'
import { projectFolder } from '../support/tasks.ts'

const read = (text: string) => readTasksFile(text, 'tasks.yaml')

t.test('a task gets every default, and its time zone is explicit', async (t) => {
  const file = read(`
timezone: Europe/Berlin
tasks:
  - id: disk
    cron: '*/5 * * * *'
    command: [df, -h]
  - id: web
    cron: '0 30 8 * * 1-5'
    timezone: America/New_York
    http: { url: https://example.com/, expect: { status: [200, 204], contains: fine } }
    timeout: 5s
    jitter: 1m
    retries: 2
    overlap: queue
    catch_up: all
    priority: critical
    auth_codes: []
`)
  t.match(file.tasks?.[0], {
    id: 'disk',
    title: 'disk',
    kind: 'command',
    timezone: 'Europe/Berlin',
    command: ['df', '-h'],
    overlap: 'skip',
    catchUp: 'latest',
    timeoutMs: 600_000,
    successCodes: [0],
    authCodes: [77],
    priority: 'normal',
    enabled: true,
  })
  t.match(file.tasks?.[1], {
    kind: 'http',
    timezone: 'America/New_York',
    http: { method: 'GET', expect: { statuses: [200, 204], contains: 'fine' } },
    timeoutMs: 5_000,
    jitterMs: 60_000,
    overlap: 'queue',
    catchUp: 'all',
    priority: 'critical',
  })
  t.same(file.tasks?.[1]?.authCodes, [])
})

t.test('all mistakes are told at once, each with its line and what was meant', async (t) => {
  const file = read(`timezone: Europe/Berlinn
tasks:
  - id: a
    cron: '61 * * * *'
    comand: [df]
    timout: 3s
  - id: b
    cron: '* * * * *'
    command: df -h
  - id: b
    cron: '* * * * *'
    http: { url: ftp://x, expect: { statuss: 200 } }
    timeout: 0
  - id: c
    kind: background
    timeout: 3h
    timezone: Mars/Olympus
    command: [sleep, '1']
    overlap: { allow: 1 }
  - cron: '* * * * *'
    command: [x]
  - just text
`)
  t.equal(file.tasks, null)
  const expected = [
    /^tasks.yaml:1:11: expected an IANA time zone .* got "Europe\/Berlinn"/,
    /^tasks.yaml:4:11: expected a cron expression .* got "61 \* \* \* \*": .*61/,
    /^tasks.yaml:5:5: .* got "comand"; did you mean "command"\?/,
    /^tasks.yaml:6:5: .* got "timout"; did you mean "timeout"\?/,
    /^tasks.yaml:9:14: expected a list such as \[df, -h\], got one line/,
    /^tasks.yaml:10:9: expected each id once, got "b" again/,
    /^tasks.yaml:12:18: expected an http:\/\/ or https:\/\/ URL, got "ftp:\/\/x"/,
    /^tasks.yaml:12:37: .* got "statuss"; did you mean "status"\?/,
    /^tasks.yaml:13:14: expected a duration above zero/,
    /^tasks.yaml:16:5: expected no "timeout" here: .* "beat" says/,
    /^tasks.yaml:17:15: expected an IANA time zone .* got "Mars\/Olympus"/,
    /^tasks.yaml:19:14: expected skip, queue, replace or .* got \{"allow":1\}/,
    /^tasks.yaml:20:5: expected "id", .* got none/,
    /^tasks.yaml:22:5: expected a task: .* got "just text"/,
  ]
  t.equal(file.problems.length, expected.length, file.problems.join('\n'))
  for (const [n, pattern] of expected.entries()) t.match(file.problems[n], pattern)
})

t.test('what is no YAML is told with its line', async (t) => {
  t.match(read('tasks:\n  - id: [').problems, [/^tasks.yaml:2:\d+: /])
  t.match(read('tasks:\n  - {id: a, id: b}').problems, [/^tasks.yaml:2:\d+: .*unique/])
  t.match(read('hello').problems, [/^tasks.yaml:1:1: expected "tasks:"/])
})

t.test('a calendar without quotes is told as that, once', async (t) => {
  for (const [text, place, cron] of [
    ['tasks:\n  - id: a\n    cron: * * * * *\n    command: [x]\n', '3:11', '* * * * *'],
    ['tasks:\n  - cron: */5 3,4 * * 1,2 # c\n    id: a\n', '2:11', '*/5 3,4 * * 1,2'],
    ['tasks:\r\n  - cron: * * * * *\r\n    id: a\r\n', '2:11', '* * * * *'],
    ['tasks:\n  - { id: a, cron: */5 * * * *, command: [x] }\n', '2:20', '*/5 * * * *'],
    ['tasks:\n  - { command: [x], id: a, cron: * * * * * * }\n', '2:34', '* * * * * *'],
  ] as const) {
    const { problems } = read(text)
    t.equal(problems.length, 1, problems.join('\n'))
    t.ok(problems[0]?.startsWith(`tasks.yaml:${place}: expected the cron expression in quotes`))
    t.ok(problems[0]?.endsWith(`put it in quotes: "${cron}"`), text)
  }
})

t.test('what is no YAML is told without the words that stand there', async (t) => {
  const task = (value: string) =>
    `tasks:\n  - id: a\n    cron: '@daily'\n    command: [x]\n    env:\n      KEY: ${value}\n`
  for (const value of ['*hunter2', '"a" hunter2', '|hunter2', '[hunter2', '@hunter2']) {
    const { tasks, problems } = read(task(value))
    t.equal(tasks, null)
    t.match(problems, [/^tasks.yaml:[67]:\d+: ./], value)
    t.notMatch(problems.join('\n'), /hunter/)
  }
})

t.test('a request has nothing of a program', async (t) => {
  const { problems } = read(`
tasks:
  - id: a
    cron: '@daily'
    http: { url: https://example.com }
    shell: false
    cwd: /srv
    env: { KEY: x }
    success_codes: [0, 1]
`)
  t.equal(problems.length, 4, problems.join('\n'))
  for (const [n, key] of ['shell', 'cwd', 'env', 'success_codes'].entries())
    t.match(problems[n], `tasks.yaml:${n + 6}:5: expected no "${key}" here: it is for programs`)
})

t.test('no tasks have to be said: an empty file is a mistake', async (t) => {
  for (const text of ['', '\n', '# nothing yet\n', '---\n'])
    t.match(read(text).problems, [/^tasks.yaml:1:\d: expected "tasks:" .* got an empty file/], text)
  t.match(read('timezone: UTC\n').problems, [/^tasks.yaml:1:1: .* got a file without it$/])
  t.match(read('tasks: 3\n').problems, [/^tasks.yaml:1:1: .* got 3$/])
  t.match(read('tasks: []\n'), { tasks: [], problems: [] })
  t.match(read('tasks:\n'), { tasks: [], problems: [] })
})

t.test('a shell is used only when asked for', async (t) => {
  const file = read(`
tasks:
  - { id: a, cron: '@hourly', command: 'df -h | tail -1', shell: true }
`)
  t.same(file.tasks?.[0]?.command, ['/bin/sh', '-c', 'df -h | tail -1'])
})

t.test('a secret may not stand in a command, nor ours anywhere', async (t) => {
  const { problems } = read(`
tasks:
  - { id: a, cron: '@hourly', command: [curl, '\${env:TOKEN}'] }
  - { id: b, cron: '@hourly', command: [x], env: { T: '\${env:MC_TELEGRAM_TOKEN}' } }
  - { id: c, cron: '@hourly', command: [x], env: { T: '\${env:}' } }
`)
  t.match(problems, [
    /:3:.*put it under "env"/,
    /:4:.*MC_TELEGRAM_TOKEN/,
    /:5:.*expected a reference/,
  ])
})

t.test('no mistake tells a value of env, headers or body', async (t) => {
  const { problems } = read(`
tasks:
  - { id: a, cron: '@daily', command: [x], env: { DB_PASSWORD: hunter2, PORTS: [1, 2] } }
  - { id: b, cron: '@daily', command: [x], env: [DB_PASSWORD=hunter2] }
  - { id: c, cron: '@daily', command: [x], env: DB_PASSWORD=hunter2 }
  - { id: d, cron: '@daily', command: [x], env: { DB_PASSWORD=hunter2, EMPTY: , 2ND: x } }
  - { id: e, cron: '@daily', http: { url: https://x.de, headers: { X-Key: [hunter2] }, body: { k: hunter2 } } }
  - { id: f, cron: '@daily', http: { url: https://x.de, headers: 'X-Key: hunter2', body: [hunter2] } }
  - { id: g, cron: '@daily', http: 'https://x.de?key=hunter2' }
  - { id: h, cron: '@daily', command: [x], env: { T: '\${env:A-B:-hunter2}' } }
  - [hunter2]
  - { id: i, cron: '@daily', command: [curl, { X-Key: hunter2 }] }
  - { id: j, cron: '@daily', http: { url: https://x.de, 'X-Key: hunter2': } }
`)
  const expected = [
    /:3:80: expected a text, .* for "PORTS", got a list$/,
    /:4:49: expected variable names, .* got a list$/,
    /:5:49: expected variable names, .* got a text$/,
    /:6:51: expected a name for env, got "DB_PASSWORD…"$/,
    /:6:\d+: expected a text, .* for "EMPTY", got nothing$/,
    /:6:\d+: expected a name for env, got "2ND"$/,
    /:7:75: expected a text for "X-Key", got a list$/,
    /:7:94: expected the text to send, got a mapping$/,
    /:8:66: expected header names, .* got a text$/,
    /:8:90: expected the text to send, got a list$/,
    /:9:36: expected names with values, got a text$/,
    /:10:54: expected a reference/,
    /:11:5: expected a task: .* got a list$/,
    /:12:46: expected a list such as .* got a mapping$/,
    /:13:57: expected a known key of http .* got "X-Key…"$/,
  ]
  t.notMatch(problems.join('\n'), /hunter2/)
  t.equal(problems.length, expected.length, problems.join('\n'))
  for (const [n, pattern] of expected.entries()) t.match(problems[n], pattern)
})

t.test('what tasks share can be written once', async (t) => {
  const file = read(`
x-nightly: &nightly { cron: '0 3 * * *', priority: low }
tasks:
  - { <<: *nightly, id: a, command: [x] }
`)
  t.match(file.tasks, [{ id: 'a', cron: '0 3 * * *', priority: 'low' }])
})

t.test('a merge of what is no mapping is told with its line', async (t) => {
  for (const text of ['tasks:\n  - { <<: x, id: a }', 'tasks:\n  - <<: 3\n', 'tasks:\n  - <<: [1]'])
    t.match(read(text).problems, [/^tasks.yaml:2:\d+: expected "<<" with a mapping to merge/], text)
})

t.test('the shipped tasks have no mistake', async (t) => {
  const path = join(projectFolder, 'ops', 'tasks.yaml')
  const file = readTasksFile(readFileSync(path, 'utf8'), 'ops/tasks.yaml')
  t.same(file.problems, [])
  t.ok((file.tasks?.length ?? 0) >= 5)
})

t.test('a background task needs no calendar, and is kept running', async (t) => {
  const file = read(`
limits: { total: 4, tags: { heavy: 1 } }
tasks:
  - { id: a, kind: background, command: [serve], beat: 2m }
  - { id: b, kind: background, command: [serve], cron: '@daily', restart: on-failure }
  - { id: c, cron: '@daily', command: [x], overlap: { allow: 3 }, no_output: 90s }
`)
  t.match(file.tasks, [
    { kind: 'background', cron: '', restart: 'always', beatMs: 120_000, timeoutMs: 0 },
    { kind: 'background', cron: '@daily', restart: 'on-failure', beatMs: null },
    { overlap: 'allow', overlapMax: 3, noOutputMs: 90_000, restart: 'never' },
  ])
  t.match(file, { limits: { total: 4, tags: { heavy: 1 } } })
})

t.test('limits are checked with the rest', async (t) => {
  t.match(
    read(`
limits: { tags: { backups: 1, unused: 2 } }
tasks:
  - { id: a, cron: '@daily', command: [x], tags: [backup] }
`).problems,
    [/^tasks.yaml:2:19: .* got "backups"; did you mean "backup"\?/],
  )
  t.match(read('limits: { totl: 4, tags: { heavy: 0 } }\ntasks:\n').problems, [
    /^tasks.yaml:1:11: expected a known key of limits, got "totl"; did you mean "total"\?/,
    /^tasks.yaml:1:35: expected a whole number from 1 to 1000 for "heavy", got 0/,
  ])
})

t.test('whatever a person saves is told as mistakes, and never breaks the reading', async (t) => {
  const good = `timezone: UTC\nlimits: { total: 2 }\ntasks:\n  - id: a\n    cron: '*/5 * * * *'\n    command: [x, y]\n    env: { A: b }\n  - { id: b, kind: background, command: [x], beat: 1m }\n`
  const parts = [
    '',
    ':',
    '- ',
    '[',
    '{',
    '}',
    '&a',
    '*a',
    '<<: *a',
    '\t',
    '\n',
    '"',
    '1e999',
    '~',
    '? ',
    '|',
    '!!x',
    '%',
    'null',
    'kind: http',
    'allow: 0',
    '\u0000',
    '日',
  ]
  const cut = fc.tuple(fc.nat(good.length), fc.nat(30), fc.constantFrom(...parts))
  fc.assert(
    fc.property(fc.array(cut, { minLength: 1, maxLength: 4 }), (cuts) => {
      const text = cuts.reduce(
        (all, [at, length, put]) => all.slice(0, at) + put + all.slice(at + length),
        good,
      )
      const { tasks, problems } = read(text)
      return tasks === null
        ? problems.length > 0 && problems.every((one) => /^tasks\.yaml:\d+:\d+: ./.test(one))
        : problems.length === 0
    }),
    { numRuns: 1_000 },
  )
  t.pass()
})

t.test('aliases without end are a mistake, not the end of the scheduler', async (t) => {
  const bomb = ['x-a: &a [1,1,1,1,1,1,1,1,1,1]']
  for (let n = 1; n < 9; n++) {
    const [from, to] = [String.fromCharCode(96 + n), String.fromCharCode(97 + n)]
    bomb.push(`x-${to}: &${to} [${Array(10).fill(`*${from}`).join(',')}]`)
  }
  t.match(read(`${bomb.join('\n')}\ntasks:\n`).problems, [/^tasks.yaml:1:1: .*alias/i])
})
