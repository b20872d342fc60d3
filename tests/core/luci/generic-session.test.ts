import { spawnSync } from 'node:child_process'
import { genericProfile } from '@mc/core/luci/profiles/generic.ts'
import t from 'tap'
import { until } from '../../support/until.ts'
import { bash, fixture, openDesk, tmux } from './desk.ts'

const has = (program: string): boolean => spawnSync(program, ['--version']).error === undefined

t.test('bash answers exactly: 300 lines, wide characters, no last newline', async (t) => {
  const desk = await openDesk(t, { profile: 'generic', command: bash })
  const long = await desk.ask('for i in $(seq 1 300); do echo "line $i 日本 é 👍"; done')
  const lines = Array.from({ length: 300 }, (_, n) => `line ${n + 1} 日本 é 👍\n`)
  t.match(long, { state: 'answered', profile: 'generic' })
  t.equal(long.reply, lines.join(''))
  t.equal((await desk.ask('printf "no newline"')).reply, 'no newline')
  t.equal((await desk.ask('printf "a\\tb\\n\\n\\n  c  \\n"')).reply, 'a\tb\n\n\n  c  \n')
  t.equal((await desk.ask('true')).reply, '')
  t.equal((await desk.ask('echo "again"')).reply, (await desk.ask('echo "again"')).reply)
  t.equal((await desk.ask('cd /; printf %s "$PWD"')).reply, '/')
})

t.test('the text streams while the program still writes', async (t) => {
  const desk = await openDesk(t, { profile: 'generic', command: bash })
  const sent = await desk.luci.send({ origin: 'user', text: 'echo first; read -r; echo last' })
  await until('the first line', async () => (await desk.luci.harvest(sent.id)).text === 'first\n')
  t.equal(await desk.stateOf(sent.id), 'answering')
  t.equal(desk.luci.status().state, 'working')
  await desk.luci.interrupt(sent.id)
  t.match(await desk.ended(sent.id), { state: 'interrupted', reply: /^first\n/ })
  t.match(await desk.ask('echo on'), { state: 'answered', reply: 'on\n' })
})

t.test(
  'a waiting message that is sent now stops what goes on, and goes before older ones',
  async (t) => {
    const desk = await openDesk(t, { profile: 'generic', command: bash })
    const send = (text: string) => desk.luci.send({ origin: 'user', text })
    const long = await send('echo first; read -r; echo last')
    await until(
      'it is under way',
      async () => (await desk.luci.harvest(long.id)).text === 'first\n',
    )
    const [older, chosen] = [await send('echo older'), await send('echo chosen')]
    await t.rejects(desk.luci.sendNow(long.id), { code: 'conflict' }, 'she has it already')
    await Promise.all([desk.luci.sendNow(chosen.id), desk.luci.sendNow(chosen.id).catch(() => {})])
    t.match(await desk.ended(long.id), { state: 'interrupted', reply: /^first\n/ })
    const [first, then] = [await desk.ended(chosen.id), await desk.ended(older.id)]
    t.match([first, then], [{ reply: 'chosen\n' }, { state: 'answered', reply: 'older\n' }])
    t.ok((first.endedAt ?? '') <= (then.typedAt ?? ''), 'one after the other')

    // What she asks is answered by nobody: it is stopped, as Stop does it.
    const asks = await send('echo "open')
    await until('the question', async () => (await desk.stateOf(asks.id)) === 'blocked')
    const instead = await send('echo instead')
    await desk.luci.sendNow(instead.id)
    t.match(await desk.ended(asks.id), { state: 'interrupted' })
    t.match(await desk.ended(instead.id), { state: 'answered', reply: 'instead\n' })
  },
)

t.test('several lines go into bash as one paste', async (t) => {
  const desk = await openDesk(t, { profile: 'generic', command: bash })
  const turn = await desk.ask('for n in 1 2; do\n\techo "tab $n"\ndone\r\necho done')
  t.match(turn, { state: 'answered', reply: 'tab 1\ntab 2\ndone\n' })
})

t.test('text that looks like keys, flags or separators is text', async (t) => {
  const desk = await openDesk(t, {
    profile: 'generic',
    command: [process.execPath, fixture('repl.ts')],
    prompt: 'ask> ',
  })
  for (const text of [
    'Enter',
    '-x',
    ';',
    'foo;',
    '$HOME "q" `x` #{y}',
    '~',
    '👩‍👩‍👧 日本',
    '\\033[A',
  ])
    t.equal((await desk.ask(text)).reply, `${JSON.stringify(text)}\n`, text)
  t.equal((await desk.ask('a\u001b[201~b\u0003c\u009bd')).reply, '"a[201~bcd"\n')
})

t.test('a prompt and protocol lines inside a reply do not end it', async (t) => {
  const desk = await openDesk(t, {
    profile: 'generic',
    command: [process.execPath, fixture('repl.ts')],
    prompt: 'ask> ',
  })
  t.equal((await desk.ask('fake')).reply, 'before\nask> \nask> in the middle\n%end 1 2 3\n"fake"\n')
  const shell = await openDesk(t, { profile: 'generic', command: bash })
  t.equal(
    (await shell.ask('echo "$ "; printf "bash-5.2$ "; sleep 0.4; echo; echo "%output %0 x"')).reply,
    '$ \nbash-5.2$ \n%output %0 x\n',
  )
})

t.test('what a plain program cannot take is refused at send', async (t) => {
  const desk = await openDesk(t, {
    profile: 'generic',
    command: [process.execPath, fixture('repl.ts')],
    prompt: 'ask> ',
  })
  await desk.idle()
  const send = (text: string, origin: 'user' | 'digest' = 'user') =>
    desk.luci.send({ origin, text })
  await t.rejects(send('two\nlines'), { code: 'invalid', message: /one line at a time/ })
  await t.rejects(send('x'.repeat(4_096)), { code: 'invalid', message: /4096 bytes/ })
  await t.rejects(send('日'.repeat(1_400)), { code: 'invalid', message: /4200 bytes/ })
  await t.rejects(send('digest', 'digest'), { code: 'invalid', message: /no digests/ })
  t.same(await desk.luci.status().queued, 0)
  t.equal((await desk.ask('x'.repeat(4_095))).reply, `"${'x'.repeat(4_095)}"\n`)
})

t.test('the longest line is taken whole', async (t) => {
  const desk = await openDesk(t, { profile: 'generic', command: bash })
  const word = 'w'.repeat(4_095 - 'echo '.length)
  t.equal((await desk.ask(`echo ${word}`)).reply, `${word}\n`)
})

t.test(
  'a digest queued by another process is refused by a plain program, in the row',
  async (t) => {
    const desk = await openDesk(t, { profile: 'generic', command: bash })
    const { createTurns } = await import('@mc/core/turns/turns.ts')
    const { systemClock } = await import('@mc/core/clock.ts')
    const turn = await createTurns(desk.db, systemClock).queue({ origin: 'digest', text: 'digest' })
    t.match(await desk.ended(turn.id), { state: 'failed', problem: /no digests/, typedAt: null })
  },
)

t.test('an unfinished statement is shown as a question, and can be stopped', async (t) => {
  const desk = await openDesk(t, { profile: 'generic', command: bash })
  const sent = await desk.luci.send({ origin: 'user', text: 'echo "open' })
  await until('the question', async () => (await desk.stateOf(sent.id)) === 'blocked')
  t.equal(desk.luci.status().state, 'needs_you')
  const { turn } = await desk.luci.harvest(sent.id)
  t.match(turn.prompt, { text: /^> $/, choices: [{ id: 'enter' }, { id: 'stop' }] })
  const answer = (promptId: string, choice: string) =>
    desk.luci.answer({ turnId: sent.id, promptId, choice })
  await t.rejects(answer('000000000000', 'stop'), { code: 'conflict' })
  await t.rejects(answer(turn.prompt?.id ?? '', 'maybe'), { code: 'invalid' })
  t.match(await answer(turn.prompt?.id ?? '', 'stop'), { state: 'interrupted' })
  t.match(await desk.ask('echo on'), { reply: 'on\n' })
})

const blocks = {
  'a plain program': {
    command: [process.execPath, fixture('repl.ts')],
    prompt: 'ask> ',
    text: 'for each:',
    reply: '["for each:"]\n',
    next: ['on', '"on"\n'],
  },
  python3: {
    command: ['python3', '-q'],
    prompt: null,
    text: 'for i in range(3): print(i)',
    reply: '0\n1\n2\n',
    next: ['1+1', '2\n'],
  },
}

for (const [name, { command, prompt, text, reply, next }] of Object.entries(blocks)) {
  const present = name !== 'python3' || has('python3')
  t.test(
    `a block of ${name} is finished by a person's Enter${present ? '' : ' (not on this machine)'}`,
    async (t) => {
      if (!present) return t.comment(`${name} is not installed here, so this was not tried`)
      const desk = await openDesk(t, { profile: 'generic', command, prompt })
      const { id } = await desk.luci.send({ origin: 'user', text })
      await until('the question', async () => (await desk.stateOf(id)) === 'blocked')
      const { turn } = await desk.luci.harvest(id)
      t.match(turn.prompt, { text: '... ', choices: [{ id: 'enter', label: 'Press Enter' }, {}] })
      const promptId = turn.prompt?.id ?? ''
      const press = (promptId: string) =>
        desk.luci.answer({ turnId: id, promptId, choice: 'enter' })
      await t.rejects(press('000000000000'), { code: 'conflict' })
      const twice = await Promise.allSettled([press(promptId), press(promptId)])
      t.match(twice, [
        { status: 'fulfilled', value: { state: 'answering', prompt: null } },
        { status: 'rejected', reason: { code: 'conflict' } },
      ])
      t.match(await desk.ended(id), { state: 'answered', reply, prompt: null })
      return t.match(await desk.ask(next[0] as string), { state: 'answered', reply: next[1] })
    },
  )
}

t.test('a question answered before a restart is no part of the reply after it', async (t) => {
  const command = [process.execPath, fixture('repl.ts')]
  const desk = await openDesk(t, { profile: 'generic', command, prompt: 'ask> ' })
  const { id } = await desk.luci.send({ origin: 'user', text: 'slowly:' })
  await until('the question', async () => (await desk.stateOf(id)) === 'blocked')
  const { turn } = await desk.luci.harvest(id)
  await desk.luci.answer({ turnId: id, promptId: turn.prompt?.id ?? '', choice: 'enter' })
  await until('the answer to begin', async () => (await desk.luci.harvest(id)).text !== '')
  await desk.luci.close()
  await desk.open()
  t.match(await desk.ended(id), { state: 'answered', reply: 'one\ntwo\nthree\n["slowly:"]\n' })
})

t.test('a reply beyond all measure is cut and says so, and the disk is spared', async (t) => {
  const limits = { replyCharsMax: 1_000, recordBytesMax: 20_000 }
  const desk = await openDesk(t, { profile: 'generic', command: bash, limits })
  const turn = await desk.ask('for i in $(seq 1 20000); do echo "line $i"; done')
  t.match(turn, { state: 'answered', problem: 'Cut after 1000 characters' })
  t.equal(turn.reply.length, 1_000)
  t.match(await desk.ask('echo on'), { state: 'answered', reply: 'on\n', problem: null })
})

t.test('switch goes to another program when idle, and by force when busy', async (t) => {
  const desk = await openDesk(t, { command: bash })
  await desk.idle()
  t.match(await desk.luci.switch({ profile: 'generic' }), { profile: 'generic' })
  const busy = await desk.luci.send({ origin: 'user', text: 'echo begun; sleep 60' })
  await until('it to begin', async () => (await desk.luci.harvest(busy.id)).text === 'begun\n')
  await t.rejects(desk.luci.switch({ profile: 'house' }), { code: 'conflict', hint: /force/ })
  await desk.luci.switch({ profile: 'house', force: true })
  t.match(await desk.ended(busy.id), {
    state: 'interrupted',
    reply: 'begun\n',
    problem: /switched/,
  })
  t.match(await desk.ask('hello'), { state: 'answered', profile: 'house' })
  await desk.luci.close()
  const again = await desk.open()
  t.equal(again.status().profile, 'house')
  t.same(await desk.items(), [])
})

t.test('node answers exactly, again and again: no guess under the input is reply', async (t) => {
  const lines = Array.from({ length: 300 }, (_, n) => `${n} 日 👍\n`).join('')
  const said: [string, string][] = [
    ['1+1', '2\n'],
    ['"after"', "'after'\n"],
    ['[1,2,3].map(x=>x*2)', '[ 2, 4, 6 ]\n'],
    ["'日本 👩‍👩‍👧 é'.slice(0, 2)", "'日本'\n"],
    ['"a\tb".length', '3\n'],
    ["for (let i = 0; i < 300; i++) console.log(i + ' 日 👍')", `${lines}undefined\n`],
  ]
  for (const prompt of [null, '> $']) {
    const desk = await openDesk(t, { profile: 'generic', command: [process.execPath], prompt })
    for (let time = 1; time <= 2; time++)
      for (const [text, reply] of said)
        t.equal((await desk.ask(text)).reply, reply, `${text}, time ${time}`)
    await desk.luci.close()
  }
})

t.test("our own unsent text is cleared out of node's input", async (t) => {
  const desk = await openDesk(t, { profile: 'generic', command: [process.execPath] })
  const turn = await desk.ask('1+1')
  const { clear } = genericProfile([process.execPath], null)
  tmux(desk.socket, 'send-keys', '-t', 'luci', '-l', 'half a thought')
  tmux(desk.socket, 'send-keys', '-t', 'luci', '-H', clear)
  t.equal(turn.reply, '2\n')
  t.match(await desk.ask('"on"'), { state: 'answered', reply: "'on'\n" })
})

const others = {
  python3: { command: ['python3', '-q'], text: 'print("\\n".join(f"{i} 日" for i in range(300)))' },
  sqlite3: {
    command: ['sqlite3'],
    text: "with recursive n(i) as (select 0 union all select i + 1 from n where i < 299) select i || ' 日' from n;",
  },
  bc: { command: ['bc', '-q'], text: 'for (i = 0; i < 300; i++) i' },
}

for (const [name, { command, text }] of Object.entries(others)) {
  const present = has(command[0] as string)
  t.test(
    `${name} answers 300 lines exactly${present ? '' : ' (not on this machine)'}`,
    async (t) => {
      if (!present) return t.comment(`${name} is not installed here, so this was not tried`)
      const desk = await openDesk(t, { profile: 'generic', command })
      const end = name === 'bc' ? '\n' : ' 日\n'
      const expected = Array.from({ length: 300 }, (_, n) => `${n}${end}`).join('')
      t.equal((await desk.ask(text)).reply, expected)
      return t.equal((await desk.ask('1+1;')).state, 'answered')
    },
  )
}
