import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { runMcHere } from '../support/mc-here.ts'
import { runProgram } from '../support/program.ts'

const nobody = { MC_URL: 'http://127.0.0.1:1', MC_DATA_DIR: '/nowhere' }

/** `mc` with nobody to talk to: none of these needs a server. */
const mc = (
  args: string[],
  { input = '', env = {} }: { input?: string; env?: Record<string, string> } = {},
) => runMcHere(args, { env: { ...nobody, ...env }, input })

const good = `# mine\ntasks:\n  - { id: a, cron: '*/5 * * * *', timezone: Europe/Berlin, command: [x] } # first\n`

t.test('a tasks file is checked without a server', async (t) => {
  const folder = t.testdir({
    'good.yaml': good,
    'empty.yaml': '',
    'bad.yaml': `tasks:\n  - id: a\n    cron: '61 * * * *'\n    comand: [x]\n`,
  })
  t.match(await mc(['task', 'check', join(folder, 'good.yaml')]), {
    exitCode: 0,
    stdout: /good\.yaml: 1 task, no mistake$/,
  })
  const bad = await mc(['task', 'check', join(folder, 'bad.yaml')])
  t.equal(bad.exitCode, 2)
  t.match(bad.stdout, /bad\.yaml:3:11: expected a cron expression/)
  t.match(bad.stdout, /bad\.yaml:4:5: .*did you mean "command"\?/)
  t.match(bad.stdout, /2 mistakes$/)
  t.match(await mc(['task', 'check', join(folder, 'empty.yaml')]), {
    exitCode: 2,
    stdout: /empty\.yaml:1:1: expected "tasks:" .* got an empty file/,
  })
  t.match(await mc(['task', 'check'], { env: { MC_TASKS_FILE: join(folder, 'gone.yaml') } }), {
    exitCode: 2,
    stderr: /There is no file/,
  })
  t.match(JSON.parse((await mc(['task', 'check', join(folder, 'bad.yaml'), '--json'])).stdout), {
    tasks: 0,
    problems: { length: 2 },
  })
})

t.test('a task or an expression is explained', async (t) => {
  const env = { MC_TASKS_FILE: join(t.testdir({ 'tasks.yaml': good }), 'tasks.yaml') }
  const task = await mc(['task', 'explain', 'a', '--count', '3'], { env })
  t.match(task.stdout, /"\*\/5 \* \* \* \*" in Europe\/Berlin: every 5 minutes\n/)
  t.equal(task.stdout.match(/\+0[12]:00 {2}\d{4}-/g)?.length, 3)
  const words = await mc(['task', 'explain', '30 2 * * *', '--zone', 'America/New_York'])
  t.match(words.stdout, /02:30 does not exist that day: it fires once, at 03:00/)
  t.match(await mc(['task', 'explain', 'b', '--zone', 'UTC'], { env }), {
    exitCode: 3,
    stderr: /no task "b"[\s\S]*Did you mean a\?/,
  })
  t.match(await mc(['task', 'explain', '61 * * * *']), { exitCode: 2, stderr: /61/ })
  t.match(await mc(['task', 'explain', '@daily', '--zone', 'Mars']), { exitCode: 2 })
})

t.test('a crontab is printed as tasks, or appended to the file', async (t) => {
  const path = join(t.testdir({ 'tasks.yaml': good }), 'tasks.yaml')
  const crontab = '# Why\n@daily /opt/a.sh\n@daily /opt/b.sh\n'
  const printed = await mc(['task', 'import', 'crontab', '-'], { input: crontab })
  t.match(printed, {
    exitCode: 0,
    stdout: /tasks:\n {2}- id: a\n/,
    stderr: /^2 jobs taken over\.\n/,
  })
  const args = ['task', 'import', 'crontab', '-', '--write', '--tasks-file', path]
  t.match(await mc(args, { input: crontab }), { exitCode: 0, stdout: /Appended to .*: a-2, b$/ })
  t.ok(readFileSync(path, 'utf8').startsWith(good))
  t.match(await mc(['task', 'check', path]), { stdout: /3 tasks, no mistake/ })
  t.match(await mc(args, { input: '@reboot x\n' }), { exitCode: 1, stderr: /@reboot/ })
  writeFileSync(path, '# nothing yet\n')
  t.match(await mc(args, { input: crontab }), { exitCode: 0, stdout: /Appended to .*: a, b$/ })
  t.match(await mc(['task', 'check', path]), { stdout: /2 tasks, no mistake/ })
  writeFileSync(path, 'tasks: []\n')
  t.match(await mc(args, { input: crontab }), { exitCode: 1, stderr: /in one line/ })
  writeFileSync(path, 'tasks: 3\n')
  t.match(await mc(args, { input: crontab }), { exitCode: 2, stderr: /mend them first/ })
})

t.test('an appended job fires at the hour at which cron ran it', async (t) => {
  const path = join(t.testdir({ 'tasks.yaml': '' }), 'tasks.yaml')
  const append = async (text: string, TZ: string) => {
    writeFileSync(path, text)
    const args = ['task', 'import', 'crontab', '-', '--write', '--tasks-file', path]
    const input = '0 3 * * * /opt/a.sh\nCRON_TZ=Asia/Tokyo\n0 3 * * * /opt/b.sh\n'
    // A process reads its time zone once, so this one has its own.
    const env = { ...nobody, TZ }
    const { exitCode, stderr } = await runProgram('apps/mc/main.ts', args, { input, env })
    t.equal(exitCode, 0, stderr)
    return { text: readFileSync(path, 'utf8'), stderr }
  }
  for (const text of ['timezone: Europe/Berlin\ntasks:\n', 'tasks:\n']) {
    const after = await append(text, 'America/New_York')
    t.match(after.text, /id: a\n +cron: 0 3 \* \* \*\n +timezone: America\/New_York\n/, text)
    t.match(after.text, /id: b\n +cron: 0 3 \* \* \*\n +timezone: Asia\/Tokyo\n/, text)
    t.match(after.stderr, /each has got "timezone: America\/New_York"/, text)
  }
  for (const [text, zone] of [
    ['timezone: Europe/Berlin\ntasks:\n', 'Europe/Berlin'],
    ['tasks:\n', 'UTC'],
  ] as const) {
    const after = await append(text, zone)
    t.match(after.text, /id: a\n +cron: 0 3 \* \* \*\n +command:/, text)
    t.notMatch(after.stderr, /has got "timezone/)
  }
})
