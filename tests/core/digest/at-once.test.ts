import { createDigestActs } from '@mc/core/digest/acts.ts'
import { createDigests } from '@mc/core/digest/digests.ts'
import { createInbox } from '@mc/core/inbox/inbox.ts'
import { createTrust } from '@mc/core/trust/trust.ts'
import { createTurns } from '@mc/core/turns/turns.ts'
import type { Database } from '@mc/db/database.ts'
import { createTestClock, type TestClock } from '../../support/clock.ts'
import { onEachDatabase } from '../../support/database.ts'
import { first } from '../../support/trust.ts'

const joined = async (db: Database, clock: TestClock) => {
  const inbox = createInbox(db, clock)
  const digests = createDigests(db, clock)
  const { id } = await inbox.post({ source: 'test', message: 'm', fingerprint: 'm' })
  await digests.join(await inbox.claim({ countMax: 1, by: 'a' }), {
    groupWaitMs: 0,
    groupIntervalMs: 0,
  })
  const digest = await digests.open()
  if (!digest) throw new Error('It gathers')
  const over = async () => {
    await digests.settle(digest.id)
    await db.kysely.updateTable('orchestrator_inbox').set({ status: 'ignored' }).execute()
  }
  return { digests, digestId: digest.id, item: id, over }
}

const asked = async (db: Database, clock: TestClock) => {
  const desk = await joined(db, clock)
  const sealed = await desk.digests.seal(desk.digestId, 300_000)
  const turn =
    sealed && (await createTurns(db, clock).move(sealed.turn.id, ['queued'], 'answering'))
  if (!turn) throw new Error('She has it')
  return { ...desk, turn }
}

onEachDatabase('a person’s verdict stands, also when Luci says hers at once', async (t, db) => {
  const clock = createTestClock()
  for (let round = 0; round < 6; round += 1) {
    const { digests, digestId, item, turn, over } = await asked(db, clock)
    const say = (action: string) => [{ item, action, reason: 'so' }]
    await Promise.all([
      digests.recordVerdicts({ by: 'luci', turnId: turn.id, verdicts: say('alert') }),
      digests.recordVerdicts({ by: 'person', verdicts: say('silent') }),
    ])
    t.match(await digests.verdicts(digestId), [{ decidedBy: 'person' }])
    await over()
  }
})

onEachDatabase('what she does at once for one item is done once, and all of it', async (t, db) => {
  const clock = createTestClock()
  const acts = createDigestActs(db, clock, { repeatIntervalMs: 3_600_000 })
  for (let round = 0; round < 3; round += 1) {
    const { digests, digestId, item, turn, over } = await asked(db, clock)
    const both = () => [
      acts.fileTicket(turn, item, { title: 'a' }),
      acts.notify(turn, item, { title: 'b' }),
    ]
    await Promise.all([...both(), ...both()])
    t.match(await digests.verdicts(digestId), [{ action: 'alert+ticket' }])
    await over()
  }
})

onEachDatabase('no digest goes once a person has paused her', async (t, db) => {
  const clock = createTestClock()
  const turns = createTurns(db, clock)
  const trust = createTrust(db, clock, { first: first() })
  const deps = { cancelRun: async () => undefined }
  for (let round = 0; round < 4; round += 1) {
    const { digests, digestId, over } = await joined(db, clock)
    await Promise.all([trust.pause({ by: 'person' }, deps), digests.seal(digestId, 300_000)])
    t.equal(await turns.countQueued(), 0)
    await over()
    const resumed = await Promise.all([trust.resume('person'), trust.resume('person')])
    t.equal(resumed.filter(Boolean).length, 1, 'resumed once')
  }
})
