import { execFileSync } from 'node:child_process'
import { appendTasks, tasksText } from '@mc/scheduler/crontab/append-tasks.ts'
import { importCrontab } from '@mc/scheduler/crontab/import-crontab.ts'
import { nameTask } from '@mc/scheduler/crontab/name-task.ts'
import { readCrontab } from '@mc/scheduler/crontab/read-crontab.ts'
import { readTasksFile } from '@mc/scheduler/tasks-file.ts'
import t from 'tap'

const entriesOf = (text: string, taken: string[] = []) =>
  importCrontab(text, taken).entries.map(({ entry }) => entry)

t.test('a job is a task in its home folder, by the shell, with its comment', async (t) => {
  t.same(entriesOf('\n# The nightly backup\n30 2 * * *\t cd /srv && ./backup.sh --all\n'), [
    {
      id: 'backup',
      description: 'The nightly backup',
      cron: '30 2 * * *',
      command: 'cd /srv && ./backup.sh --all',
      shell: true,
      cwd: `\${env:HOME}`,
      timeout: '1d',
    },
  ])
})

t.test('a setting holds for the jobs below it', async (t) => {
  t.match(
    entriesOf(
      [
        '@hourly first',
        'A = "one two"',
        'SHELL=/bin/bash',
        'CRON_TZ=America/New_York',
        'RANDOM_DELAY=5',
        'HOME=/srv',
        '@daily second',
      ].join('\n'),
    ),
    [
      { id: 'first', cron: '@hourly', env: undefined, timezone: undefined },
      {
        id: 'second',
        env: { A: 'one two', HOME: '/srv' },
        command: ['/bin/bash', '-c', 'second'],
        timezone: 'America/New_York',
        jitter: '5m',
        cwd: '/srv',
      },
    ],
  )
})

t.test('what stands after % is the input of the program, as cron gives it', async (t) => {
  const [entry] = entriesOf(
    '0 9 1 * * printf "100\\%%%s" "$(date +\\%Y | wc -l)"; cat%Hi,%%INPUT%end',
  )
  t.match(readCrontab('0 9 1 * * date +\\%F').jobs, [{ command: 'date +%F', input: null }])
  t.equal(entry?.shell, true)
  const [mail] = entriesOf('0 9 1 * * cat | tr a-z A-Z%Hello,%%INPUT%all is well')
  const said = execFileSync('/bin/sh', ['-c', String(mail?.command)], { encoding: 'utf8' })
  t.equal(said, 'HELLO,\n\nINPUT\nALL IS WELL\n')
})

t.test('Vixie asks for both days with */n; the task does too, and it is said', async (t) => {
  const { entries, notes } = importCrontab('0 0 */2 * 1 x\n0 0 13 * 5 y\n0 0 * * */2 z')
  t.same(
    entries.map(({ entry }) => entry.cron),
    ['0 0 */2 * +1', '0 0 13 * 5', '0 0 * * */2'],
  )
  t.match(
    notes.filter(({ line }) => line !== null),
    [{ line: 1, text: /both days/ }],
  )
})

t.test('what has no counterpart is told with its line, the rest is taken over', async (t) => {
  const imported = importCrontab(
    [
      'MAILTO=me@example.com',
      'API_TOKEN=abcdefgh',
      '@reboot /usr/bin/serve --now',
      '61 * * * * x',
      'not a job at all, is it',
      '#5 4 * * * resting',
      '0 4 * * * root apt-get update',
    ].join('\n'),
  )
  t.match(imported.left, [
    { line: 3, text: /@reboot .*kind: background.*serve --now/ },
    { line: 4, text: /61/ },
    { line: 5, text: /neither a job nor a setting/ },
  ])
  t.match(
    imported.notes.map(({ line, text }) => `${line}: ${text}`),
    [
      /^6: is commented out/,
      /^7: MAILTO=me@example.com is not taken over/,
      /^7: API_TOKEN looks like a secret/,
      /^7: begins with a user’s name/,
      /^null: .*"timeout: 1d"/,
      /^null: .*overlap: skip/,
      /^null: .*catch_up: skip/,
      /^null: .*twice/,
    ],
  )
  t.equal(imported.entries.length, 1)
})

t.test('ids are readable, and nobody’s twice', async (t) => {
  for (const [command, name] of [
    ['/usr/bin/python3 /opt/poll/poll.py', 'poll'],
    ['cd /srv && sudo -u me ./Clean Up.sh', 'clean'],
    ['test -x /usr/sbin/anacron || ( cd / && run-parts --report /etc/cron.daily )', 'run-parts'],
    ['FOO=1 nice -n 10 flock -n /tmp/a.lock /opt/x/rotate-logs.sh', 'rotate-logs'],
    ['[ -f /x ] && /bin/bash -c "restart web"', 'restart'],
    ['"/home/me/My Jobs/run.sh"', 'my'],
    ['$X', 'job'],
  ] as const)
    t.equal(nameTask(command), name, command)
  t.same(
    entriesOf('@daily a\n@daily a\n@daily a', ['a', 'a-3']).map(({ id }) => id),
    ['a-2', 'a-4', 'a-5'],
  )
})

const added = entriesOf('# Why\n*/5 * * * * echo "a: b" # c\n0 9 * * * cat%line one%line two')

t.test('the printed file is one that can be used', async (t) => {
  const { tasks, problems } = readTasksFile(tasksText(added, 'Europe/Berlin'), 'x')
  t.same(problems, [])
  t.match(tasks, [
    { id: 'echo', timezone: 'Europe/Berlin', command: ['/bin/sh', '-c', 'echo "a: b" # c'] },
    { id: 'cat', command: ['/bin/sh', '-c', /line one\nline two/] },
  ])
})

for (const [what, text] of [
  [
    'a file of tasks',
    `# top\ntasks:\n  # first\n  - id: x # here\n    cron: '@daily'\n    command: [x]\n\n  # the end\n`,
  ],
  ['a list that is not indented', `tasks:\n- id: x\n  cron: '@daily'\n  command: [x]`],
  ['a file without tasks', '# nothing yet\n'],
  ['an empty list', 'timezone: UTC\ntasks:\n'],
  [
    'a key after the list',
    `tasks:\n  - { id: x, cron: '@daily', command: [x] } # x\n\n# limits\nlimits: { total: 3 }\n`,
  ],
  ['an empty list with a key after it', `tasks:\n# limits\nlimits: { total: 3 }\n`],
] as const)
  t.test(`jobs are appended to ${what}, of which every line stays`, async (t) => {
    const after = appendTasks(text, added) ?? ''
    const { tasks, problems } = readTasksFile(after, 'x')
    t.same(problems, [])
    t.same(
      tasks?.map(({ id }) => id),
      [...(text.includes('id: x') ? ['x'] : []), 'echo', 'cat'],
    )
    const lines = after.split('\n')
    for (const line of text.split('\n')) t.ok(lines.includes(line), line)
  })

t.test('nothing is put into a list in one line', async (t) => {
  t.equal(appendTasks('tasks: []\n', added), null)
  t.equal(appendTasks(`tasks: [{ id: x, cron: '@daily', command: [x] }]\n`, added), null)
})
