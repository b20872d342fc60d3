import t from 'tap'
import { markdown } from '../model/markdown.ts'
import { openOpenCode } from './desk.ts'

/* OpenCode at her desk: what is sent and what is answered. */

t.setTimeout(900_000)

t.test('a day with OpenCode', async (t) => {
  const began = performance.now()
  const desk = await openOpenCode(t)
  await desk.ready()
  t.comment(`ready after ${Math.round(performance.now() - began)} ms`)

  await t.test('a reply is exactly what OpenCode keeps of it', async (t) => {
    for (const [text, reply] of [
      ['ECHO:hello  there', 'hello  there'],
      ['LINES:100', Array.from({ length: 100 }, (_, at) => `line ${at + 1} of 100`).join('\n')],
      ['MARKDOWN', markdown],
      ['ECHO:日本語 and 한국어 wide', '日本語 and 한국어 wide'],
      ['three\nlines of it\nECHO:and the last', 'and the last'],
      ['/exit ECHO:not a command', 'not a command'],
      ['!ls @README.md ECHO:neither is this', 'neither is this'],
    ] as const) {
      const began = performance.now()
      const turn = await desk.ask(text)
      t.match(turn, { state: 'answered', reply }, text)
      t.equal(desk.kept().at(-1), turn.reply)
      t.comment(`${text.slice(0, 20)}: ${Math.round(performance.now() - began)} ms`)
    }
  })

  await t.test('what she says is seen while she says it', async (t) => {
    desk.events.length = 0
    const turn = await desk.ask('SLOW:200:8')
    const bits = desk.events.flatMap((event) => (event.type === 'text' ? [event.text] : []))
    t.equal(bits.join(''), turn.reply)
    t.ok(bits.length >= 8, `${bits.length} bits`)
  })

  await t.test('two messages sent at once are answered one by one', async (t) => {
    const ids = [
      await desk.send('SLOW:150:8'),
      await desk.send('ECHO:B'),
      await desk.send('ECHO:C'),
    ]
    const replies = []
    for (const id of ids) replies.push((await desk.ended(id)).reply)
    t.match(replies, [/tick 8\/8$/, 'B', 'C'])
  })

  await t.test('an error of the model’s API is told in its words', async (t) => {
    t.match(await desk.ask('ERROR:400'), { state: 'failed', problem: 'The script wants a 400' })
    t.match(await desk.ask('ECHO:after'), { state: 'answered', reply: 'after' })
  })

  await t.test('what a person types in her pane is left to them', async (t) => {
    desk.press('-l', '--', 'half a thou')
    await desk.until('the draft to stand there', () => desk.screen().includes('half a thou'))
    const id = await desk.send('ECHO:ours')
    await desk.until('it to be held', () => /draft/.test(desk.now().status().problem ?? ''))
    desk.press('-l', '--', 'ght ECHO:by hand')
    await desk.until('the rest to stand there', () => desk.screen().includes('ght ECHO:by hand'))
    desk.press('Enter')
    t.match(await desk.ended(id), { state: 'answered', reply: 'ours' })
    t.same(desk.kept().slice(-2), ['by hand', 'ours'])
  })

  await t.test(
    'copy mode and an open dialog keep nothing from being sent in the end',
    async (t) => {
      desk.press('C-p')
      await desk.until('the palette', () => desk.screen().includes('Suggested'))
      const id = await desk.send('ECHO:after the dialog')
      await desk.until('it to be shown', () => desk.now().status().asks?.text.includes('Suggested'))
      desk.press('Escape')
      t.match(await desk.ended(id), { state: 'answered', reply: 'after the dialog' })
      desk.copyMode()
      t.match(await desk.ask('ECHO:out of copy mode'), { reply: 'out of copy mode' })
    },
  )

  await t.test('of thirty sends in a row none is lost', async (t) => {
    const began = performance.now()
    const replies = []
    for (let at = 0; at < 30; at += 1) replies.push((await desk.ask(`ECHO:number ${at}`)).reply)
    t.same(
      replies,
      Array.from({ length: 30 }, (_, at) => `number ${at}`),
    )
    t.comment(`${Math.round((performance.now() - began) / 30)} ms each`)
    t.equal(desk.model.received.filter(({ aborted }) => aborted).length, 0)
  })

  await t.test('an error that stays is told once OpenCode has given up', async (t) => {
    t.match(await desk.ask('ERROR:500'), { state: 'failed', problem: 'The script wants a 500' })
    t.match(await desk.ask('ECHO:after that'), { state: 'answered', reply: 'after that' })
  })
})
