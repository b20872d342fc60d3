import { existsSync, readFileSync, statSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { opencodeProfile } from '@mc/core/luci/profiles/opencode/opencode.ts'
import type { SessionFiles } from '@mc/core/luci/profiles/profile.ts'
import t, { type Test } from 'tap'

const CONTENT = 'OPENCODE_CONFIG_CONTENT'

const started = (t: Test, files: Partial<SessionFiles> = {}) => {
  const folder = t.testdir()
  const { argv, env } = opencodeProfile().start({
    folder,
    cwd: '/work',
    env: {},
    record: `${folder}/record.jsonl`,
    hook: `${folder}/hook`,
    brief: { path: '/desk/luci.md', text: 'You are Luci' },
    mcp: { url: 'http://127.0.0.1:1/mcp', token: 'secret-token' },
    conversation: null,
    ...files,
  })
  return { folder, argv, env, settings: JSON.parse(env[CONTENT] ?? '') }
}

t.test('a session has our plugin, the brief and her verbs, in settings of its own', async (t) => {
  const { argv, settings } = started(t)
  t.same(argv, ['opencode'])
  t.ok(existsSync(fileURLToPath(settings.plugin[0])))
  t.same(settings.instructions, ['/desk/luci.md'])
  t.match(settings.mcp.mc, { type: 'remote', url: 'http://127.0.0.1:1/mcp' })
})

t.test(
  'the token stands in a file that only its owner reads, not in the environment',
  async (t) => {
    const { folder, env, settings } = started(t)
    t.notMatch(JSON.stringify(env), 'secret-token')
    const path = /\{file:(.+)\}$/.exec(settings.mcp.mc.headers.Authorization)?.[1] ?? ''
    t.equal(path, `${folder}/opencode-token`)
    t.equal(readFileSync(path, 'utf8'), 'secret-token')
    t.equal(statSync(path).mode & 0o777, 0o600)
  },
)

t.test('a conversation is gone on with', async (t) => {
  t.same(started(t, { conversation: 'ses_a' }).argv, ['opencode', '--session', 'ses_a'])
})

t.test('what the person set the same way stays', async (t) => {
  const theirs = { model: 'a/b', plugin: ['theirs'], instructions: ['mine.md'], mcp: { x: {} } }
  const { settings } = started(t, { env: { [CONTENT]: JSON.stringify(theirs) }, mcp: null })
  t.match(settings, {
    model: 'a/b',
    plugin: ['theirs', /plugin\.ts$/],
    instructions: ['mine.md', '/desk/luci.md'],
    mcp: { x: {} },
  })
  t.throws(() => started(t, { env: { [CONTENT]: '{ // no JSON' } }), { code: 'invalid' })
})

t.test('of our environment it gets what is its own, and nothing of ours', async (t) => {
  const { keeps } = opencodeProfile()
  const kept = (name: string) => keeps.some((pattern) => pattern.test(name))
  for (const name of ['OPENCODE_CONFIG', 'ANTHROPIC_API_KEY', 'XDG_CONFIG_HOME', 'https_proxy'])
    t.ok(kept(name), name)
  for (const name of ['MC_TELEGRAM_TOKEN', 'DATABASE_URL', 'OPENCODE_PURE', 'NODE_OPTIONS'])
    t.notOk(kept(name), name)
})
