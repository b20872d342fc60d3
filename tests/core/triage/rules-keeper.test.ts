import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { silentLog } from '@mc/core/log.ts'
import { createSettings } from '@mc/core/settings/settings.ts'
import { createRulesKeeper } from '@mc/core/triage/rules-keeper.ts'
import { activeRules, rulesFileState } from '@mc/core/triage/rules-setting.ts'
import { onEachDatabase } from '../../support/database.ts'
import { createTestDesk } from '../../support/desk.ts'

const rule = (name: string) => `rules: [{ name: ${name}, match: { source: x }, then: silent }]\n`

onEachDatabase(
  'a bad edit of the rules keeps the last good set, and is told once',
  async (t, db) => {
    const path = join(t.testdir({ 'triage.yaml': rule('one') }), 'triage.yaml')
    const desk = createTestDesk(db)
    const settings = createSettings(db, desk.clock)
    const load = () =>
      createRulesKeeper({ db, clock: desk.clock, log: silentLog, path, name: 'triage.yaml' }).load()
    const names = async () => (await activeRules(settings)).map(({ name }) => name)
    t.same(await load(), { status: 'good', count: 1 })
    t.same(await names(), ['user:one'])
    writeFileSync(path, 'rules: [{ name: two, match: { sauce: x }, then: silent }]\n')
    t.match(await load(), { status: 'bad', problems: [/triage\.yaml:1:31: .*"source"/] })
    t.same(await names(), ['user:one'])
    // Again, as after a restart; and gone altogether.
    await load()
    rmSync(path)
    await desk.clock.advance(60_000)
    t.match(await load(), { status: 'bad', problems: [/expected a rules file, got none/] })
    t.same(await names(), ['user:one'])
    t.match(await rulesFileState(settings), { since: '2026-03-02T10:00:00.000Z' })
    await desk.drain()
    const alerts = await db.kysely.selectFrom('alerts').select(['fingerprint', 'title']).execute()
    t.match(alerts, [{ fingerprint: 'triage-file', title: 'The rules file has a mistake' }])
    t.equal(alerts.length, 1)
    writeFileSync(path, rule('three'))
    t.same(await load(), { status: 'good', count: 1 })
    t.same(await names(), ['user:three'])
    await desk.drain()
    const items = await db.kysely
      .selectFrom('orchestrator_inbox')
      .select(['kind', 'message', 'decided_by'])
      .orderBy('id')
      .execute()
    t.match(items, [
      {
        kind: 'failed',
        message: /^The rules file has a mistake\nThe last good set of triage\.yaml/,
      },
      { kind: 'failed', message: /got none/ },
      { kind: 'ok', message: /good again/, decided_by: 'rule:recovered' },
    ])
    t.equal(items.length, 3)
  },
)

onEachDatabase('without a rules file there are no rules, and nothing to tell', async (t, db) => {
  const desk = createTestDesk(db)
  const path = join(t.testdir({}), 'triage.yaml')
  const keeper = createRulesKeeper({
    db,
    clock: desk.clock,
    log: silentLog,
    path,
    name: 'triage.yaml',
  })
  t.same(await keeper.load(), { status: 'good', count: 0 })
  t.same(await db.kysely.selectFrom('orchestrator_inbox').selectAll().execute(), [])
})
