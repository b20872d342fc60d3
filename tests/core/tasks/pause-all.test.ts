import { createSettings } from '@mc/core/settings/settings.ts'
import { createPauseAll } from '@mc/core/tasks/pause-all.ts'
import { createTestClock } from '../../support/clock.ts'
import { onEachDatabase } from '../../support/database.ts'

onEachDatabase(
  'all tasks are paused with a reason, until an end or until resumed',
  async (t, db) => {
    const clock = createTestClock('2026-03-02T10:00:00.000Z')
    const all = createPauseAll(createSettings(db, clock), clock)
    t.equal(await all.get(), null)
    await all.pause({ reason: 'moving house', until: new Date('2026-03-02T11:00:00Z'), by: 'me' })
    t.same(await all.get(), {
      at: '2026-03-02T10:00:00.000Z',
      until: '2026-03-02T11:00:00.000Z',
      reason: 'moving house',
      by: 'me',
    })
    await clock.advance(3_600_000)
    t.equal(await all.get(), null)
    await all.pause({ reason: 'again', by: 'you' })
    t.match(await all.get(), { reason: 'again', until: null, by: 'you' })
    await all.resume('me')
    t.equal(await all.get(), null)
  },
)
