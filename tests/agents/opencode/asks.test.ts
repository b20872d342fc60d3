import { existsSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { openOpenCode } from './desk.ts'

/* What OpenCode asks, and who answers. */

t.setTimeout(600_000)

t.test('what she asks waits for a person', async (t) => {
  const desk = await openOpenCode(t)
  await desk.ready()
  const isMade = (name: string) => existsSync(join(desk.cwd, name))
  const blocked = async (text: string) => {
    const { id, prompt } = await desk.reached(await desk.send(text), 'blocked')
    return {
      id,
      prompt,
      answer: (choice: string) =>
        desk.now().answer({ turnId: id, promptId: prompt?.id ?? '', choice }),
    }
  }

  await t.test(
    'a permission comes with command, folder and choices, and is answered once',
    async (t) => {
      const { id, prompt, answer } = await blocked('TOOL:touch once.txt')
      t.match(prompt, {
        kind: 'permission',
        text: /Permission required[\s\S]*\$ touch once\.txt/,
        command: 'touch once.txt',
        folder: desk.cwd,
        choices: [
          { id: '1', label: 'Allow once' },
          { id: '2', label: 'Allow always' },
          { id: '3', label: 'Reject' },
          { id: 'stop' },
        ],
      })
      t.notOk(isMade('once.txt'))
      await answer('1')
      await t.rejects(answer('1'), { code: 'conflict' })
      t.match(await desk.ended(id), { state: 'answered', reply: /^TOOLDONE/ })
      t.ok(isMade('once.txt'))
    },
  )

  await t.test('the turn is blocked within a second of the dialog', async (t) => {
    const id = await desk.send('TOOL:touch quick.txt')
    await desk.until('the dialog', () => desk.screen().includes('Permission required'))
    const shownAt = performance.now()
    await desk.reached(id, 'blocked')
    const tookMs = performance.now() - shownAt
    t.ok(tookMs < 1_000, `${Math.round(tookMs)} ms`)
    await desk.now().interrupt(id)
    t.match(await desk.ended(id), { state: 'interrupted' })
    t.notOk(isMade('quick.txt'))
  })

  await t.test(
    'a second choice is asked once more, and what is allowed always is not asked again',
    async (t) => {
      const { id, answer } = await blocked('TOOL:mkdir -p always/one')
      await answer('2')
      const { prompt } = await desk.until('the second question', async () => {
        const turn = await desk.turnOf(id)
        return turn.prompt?.text.includes('Always allow') ? turn : null
      })
      t.match(prompt?.choices, [{ label: 'Confirm' }, { label: 'Cancel' }, { id: 'stop' }])
      await desk.now().answer({ turnId: id, promptId: prompt?.id ?? '', choice: '1' })
      t.match(await desk.ended(id), { state: 'answered' })
      t.match(await desk.ask('TOOL:mkdir -p always/two'), { state: 'answered' })
      t.ok(isMade('always/two'))
    },
  )

  await t.test(
    'refused or stopped, nothing is run and the next message goes through',
    async (t) => {
      for (const choice of ['3', 'stop']) {
        const { id, answer } = await blocked(`TOOL:touch refused-${choice}.txt`)
        await answer(choice)
        t.match(await desk.ended(id), { state: 'interrupted' })
        t.notOk(isMade(`refused-${choice}.txt`))
        t.match(await desk.ask(`ECHO:on after ${choice}`), { reply: `on after ${choice}` })
      }
    },
  )

  await t.test('an answer by hand in the pane is noticed, and ours comes too late', async (t) => {
    const { id, answer } = await blocked('TOOL:touch by-hand.txt')
    desk.press('Enter')
    t.match(await desk.ended(id), { state: 'answered' })
    t.ok(isMade('by-hand.txt'))
    await t.rejects(answer('1'), { code: 'conflict' })
  })

  await t.test('a question is answered with one of its options', async (t) => {
    const { id, prompt, answer } = await blocked('ASK:Which colour shall it be?|Red|Green')
    t.match(prompt, {
      kind: 'question',
      text: /^Which colour shall it be\?/,
      choices: [{ id: '1', label: 'Red' }, { id: '2', label: 'Green' }, { id: 'stop' }],
    })
    await answer('2')
    t.match(await desk.ended(id), {
      state: 'answered',
      reply: /"Which colour shall it be\?"="Green"/,
    })
  })

  await t.test('mc runs unasked, and nothing else does under its name', async (t) => {
    t.match(await desk.ask('TOOL:mc status'), { state: 'answered', reply: /^TOOLDONE/ })
    t.match(await desk.ask('TOOL:mc status > out.txt'), {
      reply: /mc runs unasked, so run it alone/,
    })
    t.notOk(isMade('out.txt'))
    t.match(await desk.ask('TOOL:mc status && touch beside.txt'), { reply: /run it alone/ })
    t.notOk(isMade('beside.txt'))
  })

  await t.test('a message never gets into a dialog', async (t) => {
    const { id } = await blocked('TOOL:touch guarded.txt')
    const next = await desk.send('ECHO:afterwards')
    await desk.until('it to be queued', async () => (await desk.turnOf(next)).state === 'queued')
    await desk.now().interrupt(id)
    t.match(await desk.ended(next), { state: 'answered', reply: 'afterwards' })
    t.notOk(isMade('guarded.txt'))
  })
})
