import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import type { Status } from '@mc/core/client/status.ts'
import { projectRoot } from '@mc/core/environment.ts'
import { execa } from 'execa'
import t from 'tap'
import { backOff } from '../../ops/back-off.ts'
import { bundle } from '../../ops/bundles.ts'
import { childEnvironment } from '../../ops/child-environment.ts'
import { launchersOf } from '../../ops/launcher.ts'
import { logLine } from '../../ops/log-line.ts'
import { report } from '../../ops/report.ts'
import { tapTotals } from '../../ops/tap-totals.ts'
import { ensureTmux } from '../../ops/tmux.ts'
import { bareEnvironment } from '../support/program.ts'

const at = new Date('2026-03-02T10:00:00Z')

t.test('a crashing part waits longer each time, and starts anew after a minute of health', (t) => {
  let crashes = 0
  const waits = Array.from({ length: 8 }, () => {
    const next = backOff(crashes, 1_000)
    crashes = next.crashes
    return next.waitMs
  })
  t.same(waits, [500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000])
  t.same(backOff(crashes, 60_000), { waitMs: 500, crashes: 1 })
  t.end()
})

t.test('a log record becomes one readable line; any other line stays as it is', (t) => {
  const record = JSON.stringify({ level: 40, msg: 'slow', component: 'x', tookMs: 12, what: 'a b' })
  t.match(
    logLine('pickup', record, at, false),
    /^\d\d:\d\d:\d\d pickup {4}warn slow {2}tookMs=12 what=a b$/,
  )
  t.match(logLine('api', 'Segmentation fault', at, false), /api {7}Segmentation fault$/)
  t.match(logLine('api', '{"half": ', at, false), /\{"half": $/)
  // biome-ignore lint/suspicious/noControlCharactersInRegex: none may be there
  t.notMatch(logLine('api', 'a\u001b[2Jb\u0007', at, false), /[\u001b\u0007]/)
  t.end()
})

t.test('children get no package manager’s leftovers, and our own Node first', (t) => {
  const env = childEnvironment(
    { HOME: '/h', npm_config_x: '1', INIT_CWD: '/', PATH: '/npx/_npx/1/bin:/usr/bin', KEPT: 'yes' },
    4711,
  )
  t.match(env, { HOME: '/h', KEPT: 'yes', MC_PORT: '4711' })
  t.notOk('npm_config_x' in env || 'INIT_CWD' in env)
  t.match(env.PATH, /node_modules\/\.bin:\/usr\/bin$/)
  t.notMatch(env.PATH, '_npx')
  t.end()
})

t.test('start belongs to the package manager above it, not to the shell or terminal', (t) => {
  const ps = ` 1 0 /sbin/init
 50 1 bash -c npx -y pnpm@12 start
 60 50 npm exec pnpm@12 start
 61 60 sh -c pnpm start
 70 61 node /x/.npm/_npx/1/node_modules/.bin/pnpm start
 71 70 sh -c node ops/start.ts
 80 71 node ops/start.ts
 90 50 node ops/start.ts
`
  t.same(launchersOf(80, ps), [71, 70, 61, 60])
  t.same(launchersOf(90, ps), [])
  t.end()
})

t.test('totals are tap’s own count, and never hide a failure', (t) => {
  const summary = '# { total: 9, pass: 4, fail: 3, todo: 1, skip: 1 }'
  t.same(tapTotals(`ok 1 - a\nnot ok 2 - b\n${summary}\n`, 1), {
    passed: 4,
    failed: 3,
    failures: ['not ok 2 - b'],
  })
  t.match(tapTotals('    # { total: 99, pass: 99 }\n# { total: 2, pass: 2 }\n', 0), {
    passed: 2,
    failed: 0,
  })
  t.match(tapTotals('not ok 1 - exited with 3\n# { total: 2, pass: 2 }\n', 1), {
    passed: 2,
    failed: 1,
  })
  t.match(tapTotals('', 1), { passed: 0, failed: 1, failures: [/exit code 1/] })
  t.end()
})

t.test('as root with apt-get tmux is installed, elsewhere the one command is said', (t) => {
  const bin = join(t.testdir({}), 'bin')
  mkdirSync(bin)
  const said: string[] = []
  const ensure = (isRoot: boolean) =>
    ensureTmux((text) => void said.push(text), { path: bin, isRoot })
  const program = (name: string, script: string) => {
    writeFileSync(join(bin, name), `#!/bin/sh\n${script}\n`)
    chmodSync(join(bin, name), 0o755)
  }
  program('apt-get', `echo "$@" >> '${bin}/asked'; [ "$1" = update ] || exit 100`)
  t.equal(ensure(false), false)
  t.match(said.join('\n'), 'sudo apt-get install -y tmux')
  t.equal(ensure(true), false, 'apt-get could not')
  t.match(said.join('\n'), 'could not install')

  // A fresh image knows no packages before it has fetched their lists.
  program(
    'apt-get',
    `if [ "$1" = update ]; then : > '${bin}/lists'
     elif [ -e '${bin}/lists' ]; then : > '${bin}/tmux'; /bin/chmod +x '${bin}/tmux'
     else exit 100; fi`,
  )
  t.equal(ensure(true), true)
  t.equal(ensure(false), true, 'and then it is there')
  t.end()
})

t.test('files share a process, unless their text says that they need one', (t) => {
  const folder = relative(
    projectRoot,
    t.testdir({
      'a.test.ts': 'plain',
      'b.test.ts': "process.env.PATH = ''",
      'c.test.ts': "import { start } from './starts.ts'",
      'd.test.ts': '// In a process of its own: it counts what is loaded.',
      'e.test.ts': "if (process.env.PATH === '') plain",
      'starts.ts': "import { execa } from 'execa'",
    }),
  )
  const files = ['a', 'b', 'c', 'd', 'e'].map((name) => join(folder, `${name}.test.ts`))
  const planned = bundle(files, folder)
  const shared = planned.filter((file) => file.endsWith('bundle.mjs'))
  t.equal(shared.length, 1)
  const text = readFileSync(shared[0] ?? '', 'utf8')
  t.same(
    files.filter((file) => text.includes(file)),
    [files[0], files[4]],
  )
  const alone = planned.filter((file) => !shared.includes(file))
  t.equal(alone.length, 3)
  for (const [index, file] of files.slice(1, 4).entries()) t.ok(alone[index]?.endsWith(file), file)
  t.same(bundle(files.slice(0, 1), folder), files.slice(0, 1), 'one by itself is run as it is')
  t.end()
})

t.test(
  'of a bundle a file that cannot be loaded fails by its name, and the others run',
  async (t) => {
    const test = (name: string) => `import t from 'tap'\nt.test('${name}', async (t) => t.pass())\n`
    const folder = relative(
      projectRoot,
      t.testdir({
        'a.test.ts': `${test('first')}t.teardown(() => console.log('# torn down'))\n`,
        'b.test.ts': `${test('never')}throw new Error('broken at load')\n`,
        'c.test.ts': `await new Promise((done) => setTimeout(done, 100))\n${test('after an await')}`,
        'd.test.ts': "import t from 'tap'\nt.test('wrong', async (t) => t.fail('so it is'))\n",
      }),
    )
    const files = ['a', 'b', 'c', 'd'].map((name) => join(folder, `${name}.test.ts`))
    const [program = ''] = bundle(files, folder)
    const { exitCode, stdout } = await execa(process.execPath, [program], {
      env: bareEnvironment(),
      extendEnv: false,
      reject: false,
    })
    t.equal(exitCode, 1)
    const results = stdout.split('\n').filter((line) => /^(not )?ok /.test(line))
    t.same(
      results.map((line) => line.replace(/ # time.*/, '')),
      files.map((file, index) => `${index % 2 === 0 ? 'ok' : 'not ok'} ${index + 1} - ${file}`),
    )
    t.match(stdout, /broken at load/)
    t.match(stdout, /not ok 1 - so it is/)
    t.ok(stdout.indexOf('# torn down') < stdout.indexOf('broken at load'), 'with its own file')
  },
)

t.test('the report of start offers the agent programs that are not Luci yet', async (t) => {
  const found = ['claude', 'codex'].map((profile) => ({ profile, command: profile }))
  const status = {
    database: 'sqlite',
    luci: { state: 'idle', profile: 'claude', found },
    telegram: { configured: false },
    channels: [],
    tasks: { total: 0, problems: [], next: null },
  } as unknown as Status
  const said = report(status, { url: 'http://127.0.0.1:4700', signInUrl: null, dataDir: 'd' })
  t.match(said.join('\n'), /the claude profile[\s\S]*mc luci switch codex/)
  t.notMatch(said.join('\n'), /switch claude/)
  t.match(said.join('\n'), /Worker +none: MC_WORKER_COMMAND=/)
  t.match(said.join('\n'), /Telegram +not configured: alerts stay on the page/)
  const channels = [{ label: 'Webhook', problem: null, failures: 0 }]
  const told = report({ ...status, channels }, { url: '', signInUrl: null, dataDir: 'd' })
  t.match(told.join('\n'), /Telegram +not configured \(.*\n +Channels +Webhook takes alerts\n/)
  const place = { url: 'http://127.0.0.1:4700', signInUrl: null, dataDir: 'd' }
  const next = { id: 'backup', at: '2026-03-02T10:15:00.000Z' }
  const tasks = { ...status.tasks, total: 5, next }
  const due = / 5 loaded; next: backup at 2026-03-0[123] \d\d:\d\d$/
  t.match(report({ ...status, tasks }, place).at(-1), due, 'on this machine’s clock')
  t.match(report(status, { ...place, worker: ['codex', 'exec'] }).join('\n'), /Worker +codex does/)
})
