import { execFileSync } from 'node:child_process'
import { closeSync, lstatSync, mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { geminiProfile } from '@mc/core/luci/profiles/gemini/gemini.ts'
import {
  plainMcInJson,
  sessionSettings,
  settingsOf,
} from '@mc/core/luci/profiles/gemini/settings.ts'
import type { SessionFiles } from '@mc/core/luci/profiles/profile.ts'
import t from 'tap'

const places = { policies: ['/home/p/policies', '/luci/policy.toml'], auth: null }
const mcp = { url: 'http://127.0.0.1:4700/mcp', token: 'secret' }

const filesIn = (folder: string): SessionFiles => ({
  folder: join(folder, 'luci'),
  cwd: folder,
  env: { HOME: join(folder, 'home') },
  record: join(folder, 'record'),
  hook: join(folder, 'hook'),
  brief: { path: 'luci.md', text: 'Her job' },
  mcp,
  conversation: null,
})

const read = (...path: string[]) => readFileSync(join(...path), 'utf8')

t.test("ours is added to the person's settings, and nothing is taken away", async (t) => {
  const person = {
    ui: { theme: 'GitHub' },
    context: { fileName: 'AGENTS.md', includeDirectories: ['/x'] },
    hooks: { BeforeAgent: [{ hooks: [{ type: 'command', command: 'mine' }] }] },
    mcpServers: { theirs: { command: 'server' } },
    policyPaths: ['/home/p/rules.toml'],
  }
  const settings = settingsOf({ hook: '/luci/hook', record: '/luci/record', mcp }, person, places)
  t.match(settings, {
    ui: { theme: 'GitHub' },
    context: { fileName: ['AGENTS.md', 'MISSION-CONTROL.md'], includeDirectories: ['/x'] },
    hooksConfig: { enabled: true },
    mcpServers: {
      theirs: { command: 'server' },
      'mission-control': { httpUrl: mcp.url, headers: { Authorization: 'Bearer secret' } },
    },
    policyPaths: ['/home/p/rules.toml', '/luci/policy.toml'],
  })
  t.match(settings.hooks?.BeforeAgent, [
    { hooks: [{ command: 'mine' }] },
    { hooks: [{ command: /'\/luci\/hook'/ }] },
  ])
})

t.test('hooks that are switched off stay off, but for ours', async (t) => {
  const hooks = { BeforeAgent: [{ hooks: [{ type: 'command', command: 'mine' }] }] }
  const off = settingsOf(
    { hook: '/h', record: '/r', mcp },
    { hooksConfig: { enabled: false }, hooks },
    places,
  )
  t.equal(off.hooksConfig?.enabled, true)
  t.equal(off.hooks?.BeforeAgent?.length, 1)
})

t.test('without a credential there is no server', async (t) => {
  t.same(settingsOf({ hook: '/h', record: '/r', mcp: null }, {}, places).mcpServers, {})
})

t.test('the session has a home of its own that leads to the person’s', async (t) => {
  const folder = t.testdir({
    home: {
      '.gemini': {
        'settings.json': '{ // mine\n "ui": { "theme": "a // b" } }',
        'oauth_creds.json': '{}',
        tmp: { theirs: '' },
      },
      '.agents': { skills: {} },
      other: '',
    },
    luci: {},
  })
  const files = filesIn(folder)
  const before = read(folder, 'home/.gemini/settings.json')
  const env = sessionSettings(files)
  const home = join(folder, 'luci/gemini')
  t.same(env, { GEMINI_CLI_HOME: home })
  t.match(JSON.parse(read(home, '.gemini/settings.json')), { ui: { theme: 'a // b' } })
  t.equal(read(home, '.gemini/MISSION-CONTROL.md'), 'Her job')
  t.ok(lstatSync(join(home, '.gemini/oauth_creds.json')).isSymbolicLink())
  t.ok(lstatSync(join(home, '.agents')).isSymbolicLink())
  t.throws(() => lstatSync(join(home, '.gemini/tmp')))
  t.throws(() => lstatSync(join(home, 'other')))
  t.equal(lstatSync(join(home, '.gemini/settings.json')).mode & 0o777, 0o600)

  // What it wrote there itself stays, and so does the way to sign in that was chosen there.
  const chosen = { security: { auth: { selectedType: 'oauth-personal' } } }
  writeFileSync(join(home, '.gemini/settings.json'), JSON.stringify(chosen))
  writeFileSync(join(home, '.gemini/trustedFolders.json'), '{"/x":"TRUST_FOLDER"}')
  mkdirSync(join(home, '.gemini/tmp'))
  writeFileSync(join(folder, 'home/.gemini/trustedFolders.json'), '{}')
  sessionSettings(files)
  t.match(JSON.parse(read(home, '.gemini/settings.json')), { ...chosen, ui: { theme: 'a // b' } })
  t.equal(read(home, '.gemini/trustedFolders.json'), '{"/x":"TRUST_FOLDER"}')
  t.equal(read(folder, 'home/.gemini/settings.json'), before)
})

t.test('somebody who never ran it has nothing to lead to', async (t) => {
  const folder = t.testdir({ luci: {} })
  t.equal(sessionSettings(filesIn(folder)).GEMINI_CLI_HOME, join(folder, 'luci/gemini'))
})

t.test('settings that are no JSON are said, with what to do', async (t) => {
  for (const text of ['{', '{"hooks": []}']) {
    const folder = t.testdir({ home: { '.gemini': { 'settings.json': text } }, luci: {} })
    t.throws(() => sessionSettings(filesIn(folder)), { code: 'unavailable', hint: /gemini/ })
  }
})

t.test('a conversation is gone on with', async (t) => {
  const folder = t.testdir({ luci: {} })
  const { start } = geminiProfile()
  t.same(start(filesIn(folder)).argv, ['gemini'])
  const on = start({ ...filesIn(folder), conversation: 'c0ffee' })
  t.same(on.argv, ['gemini', '--resume', 'c0ffee'])
})

t.test('the hook drops the request and keeps the answer', async (t) => {
  const folder = t.testdir({ "person's": {} })
  const record = join(folder, "person's", 'record.jsonl')
  const { hooks } = settingsOf({ hook: '/h', record, mcp: null }, {}, places)
  const [entry] = (hooks?.AfterModel ?? []) as { hooks: { command: string }[] }[]
  const line = JSON.stringify({
    hook_event_name: 'AfterModel',
    llm_request: { messages: [{ content: 'x","llm_response":{ {} },' }] },
    llm_response: { text: 'y ,"llm_request":{ z\\ & 👩\u200d👧', candidates: [] },
  })
  const asked = join(folder, 'asked.json')
  writeFileSync(asked, line)
  const run = (env: Record<string, string>) => {
    // A file: where its input is a socket, bash takes itself for a remote shell and reads a
    // person's files; and one that drops the request may end before all of it was written.
    const input = openSync(asked, 'r')
    execFileSync('bash', ['-c', entry?.hooks[0]?.command ?? ''], {
      stdio: [input, 'pipe', 'inherit'],
      env: { PATH: process.env.PATH, ...env },
    })
    closeSync(input)
  }
  run({})
  run({ GEMINI_CLI: '1' })
  run({})
  const [first, second, ...rest] = readFileSync(record, 'utf8').split('\n')
  t.same(rest, [''], 'one that runs in a command of hers is not heard')
  t.equal(first, second)
  t.same(JSON.parse(first ?? ''), {
    hook_event_name: 'AfterModel',
    llm_response: { text: 'y ,"llm_request":{ z\\ & 👩\u200d👧', candidates: [] },
  })
})

t.test('mc runs unasked only as one plain call', async (t) => {
  const rule = new RegExp(`"command":"${plainMcInJson}`)
  const runs = (command: string) => rule.test(JSON.stringify({ command, description: 'x' }))
  for (const command of ['mc', 'mc status', "mc inbox resolve 5 ticket --reason 'it is late'"])
    t.ok(runs(command), command)
  for (const command of [
    'mcx',
    './mc status',
    'mc status; PATH=$PWD; mc status',
    'mc status && touch x',
    'mc status > f',
    'mc a $(touch x)',
    'mc a\nmc b',
  ])
    t.notOk(runs(command), command)
  // The program refuses an expression with a repetition in a repetition.
  t.notMatch(plainMcInJson, /\([^)]*[*+?{].*\)[*+?{]/)
})
