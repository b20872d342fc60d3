import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { claudeProfile } from '@mc/core/luci/profiles/claude/claude.ts'
import type { SessionFiles } from '@mc/core/luci/profiles/profile.ts'
import t from 'tap'

const { compose, start, keeps } = claudeProfile()

const filesIn = (folder: string, others: Partial<SessionFiles> = {}): SessionFiles => ({
  folder,
  cwd: '/desk',
  env: {},
  record: join(folder, 'record.jsonl'),
  hook: join(folder, "it's a hook"),
  brief: { path: '/project/ops/luci.md', text: 'Her job.' },
  mcp: { url: 'http://127.0.0.1:1/mcp', token: 'secret' },
  conversation: null,
  ...others,
})
const jsonAt = (path: string) => JSON.parse(readFileSync(path, 'utf8'))
const after = (argv: readonly string[], flag: string) => argv[argv.indexOf(flag) + 1] as string

t.test('she is started with settings of the session, the brief and the tools', async (t) => {
  const folder = t.testdir()
  const { argv, env } = start(filesIn(folder))
  t.equal(argv[0], 'claude')
  t.same(env, { CLAUDE_CODE_DISABLE_BACKGROUND_TASKS: '1' })
  const own = { CLAUDE_CODE_DISABLE_BACKGROUND_TASKS: '0' }
  t.same(start(filesIn(folder, { env: own })).env, own, 'unless a person has set it otherwise')
  t.equal(after(argv, '--append-system-prompt-file'), '/project/ops/luci.md')
  t.notMatch(argv, ['--resume'])
  const settings = jsonAt(after(argv, '--settings'))
  t.same(settings.permissions.allow, ['Bash(mc:*)', 'mcp__mission-control'])
  t.equal(settings.permissions.defaultMode, 'default')
  t.match(Object.keys(settings.hooks), [
    'SessionStart',
    'SessionEnd',
    'UserPromptSubmit',
    'PreToolUse',
    'PermissionRequest',
    'Stop',
    'StopFailure',
  ])
  t.equal(settings.hooks.PreToolUse[0].matcher, 'AskUserQuestion')
  t.equal(settings.hooks.Stop[0].hooks[0].command, `'${folder}/it'\\''s a hook'`)
  const tools = after(argv, '--mcp-config')
  t.match(jsonAt(tools), {
    mcpServers: {
      'mission-control': {
        url: 'http://127.0.0.1:1/mcp',
        headers: { Authorization: 'Bearer secret' },
        alwaysLoad: true,
      },
    },
  })
  t.equal(statSync(tools).mode & 0o777, 0o600)
  t.notMatch(argv.join(' '), /secret/, 'no credential where any process can read it')
})

t.test('a conversation goes on, and without a credential there are no tools', async (t) => {
  const { argv } = start(filesIn(t.testdir(), { mcp: null, conversation: 'c0ffee' }))
  t.equal(after(argv, '--resume'), 'c0ffee')
  t.notOk(argv.includes('--mcp-config'))
})

const typed = (text: string, origin: 'user' | 'digest' = 'user') =>
  compose({ id: '7f3a9c', origin, text }, true)
const pulled = '[mc 7f3a9c] run: mc turn show 7f3a9c'

t.test('a text that stays visible in the input is typed', async (t) => {
  for (const text of [
    'what is open?',
    'three\n  short\nlines',
    '/clear !ls #note @file are words behind the turn',
    '你好，世界 — ünï 🙂 한국어 ✓ → “quoted”',
    'x'.repeat(700),
  ])
    t.equal(typed(text), `[mc 7f3a9c] ${text}`)
  t.equal(typed('  \u001b[201~two\r\nlines\u0003 '), '[mc 7f3a9c] [201~two\nlines')
})

t.test('what she would fold, complete or draw otherwise is pulled', async (t) => {
  for (const text of [
    'x'.repeat(701),
    'four\nlines\nare\nfolded',
    'a\ttab',
    'a family 👩‍👩‍👧',
    'a hand 👍🏽',
    'a flag 🇩🇪',
    'a heart ❤️',
    'a combined e\u0301',
    'laugh :smile',
    'look at @file',
    'then /cle',
    'Enter is a new line after \\',
  ])
    t.equal(typed(text), pulled, text)
  t.equal(typed('short', 'digest'), pulled)
})

t.test(
  'of our environment she keeps what she needs for herself, and nothing of ours',
  async (t) => {
    const kept = (name: string) => keeps.some((pattern) => pattern.test(name))
    for (const name of [
      'ANTHROPIC_API_KEY',
      'ANTHROPIC_BASE_URL',
      'CLAUDE_CONFIG_DIR',
      'CLAUDE_CODE_USE_BEDROCK',
      'CLAUDE_CODE_OAUTH_TOKEN',
      'CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC',
      'DISABLE_AUTOUPDATER',
      'HTTPS_PROXY',
      'no_proxy',
      'NODE_EXTRA_CA_CERTS',
      'AWS_REGION',
    ])
      t.equal(kept(name), true, name)
    for (const name of [
      'MC_TELEGRAM_TOKEN',
      'DATABASE_URL',
      'CLAUDECODE',
      'CLAUDE_CODE_ENTRYPOINT',
      'CLAUDE_CODE_SSE_PORT',
      'CLAUDE_CODE_SESSION_ID',
      'OPENAI_API_KEY',
    ])
      t.equal(kept(name), false, name)
  },
)
