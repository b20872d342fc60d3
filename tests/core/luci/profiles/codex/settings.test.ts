import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { codexProfile } from '@mc/core/luci/profiles/codex/codex.ts'
import { isPlainMc } from '@mc/core/luci/profiles/plain-mc.ts'
import type { SessionFiles } from '@mc/core/luci/profiles/profile.ts'
import t from 'tap'

const { compose, start, keeps } = codexProfile()
const turn = (text: string, origin: 'user' | 'digest' = 'user') =>
  compose({ id: '1a2b3c', origin, text }, true)

const files = (folder: string, more: Partial<SessionFiles> = {}): SessionFiles => ({
  folder,
  ...{ cwd: '/home/person', env: {}, record: join(folder, 'record'), hook: join(folder, 'hook') },
  brief: { path: '/brief.md', text: '# You are "Luci"\n' },
  mcp: { url: 'http://127.0.0.1:4700/mcp', token: 'the-token' },
  conversation: null,
  ...more,
})

t.test('a short message is typed as it is, with its turn before it', async (t) => {
  t.equal(turn('hello'), '[mc 1a2b3c] hello')
  t.equal(turn('/help'), '[mc 1a2b3c] /help')
  t.equal(
    turn('two\r\nlines; é, 日本語 — «x» $(date) `y`'),
    '[mc 1a2b3c] two\nlines; é, 日本語 — «x» $(date) `y`',
  )
  t.equal(turn('mail me@example.org about it'), '[mc 1a2b3c] mail me@example.org about it')
})

t.test('what would not stand in the input as it is, is pulled', async (t) => {
  const pulled = /^\[mc 1a2b3c\] .*turn_show.*run: mc turn show 1a2b3c$/
  const texts = {
    long: 'x'.repeat(801),
    lines: Array(7).fill('line').join('\n'),
    tab: 'a\tb',
    emoji: 'well 🙂',
    joined: '👩‍👩‍👧',
    combined: 'e\u0301',
    'a file search': 'look at @file',
    'a skill search': 'use $skill',
  }
  for (const [what, text] of Object.entries(texts)) t.match(turn(text), pulled, what)
  t.match(turn('short', 'digest'), pulled, 'every digest')
})

t.test(
  'the session has its settings on the command line, and its token nowhere to be read',
  async (t) => {
    const folder = t.testdir()
    const { argv, env } = start(files(folder))
    t.strictSame(argv.slice(1, 3), ['codex', '--no-daemon'])
    t.strictSame(env, {})
    t.notMatch(JSON.stringify(argv), /the-token/)
    t.notMatch(readFileSync(argv[0] as string, 'utf8'), /the-token/)
    t.equal(statSync(argv[0] as string).mode & 0o777, 0o700)
    const overrides = argv.filter((_, at) => argv[at - 1] === '-c')
    t.ok(overrides.some((one) => one.startsWith('developer_instructions="# You are \\"Luci\\"\\n')))
    t.ok(overrides.includes('mcp_servers.mission_control.url="http://127.0.0.1:4700/mcp"'))
    t.notOk(overrides.some((one) => /^(approval|sandbox|projects|bypass|permissions)/.test(one)))
    t.ok(overrides.includes('tui.resume_cwd="current"'), 'it is not asked which folder')
    const own = overrides.filter((one) => one.startsWith('hooks.'))
    t.equal(own.length, 3, 'two hooks and their trust')
  },
)

t.test('a hook is trusted by the hash that Codex gives it', async (t) => {
  const { argv } = start(files(t.testdir(), { hook: '/data/luci/hook' }))
  const state = argv.find((one) => one.startsWith('hooks.state='))
  // As its own list of hooks counts it; should it count otherwise, it asks for a review.
  const hash = '6020dd91cc54c475ba5e7954b07b1f7647772fd1ff5edab4f0f1ed015aa4f4b2'
  const key = '/<session-flags>/config.toml:user_prompt_submit:0:0'
  t.ok(state?.includes(`"${key}"={trusted_hash="sha256:${hash}"}`))
})

t.test(
  'a conversation is gone on with by its id, and without a credential there is no MCP',
  async (t) => {
    const { argv } = start(files(t.testdir(), { conversation: 'thread-1', mcp: null }))
    t.strictSame(argv.slice(1, 5), ['codex', 'resume', 'thread-1', '--no-daemon'])
    t.notMatch(JSON.stringify(argv), /mcp_servers/)
  },
)

t.test('of the environment it gets what is its own, and nothing of ours', async (t) => {
  const kept = (name: string) => keeps.some((pattern) => pattern.test(name))
  for (const name of ['OPENAI_API_KEY', 'CODEX_HOME', 'https_proxy', 'SSL_CERT_FILE'])
    t.ok(kept(name), name)
  for (const name of ['MC_TELEGRAM_TOKEN', 'DATABASE_URL', 'GITHUB_TOKEN', 'MC_HOST'])
    t.notOk(kept(name), name)
})

t.test('mc and nothing else is allowed', async (t) => {
  for (const command of [
    'mc',
    'mc status',
    "mc ticket create 'Back up; the disk & more' --turn 1a2b3c",
    'mc inbox resolve 12 silent --reason=routine',
  ])
    t.ok(isPlainMc(command), command)
  for (const command of [
    'mc status; rm -rf /',
    'mc status && touch x',
    'mc status | sh',
    'mc status > /etc/passwd',
    'mc $(touch x)',
    'mc `touch x`',
    'mc "$(touch x)"',
    'mc status\ntouch x',
    'mc status &',
    'mcx',
    'PATH=/tmp mc status',
    './mc status',
    ' mc status',
    "mc 'open",
    'touch x',
    '',
    null,
    ['mc', 'status'],
  ])
    t.notOk(isPlainMc(command), String(command))
})
