import t from 'tap'
import { until } from '../../support/until.ts'
import { openClaude } from './desk.ts'

/* What the battery does not ask of every program: what is Claude Code's own. */

t.setTimeout(600_000)

t.test('a message is answered with the exact words of the record', async (t) => {
  const desk = await openClaude(t)
  await desk.ready()
  t.match(await desk.ask('ECHO:hello  there'), { state: 'answered', reply: 'hello  there' })
  t.match(await desk.ask('two\nECHO:lines'), { state: 'answered', reply: 'lines' })
})

t.test('stopped before any output, it is interrupted, and its text goes no further', async (t) => {
  const desk = await openClaude(t)
  await desk.ready()
  const { id } = await desk.luci.send({ origin: 'user', text: 'SLOW:60000:1' })
  await until('it to be received', async () => (await desk.stateOf(id)) === 'received', 30_000)
  await desk.luci.interrupt(id)
  t.match(await desk.ended(id), { state: 'interrupted', reply: '' })
  const next = await desk.ask('ECHO:after')
  t.match(next, { state: 'answered', reply: 'after' })
  t.notMatch(desk.model.about(`[mc ${next.id}]`).at(-1)?.asked?.person, /SLOW/)
})
