import t from 'tap'
import { openOpenCode } from './desk.ts'

/* OpenCode interrupted, killed, left alone and switched away from. */

t.setTimeout(900_000)

t.test('interrupted, she takes the next message as if nothing had been', async (t) => {
  const desk = await openOpenCode(t)
  await desk.ready()

  await t.test('in the middle of an answer', async (t) => {
    const id = await desk.send('SLOW:300:60')
    await desk.reached(id, 'answering')
    await desk.now().interrupt(id)
    const turn = await desk.ended(id)
    t.match(turn, { state: 'interrupted', reply: /^tick 1\/60\n/ })
    t.equal(desk.kept().at(-1), turn.reply)
    t.match(await desk.ask('ECHO:next'), { state: 'answered', reply: 'next' })
  })

  await t.test('before she has said anything', async (t) => {
    const id = await desk.send('SLOW:60000:2')
    await desk.reached(id, 'received')
    await desk.now().interrupt(id)
    t.match(await desk.ended(id), { state: 'interrupted', reply: '' })
    const next = await desk.ask('ECHO:not after old text')
    t.match(next, { state: 'answered', reply: 'not after old text' })
    t.equal(
      desk.model.about(next.id).at(-1)?.asked?.person,
      `[mc ${next.id}] ECHO:not after old text`,
    )
  })

  await t.test('while it is being typed', async (t) => {
    const id = await desk.send('SLOW:60000:2')
    await desk.reached(id, 'typed')
    await desk.now().interrupt(id)
    t.match(await desk.ended(id), { state: 'interrupted' })
    t.match(await desk.ask('ECHO:on'), { state: 'answered', reply: 'on' })
  })

  await t.test('while a command runs', async (t) => {
    const id = await desk.send('TOOL:sleep 60')
    const { prompt } = await desk.reached(id, 'blocked')
    await desk.now().answer({ turnId: id, promptId: prompt?.id ?? '', choice: '1' })
    await desk.until('the command to run', () => /esc (again to )?interrupt/.test(desk.screen()))
    await desk.now().interrupt(id)
    t.match(await desk.ended(id), { state: 'interrupted' })
    t.match(await desk.ask('ECHO:free again'), { state: 'answered', reply: 'free again' })
  })

  await t.test('by hand in her pane', async (t) => {
    const id = await desk.send('SLOW:300:60')
    await desk.reached(id, 'answering')
    desk.press('Escape')
    await desk.until('the second question', () => desk.screen().includes('again to interrupt'))
    desk.press('Escape')
    t.match(await desk.ended(id), { state: 'interrupted' })
  })
})

t.test('her conversation outlives her program', async (t) => {
  const desk = await openOpenCode(t)
  await desk.ready()
  await desk.ask('ECHO:the first thing')
  /** What her model was told of the conversation with the last message. */
  const isRemembered = async () => {
    const { id } = await desk.ask('ECHO:and another')
    return desk.model.about(id).some(({ body }) => JSON.stringify(body).includes('the first thing'))
  }

  await t.test('killed, she is started again and goes on', async (t) => {
    const { panePid } = desk.now().status()
    process.kill(panePid as number, 'SIGKILL')
    await desk.until('another program', () => {
      const pid = desk.now().status().panePid
      return pid !== null && pid !== panePid
    })
    await desk.ready()
    t.ok(await isRemembered())
    const brief = desk.model.received.at(-1)?.asked?.system ?? ''
    t.match(brief, /You are Luci/, 'the brief is there again')
    t.match(await desk.items(), [{ source_type: 'self_heal' }])
  })

  await t.test('the api is closed and opened again in the middle of an answer', async (t) => {
    const id = await desk.send('SLOW:250:24')
    await desk.reached(id, 'answering')
    await desk.now().close()
    await desk.until('her to say more meanwhile', () => desk.screen().includes('tick 9/24'))
    await desk.open()
    const turn = await desk.ended(id)
    t.match(turn, { state: 'answered', reply: /^tick 1\/24\n[\s\S]*tick 24\/24$/ })
    t.equal(desk.kept().at(-1), turn.reply)
  })

  await t.test('the answer ends while the api is closed', async (t) => {
    const id = await desk.send('SLOW:100:10')
    await desk.reached(id, 'answering')
    await desk.now().close()
    await desk.until('her to be done', () => desk.record().trimEnd().endsWith('"status":"idle"}'))
    await desk.open()
    t.match(await desk.ended(id), { state: 'answered', reply: /tick 10\/10$/ })
  })

  await t.test('switched to the house responder and back', async (t) => {
    await desk.now().switch({ profile: 'house' })
    await desk.until('the house responder', () => {
      const { state, profile } = desk.now().status()
      return state === 'idle' && profile === 'house'
    })
    await desk.now().switch({ profile: 'opencode' })
    await desk.until('OpenCode', () => desk.now().status().profile === 'opencode')
    await desk.ready()
    t.ok(await isRemembered())
  })

  await t.test('killed in the middle of an answer, the turn says so', async (t) => {
    const id = await desk.send('SLOW:300:60')
    await desk.reached(id, 'answering')
    process.kill(desk.now().status().panePid as number, 'SIGKILL')
    t.match(await desk.ended(id), { state: 'failed', reply: /^tick 1\/60/ })
    await desk.ready()
    t.ok(await isRemembered())
  })
})
