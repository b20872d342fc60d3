import { appendFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { STILL_MS, untilStill } from '@mc/core/edited-file/until-still.ts'
import t, { type Test } from 'tap'
import { createTestClock } from '../../support/clock.ts'

/** A file that somebody is about to write, and who waits for them to be done. */
const setUp = (t: Test) => {
  const path = join(t.testdir({ 'tasks.yaml': 'tasks:\n' }), 'tasks.yaml')
  const clock = createTestClock()
  const stop = new AbortController()
  let still = false
  void untilStill(path, clock, stop.signal).then(() => {
    still = true
  })
  return { path, clock, stop, isStill: () => still }
}

t.test('a file that is being written is waited for, as long as it takes', async (t) => {
  const { path, clock, isStill } = setUp(t)
  for (let step = 0; step < 5; step++) {
    appendFileSync(path, `  - { id: a${step}, cron: '@daily', command: [x] }\n`)
    await clock.advance(STILL_MS)
    t.notOk(isStill(), `after step ${step}`)
  }
  await clock.advance(STILL_MS - 1)
  t.notOk(isStill())
  await clock.advance(1)
  t.ok(isStill())
})

t.test('a file put in its place, or taken away, is a change like any other', async (t) => {
  const { path, clock, isStill } = setUp(t)
  writeFileSync(`${path}.new`, 'tasks:\n')
  renameSync(`${path}.new`, path)
  await clock.advance(STILL_MS)
  t.notOk(isStill())
  rmSync(path)
  await clock.advance(STILL_MS)
  t.notOk(isStill())
  await clock.advance(STILL_MS)
  t.ok(isStill(), 'what is gone for good is told')
})

t.test('nobody waits on when the scheduler ends', async (t) => {
  const { path, clock, stop, isStill } = setUp(t)
  appendFileSync(path, '# more\n')
  stop.abort()
  await clock.advance(0)
  t.ok(isStill())
})
