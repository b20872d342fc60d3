import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { MissionControl } from '@mc/core/luci/profiles/opencode/plugin.ts'
import t, { type Test } from 'tap'

const RECORD = 'MC_LUCI_RECORD'

const runs = async (t: Test, kv: object | null = null) => {
  const folder = t.testdir({
    record: '',
    state: { opencode: kv ? { 'kv.json': JSON.stringify(kv) } : {} },
  })
  const before = { [RECORD]: process.env[RECORD], XDG_STATE_HOME: process.env.XDG_STATE_HOME }
  const record = join(folder, 'record')
  Object.assign(process.env, { [RECORD]: record, XDG_STATE_HOME: join(folder, 'state') })
  t.teardown(() => {
    for (const [name, value] of Object.entries(before))
      if (value === undefined) delete process.env[name]
      else process.env[name] = value
  })
  const hooks = await MissionControl({ directory: '/work' })
  const lines = () =>
    readFileSync(record, 'utf8')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line))
  return { hooks, lines }
}

t.test('it says that it runs, and then what happens, a line each', async (t) => {
  const { hooks, lines } = await runs(t)
  const status = {
    type: 'session.status',
    properties: { sessionID: 'ses_a', status: { type: 'busy' } },
  }
  await hooks.event?.({ event: status })
  t.same(lines(), [
    { type: 'started', version: 1, whole: true },
    { type: 'status', session: 'ses_a', status: 'busy' },
  ])
})

t.test('it knows whether the person had pastes shown as summaries', async (t) => {
  t.match((await runs(t, { paste_summary_enabled: true })).lines(), [{ whole: false }])
})

t.test('mc is allowed beside what the person configured', async (t) => {
  const { hooks } = await runs(t)
  const config = { permission: { bash: 'deny' } }
  await hooks.config?.(config)
  t.match(config.permission, { bash: 'deny', 'bas?': { 'mc *': 'allow' } })
})

t.test('what she runs does not write into the record, and mc runs alone', async (t) => {
  const { hooks } = await runs(t)
  const output = { env: {} as Record<string, string> }
  await hooks['shell.env']?.({}, output)
  t.same(output.env, { [RECORD]: '' })
  const before = hooks['tool.execute.before']
  await t.rejects(
    async () => before?.({ tool: 'bash' }, { args: { command: 'mc status > out.txt' } }),
    { message: /mc runs unasked/ },
  )
  await before?.({ tool: 'bash' }, { args: { command: 'mc status' } })
  await before?.({ tool: 'read' }, { args: null })
})

t.test('without a record it does nothing', async (t) => {
  const { [RECORD]: before } = process.env
  process.env[RECORD] = ''
  t.teardown(() => {
    if (before === undefined) delete process.env[RECORD]
    else process.env[RECORD] = before
  })
  t.same(await MissionControl({ directory: '/work' }), {})
})
