import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { hookNames, hookOf } from '@mc/core/luci/profiles/claude/hooks.ts'
import { factsOf } from '@mc/core/luci/profiles/claude/transcript.ts'
import t from 'tap'
import { until } from '../../support/until.ts'
import { openClaude } from './desk.ts'

/*
 * What we rely on in the hooks and the transcript of the pinned version. A version that writes
 * something else fails here by the name of the field; at run time its turns end as `unknown`.
 */

t.setTimeout(300_000)

t.test('every hook and every record has the shape that we know', async (t) => {
  const desk = await openClaude(t)
  await desk.ready()
  await desk.ask('CHAIN:ECHO:before ;; TOOL:mc status ;; ECHO:after')
  for (const text of ['TOOL:touch made', 'ASK:Which colour?|red|blue']) {
    const { id } = await desk.luci.send({ origin: 'user', text })
    const prompt = await until(
      'her question',
      async () => (await desk.luci.harvest(id)).turn.prompt,
      60_000,
    )
    await desk.luci.answer({ turnId: id, promptId: prompt.id, choice: '1' })
    await desk.ended(id)
  }
  const stopped = await desk.luci.send({ origin: 'user', text: 'SLOW:300:60' })
  await until('a tick', () => /tick 2\/60/.test(desk.screen()), 60_000)
  await desk.luci.interrupt(stopped.id)
  await desk.ended(stopped.id)
  await desk.ask('ERROR:400')
  desk.press('-l', '--', '/clear')
  await until('the command to stand there', () => /❯.\/clear/.test(desk.screen()))
  await until('its list', () => /Start a new session/.test(desk.screen()))
  desk.press('-H', '0d')
  const hooks = await until('her session to end', () => {
    const lines = linesIn(join(desk.dataDir, 'luci'), /^record-.*\.jsonl$/)
    return lines.some((line) => line.includes('"SessionEnd"')) ? lines : null
  })

  const read = hooks.map((line) => hookOf(line))
  t.same(
    read.filter((hook) => hook === null || hook.name === 'broken'),
    [],
  )
  const names = new Set(read.map((hook) => hook?.name))
  for (const name of hookNames) t.ok(names.has(name), name)

  const facts = linesIn(join(desk.home, '.claude', 'projects'), /\.jsonl$/).flatMap(factsOf)
  t.same(
    facts.filter(({ type }) => type === 'broken'),
    [],
  )
  const kinds = new Set(facts.map(({ type }) => type))
  t.same([...kinds].sort(), ['api-error', 'ended', 'interrupted', 'prompt', 'text', 'usage'])
})

function linesIn(folder: string, name: RegExp): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && name.test(entry.name))
    .flatMap((entry) => readFileSync(join(entry.parentPath, entry.name), 'utf8').split('\n'))
    .filter((line) => line !== '')
}
