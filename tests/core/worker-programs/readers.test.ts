import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { readConfig } from '@mc/core/config.ts'
import type { AppError } from '@mc/core/errors.ts'
import { shownCommand } from '@mc/core/worker-programs/command.ts'
import { secretsIn, workerEnvironment } from '@mc/core/worker-programs/environment.ts'
import type { PresetName } from '@mc/core/worker-programs/presets.ts'
import { workerProgram } from '@mc/core/worker-programs/program.ts'
import { createShown } from '@mc/core/worker-programs/reader.ts'
import t from 'tap'

const said = join(import.meta.dirname, '..', '..', 'fixtures', 'workers', 'said')

/** Reads what a real program wrote, in pieces that end nowhere in particular. */
const read = (name: PresetName | 'own', text: string) => {
  const reader = workerProgram({ program: name, command: [name] })?.reader()
  if (!reader) throw new Error('There is a reader for every program')
  const shown = createShown(reader)
  let log = ''
  for (let at = 0; at < text.length; at += 97) log += shown.add(text.slice(at, at + 97))
  return { log: log + shown.end(), ...reader.end() }
}
const recorded = (name: PresetName, how: string) =>
  read(name, readFileSync(join(said, `${name}-${how}.jsonl`), 'utf8'))

t.test('what each program says of its work is read from its own records', async (t) => {
  t.match(recorded('claude', 'done'), {
    result: 'TOOLDONE hi\nAll is **done**.',
    trouble: null,
    usage: {
      model: 'claude-opus-5-5',
      tokensIn: 3_636,
      tokensOut: 8,
      tokensCached: 0,
      costUsd: 0.014704,
    },
    log: '$ echo hi > made.txt && cat made.txt\nhi\nTOOLDONE hi\nAll is **done**.\n',
  })
  const codex = recorded('codex', 'done')
  t.match(codex, {
    trouble: null,
    usage: { model: null, tokensIn: 44, tokensOut: 161, tokensCached: 0, costUsd: null },
    log: /\[Model metadata for `scripted` not found.*\]\n\$ \/bin\/bash -lc 'echo hi > made.txt && cat made.txt'\nhi\nTOOLDONE/,
  })
  t.match(codex.result, /^TOOLDONE[\s\S]*All is \*\*done\*\*\.$/)
  t.match(recorded('opencode', 'done'), {
    result: 'TOOLDONE hi\nAll is **done**.',
    trouble: null,
    usage: { tokensIn: 4_824, tokensOut: 8, tokensCached: 0, costUsd: null },
    log: '$ echo hi > made.txt && cat made.txt\nhi\nTOOLDONE hi\nAll is **done**.\n',
  })
  const gemini = recorded('gemini', 'done')
  t.match(gemini, {
    trouble: null,
    usage: { model: 'gemini-scripted', tokensIn: 11_730, tokensOut: 27, tokensCached: 0 },
    log: /^\$ echo hi > made.txt && cat made.txt\nhi\nTOOLDONE/,
  })
  t.match(gemini.result, /All is \*\*done\*\*\.$/)
})

t.test('what a program gives up is no success, whatever its exit code', async (t) => {
  for (const name of ['claude', 'codex', 'opencode', 'gemini'] as const)
    t.match(recorded(name, 'failed').trouble, /gave up: .*The script wants a 400/, name)
  t.match(recorded('opencode', 'refused').trouble, /It was stopped: The user rejected permission/)
  for (const name of ['claude', 'codex', 'opencode', 'gemini'] as const)
    t.match(read(name, ''), { result: null, trouble: 'It ended without saying how' }, name)
})

t.test('what a reader does not know is shown as it is', async (t) => {
  const strange = 'not JSON\n{"type":"new","x":1}\n{broken\n{"type":"result","is_error":"?"}'
  for (const name of ['claude', 'codex', 'opencode', 'gemini', 'own'] as const)
    t.equal(read(name, strange).log, `${strange}\n`, name)
})

t.test('of a program of the person’s own the last lines are the result', async (t) => {
  const lines = Array.from({ length: 60 }, (_, n) => `line ${n}`).join('\n')
  const { result, log, trouble } = read('own', `${lines}\n`)
  t.equal(log, `${lines}\n`)
  t.equal(trouble, null)
  t.equal(result, lines.slice(lines.indexOf('line 20')))
  t.equal(read('own', '').result, null)
})

t.test('a bare name is a preset, anything else an own command', async (t) => {
  const workers = (env: Record<string, string>) => readConfig(env, '/desk').workers
  t.match(workers({}), { program: null, command: null, timeoutMs: 30 * 60_000 })
  t.match(workers({ MC_WORKER_COMMAND: 'codex' }), {
    program: 'codex',
    command: 'codex exec --json --skip-git-repo-check --sandbox workspace-write -'.split(' '),
  })
  t.match(workers({ MC_WORKER_COMMAND: 'gemini', MC_WORKER_ARGS: '--approval-mode yolo' }), {
    command: ['gemini', '-o', 'stream-json', '--approval-mode', 'yolo'],
  })
  t.match(workers({ MC_WORKER_COMMAND: 'claude -p', MC_WORKER_TIMEOUT: '2h' }), {
    program: 'own',
    command: ['claude', '-p'],
    timeoutMs: 7_200_000,
    folder: '/desk/data/luci/work',
    folders: ['/desk/data/luci/work'],
  })
  t.same(workers({ MC_WORKER_FOLDERS: '/srv, sites' }).folders, ['/srv', '/desk/sites'])
  let problems: readonly string[] = []
  try {
    workers({ MC_WORKER_ENV: 'PATH2,MC_TELEGRAM_TOKEN', MC_WORKER_ARGS: '-x' })
  } catch (error) {
    problems = (error as AppError).problems ?? []
  }
  t.match(problems, [/MC_WORKER_ARGS/, /MC_WORKER_ENV/])
})

t.test('a worker is given its keys, and nothing of ours', async (t) => {
  const env = workerEnvironment(
    {
      HOME: '/home/person',
      PATH: '/desk/node_modules/.bin:/desk/apps/pickup/node_modules/.bin:/usr/bin',
      ANTHROPIC_API_KEY: 'sk-ant-0123456789',
      OPENAI_API_KEY: 'sk-0123456789',
      SITE: 'a',
      MC_TELEGRAM_TOKEN: '1:x',
      MC_URL: 'http://127.0.0.1',
      DATABASE_URL: 'postgres://x',
    },
    '/desk',
    {
      keeps: workerProgram({ program: 'claude', command: [] })?.keeps ?? [],
      names: ['SITE', 'MC_URL'],
    },
  )
  const { PATH = '', ...others } = env
  t.same(others, { HOME: '/home/person', ANTHROPIC_API_KEY: 'sk-ant-0123456789', SITE: 'a' })
  t.notMatch(PATH, /desk/, 'mc is not on it')
  t.match(PATH, /:\/usr\/bin$/)
  t.same(secretsIn(env), ['sk-ant-0123456789'])
  t.same(secretsIn(env, ['SITE']).sort(), ['a', 'sk-ant-0123456789'], 'what is given by name, too')
  t.same(
    shownCommand(
      ['do', '--api-key', 'hunter22', '--token=hunter22', '--max-tokens', '9', 'or the sesame'],
      ['the sesame'],
    ),
    ['do', '--api-key', '[redacted]', '--token=[redacted]', '--max-tokens', '9', 'or [redacted]'],
  )
})
