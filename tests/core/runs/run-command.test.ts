import { isAlive, processStarted } from '@mc/core/runs/process.ts'
import { type CommandSpec, runCommand } from '@mc/core/runs/run-command.ts'
import t from 'tap'
import { fixture } from '../../support/tasks.ts'
import { until } from '../../support/until.ts'

const spec = (over: Partial<CommandSpec> & { argv: readonly string[] }): CommandSpec => ({
  cwd: '/',
  env: { PATH: process.env.PATH ?? '' },
  timeoutMs: 60_000,
  ...over,
})

t.test('a program that ends well says what it said', async (t) => {
  t.match(await runCommand(spec({ argv: fixture('prints.ts', 'one', 'zwei äöü 日本') })), {
    exitCode: 0,
    signal: null,
    timedOut: false,
    spawnError: null,
    output: 'one\nzwei äöü 日本\n',
    droppedBytes: 0,
    stderr: '',
  })
})

t.test('a program that fails gives its code, and stderr beside the whole', async (t) => {
  t.match(await runCommand(spec({ argv: fixture('fails.ts', '3', 'Error: no') })), {
    exitCode: 3,
    output: 'Error: no\n',
    stderr: 'Error: no\n',
  })
})

t.test('a program that cannot start is told in words', async (t) => {
  const missing = await runCommand(spec({ argv: ['no-such-program-here'] }))
  t.match(missing, { exitCode: null, spawnError: /no-such-program-here/ })
  const folder = await runCommand(spec({ argv: fixture('prints.ts'), cwd: '/no/such/folder' }))
  t.match(folder, { exitCode: null, spawnError: /no such folder as \/no\/such\/folder/ })
  const nullByte = await runCommand(spec({ argv: ['/bin/echo', 'a\0b'] }))
  t.match(nullByte, { exitCode: null, spawnError: /null bytes/ })
})

t.test('at the time limit a deaf grandchild that holds stdout ends too', async (t) => {
  const result = await runCommand(
    spec({ argv: fixture('grandchild.ts'), timeoutMs: 3_000, killAfterMs: 500 }),
  )
  t.match(result, { timedOut: true, exitCode: null })
  t.ok(result.durationMs < 20_000, `took ${result.durationMs} ms`)
  const grandchild = Number(/^\d+$/m.exec(result.output)?.[0])
  t.ok(grandchild > 0, result.output)
  await until('the grandchild is gone', async () => (await processStarted(grandchild)) === null)
})

t.test('a grandchild left behind cannot keep the run open', async (t) => {
  const result = await runCommand(spec({ argv: fixture('grandchild.ts', '--leave'), drainMs: 200 }))
  const grandchild = Number(/^\d+$/m.exec(result.output)?.[0])
  process.kill(grandchild, 'SIGKILL')
  t.match(result, { exitCode: 0, timedOut: false })
})

t.test('a person can end a run, and the whole group goes', async (t) => {
  const stop = new AbortController()
  const result = await runCommand(
    spec({
      argv: fixture('forever.ts'),
      signal: stop.signal,
      onOutput: () => stop.abort(),
    }),
  )
  t.match(result, { aborted: true, timedOut: false, signal: 'SIGTERM' })
  t.notOk(isAlive(Number(result.output)))
})

t.test('input reaches the program and is closed', async (t) => {
  t.match(await runCommand(spec({ argv: ['cat'], input: 'from outside' })), {
    exitCode: 0,
    output: 'from outside',
  })
})

t.test('the middle of a long output is dropped and counted, and the run goes well', async (t) => {
  const program = `for (let i = 0; i < 40000; i++) console.log('line ' + i)`
  const result = await runCommand(spec({ argv: [process.execPath, '-e', program] }))
  t.equal(result.exitCode, 0)
  t.ok(result.output.startsWith('line 0\nline 1\n'))
  t.ok(result.output.endsWith('line 39999\n'))
  t.ok(result.output.length < 66_000, `${result.output.length} characters are kept`)
  t.ok(result.droppedBytes > 300_000)
  t.match(result.output, `${result.droppedBytes} bytes dropped`)
})

t.test('a secret is hidden wherever the output is cut', async (t) => {
  const secret = `s3cr3t-${'x'.repeat(40)}-end`
  const program = `const s = process.env.S; for (let i = 0; i < 6000; i++) process.stdout.write(s)`
  const result = await runCommand(
    spec({
      argv: [process.execPath, '-e', program],
      env: { PATH: process.env.PATH ?? '', S: secret },
      secrets: [secret],
    }),
  )
  t.notMatch(result.output, /xxxx|s3cr3t|-end/)
  t.match(result.output, /\[redacted\]/)
})

t.test('broken UTF-8 is repaired, and a character in two pieces stays whole', async (t) => {
  const program = `process.stdout.write(Buffer.from([0xe2, 0x82])); setTimeout(() => process.stdout.write(Buffer.from([0xac, 0x20, 0xff])), 50)`
  const { output } = await runCommand(spec({ argv: [process.execPath, '-e', program] }))
  t.equal(output, '€ \ufffd')
})

t.test('a program that goes silent is ended, one that goes on talking is not', async (t) => {
  const silent = await runCommand(
    spec({ argv: fixture('forever.ts'), noOutputMs: 300, killAfterMs: 500 }),
  )
  t.match(silent, { wentSilent: true, timedOut: false, aborted: false, signal: 'SIGTERM' })
  // A shell begins at once, also where much else is going on.
  const program = 'for n in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16; do echo $n; sleep 0.2; done'
  const talking = await runCommand(spec({ argv: ['sh', '-c', program], noOutputMs: 2_500 }))
  t.match(talking, { wentSilent: false, exitCode: 0 })
  t.ok(talking.durationMs > 3_000, `talked for ${talking.durationMs} ms`)
})

t.test('what is said too much keeps the beginning and end of each stream', async (t) => {
  const program = `console.error('warning at the start'); for (let i = 0; i < 30000; i++) console.log('line ' + i); console.error('error in the end')`
  const result = await runCommand(spec({ argv: [process.execPath, '-e', program] }))
  t.match(result.output, /^line 0\n/)
  t.match(result.output, /line 29999\n\n\[stderr\]\nwarning at the start\nerror in the end\n$/)
  t.equal(result.stderr, 'warning at the start\nerror in the end\n')
  t.match(result.stdout, /^line 0\n[\s\S]*line 29999\n$/)
})
