import { createSettings } from '@mc/core/settings/settings.ts'
import { readSwitch } from '@mc/core/settings/switches.ts'
import { createTestClock } from '../../support/clock.ts'
import { onEachDatabase } from '../../support/database.ts'

const first = {
  chat: 'persistent',
  scheduler: 'inbox',
  pickup: 'rules',
  autonomy: 'advisor',
} as const

onEachDatabase('the environment gives the first value of a switch', async (t, db) => {
  const settings = createSettings(db, createTestClock())
  t.equal(await readSwitch(settings, first, 'pickup'), 'rules')
})

onEachDatabase('what a person set is stored and wins, until it is unset', async (t, db) => {
  const settings = createSettings(db, createTestClock())
  await settings.set('switch.pickup', 'off', 'person')
  t.equal(await readSwitch(settings, first, 'pickup'), 'off')
  t.match(await settings.get('switch.pickup'), { value: 'off', setBy: 'person' })
  await settings.unset('switch.pickup')
  t.equal(await readSwitch(settings, first, 'pickup'), 'rules')
})

onEachDatabase('a stored value that no version knows is passed over', async (t, db) => {
  const settings = createSettings(db, createTestClock())
  await settings.set('switch.pickup', 'sideways', 'person')
  t.equal(await readSwitch(settings, first, 'pickup'), 'rules')
})
