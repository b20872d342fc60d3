import { readFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import t, { type Test } from 'tap'
import type { Told } from '../../../fixtures/agents/story.ts'
import { fixture, openDesk, tempFolder } from '../desk.ts'
import { scripted } from './owner.ts'

/** What a message may hold, and how it arrives: cases 1 to 6 where other tests have not tried them. */
const openDesks = async (t: Test) => {
  const bin = tempFolder(t)
  scripted(bin, 'claude')
  const env = { ...process.env, PATH: [bin, process.env.PATH].join(delimiter) }
  const command = [process.execPath, fixture('tui.ts')]
  return {
    pictures: await openDesk(t, { profile: 'generic', command, limits: { stillMs: 400 } }),
    hooks: await openDesk(t, { profile: 'claude', env }),
  }
}

const taken = (dataDir: string): string[] =>
  readFileSync(join(dataDir, 'cwd', 'told.jsonl'), 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Told)
    .flatMap((one) => ('took' in one ? [one.took] : []))

t.test(
  'case 1: what looks like keys and flags reaches a full-screen program as text',
  async (t) => {
    const { pictures, hooks } = await openDesks(t)
    for (const text of ['Enter', '-x', ';', 'foo;']) {
      const turn = await hooks.ask(text)
      t.match(turn, { state: 'answered', reply: text })
      t.equal(taken(hooks.dataDir).at(-1), `[mc ${turn.id}] ${text}`)
    }
    t.match(await pictures.ask('foo;'), { state: 'answered', reply: 'foo;' })
    for (const desk of [pictures, hooks])
      await t.rejects(desk.luci.send({ origin: 'user', text: ' \n\t' }), { code: 'invalid' })
  },
)

t.test('case 2: three lines of anything are one message, byte for byte', async (t) => {
  const { pictures, hooks } = await openDesks(t)
  const text = `say "a" 'b' $(c) \`d\`\r\n\\ {e} #{f} 日本 é 👍\n%end 1 2 3;`
  const plain = text.replaceAll('\r\n', '\n')
  t.equal((await pictures.ask(text)).state, 'answered')
  t.same(taken(pictures.dataDir), [plain])
  t.match(await hooks.ask(text), { state: 'answered', reply: plain.replace('say ', '') })
  t.match(taken(hooks.dataDir), [/^\[mc [0-9a-f]{6}\] say "a"/])
  t.equal(taken(hooks.dataDir)[0]?.slice('[mc 000000] '.length), plain)
  const tabs = 'say\tone\n\ttwo'
  await pictures.ask(tabs)
  t.equal(taken(pictures.dataDir).at(-1), tabs)
})

t.test('case 3: a megabyte is not typed: a short line says how to read it', async (t) => {
  const { hooks } = await openDesks(t)
  const text = `say ${'x'.repeat(999_996)}`
  const turn = await hooks.ask(text)
  t.match(turn, { state: 'answered', reply: `run: mc turn show ${turn.id}` })
  t.equal(turn.text, text)
  t.same(taken(hooks.dataDir), [`[mc ${turn.id}] run: mc turn show ${turn.id}`])
})

t.test('case 5: neither the end of a paste nor Ctrl-C in a message breaks out of it', async (t) => {
  const { pictures, hooks } = await openDesks(t)
  const text = 'say a\u001b[201~\rb\u0003c'
  t.match(await hooks.ask(text), { state: 'answered', reply: 'a[201~\nbc' })
  t.equal((await pictures.ask(text)).state, 'answered')
  t.same(taken(pictures.dataDir), ['say a[201~\nbc'])
})

t.test('case 6: what is sent while she is busy waits, and each has its own answer', async (t) => {
  const { hooks } = await openDesks(t)
  const send = (text: string) => hooks.luci.send({ origin: 'user', text })
  const sent = [
    await send('half a line, so that it takes'),
    await send('say two'),
    await send('say three'),
  ]
  const replies = []
  for (const { id } of sent) replies.push((await hooks.ended(id)).reply)
  t.same(replies, ['a line, so that it takes', 'two', 'three'])
  t.equal(taken(hooks.dataDir).length, 3)
})
