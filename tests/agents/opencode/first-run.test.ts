import t from 'tap'
import { openOpenCode } from './desk.ts'

/* OpenCode where it was never configured. What it would fetch from the network is there. */

t.setTimeout(300_000)

t.test('it asks nothing at its first start, and waits for a message', async (t) => {
  const desk = await openOpenCode(t, { unconfigured: true })
  await desk.until('the input', () => desk.screen().includes('Ask anything'))
  await desk.ready()
  t.equal(desk.now().status().asks, null)
  t.match(desk.screen(), /Build · /)
})
