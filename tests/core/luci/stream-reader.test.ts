import { genericProfile } from '@mc/core/luci/profiles/generic.ts'
import type { RecordEvent } from '@mc/core/luci/profiles/profile.ts'
import t from 'tap'

const ESC = '\u001b'

/** What a program writes around one message, cut into pieces of `size` bytes. */
const read = (
  command: string,
  { before, echo, after }: { before: string; echo: string; after: string },
  size = 1_000,
  prompt: string | null = null,
): RecordEvent[] => {
  const reader = genericProfile([command], prompt).reader()
  const events: RecordEvent[] = []
  const feed = (text: string) => {
    const bytes = Buffer.from(text)
    for (let at = 0; at < bytes.length; at += size)
      events.push(...reader.feed(bytes.subarray(at, at + size)))
  }
  feed(before)
  if (reader.quietMs() !== null) reader.quiet()
  if (!reader.now().ready) throw new Error(`Expected ${command} to be ready after its prompt`)
  reader.begin('aaaaaa', '')
  feed(echo)
  reader.entered()
  feed(after)
  if (reader.quietMs() !== null) events.push(...reader.quiet())
  return events
}

/** The streamed text, for each end that says that it is the whole. */
const replyOf = (events: RecordEvent[]) =>
  events.flatMap((event) => (event.type === 'answered' ? [event.reply ?? textOf(events)] : []))

const textOf = (events: RecordEvent[]) =>
  events.flatMap((event) => (event.type === 'text' ? [event.text] : [])).join('')

// Recorded from bash 5.2, node 26, python 3.11, sqlite3 3.40 and bc 1.07 under tmux 3.3a.
const recordings = {
  bash: {
    before: `${ESC}[?2004hroot@vm:/tmp# `,
    echo: `${ESC}[7mecho 日本; printf foo${ESC}[27m`,
    after: `\r${ESC}[C${ESC}[Cecho 日本; printf foo\r\n${ESC}[?2004l\r日本\r\nfoo${ESC}[?2004hroot@vm:/tmp# `,
    reply: '日本\nfoo',
  },
  node: {
    before: 'Welcome\r\n> ',
    echo: '1+1',
    after: '\r\n2\r\n> ',
    reply: '2\n',
  },
  python3: {
    before: 'Python 3.11.7\r\n>>> ',
    echo: 'print("日")',
    after: '\r\n日\r\n>>> ',
    reply: '日\n',
  },
  sqlite3: {
    before: `${ESC}[?2004hsqlite> `,
    echo: `${ESC}[7mselect 2;${ESC}[27m`,
    after: `\rselect 2;\r\n${ESC}[?2004l\r2\r\n${ESC}[?2004hsqlite> `,
    reply: '2\n',
  },
  bc: {
    before: `${ESC}[?2004h`,
    echo: `${ESC}[7m2+2${ESC}[27m`,
    after: `\r2+2\r\n${ESC}[?2004l\r4\r\n${ESC}[?2004h`,
    reply: '4\n',
  },
}

for (const [command, { reply, ...recording }] of Object.entries(recordings))
  t.test(`the reply of ${command} is exact however the bytes are cut`, async (t) => {
    for (const size of [1, 2, 3, 7, 1_000]) {
      const events = read(command, recording, size)
      t.same(replyOf(events), [reply], `in pieces of ${size}`)
      t.equal(textOf(events), reply, 'the streamed text is the reply')
      t.equal(events[0]?.type, 'received')
    }
  })

t.test('a prompt in the middle of a reply is text', async (t) => {
  const events = read('python3', {
    before: '>>> ',
    echo: 'x',
    after: '\r\n>>> \r\n>>> still talking\r\nlast\r\n>>> ',
  })
  t.same(replyOf(events), ['>>> \n>>> still talking\nlast\n'])
})

t.test('a prompt that is not there yet ends nothing', async (t) => {
  const events = read('python3', { before: '>>> ', echo: 'x', after: '\r\nworking\r\n' })
  t.same(replyOf(events), [])
  t.equal(textOf(events), 'working\n')
})

t.test('what looks like the prompt is none until the program reads again', async (t) => {
  const events = read('bash', {
    before: `${ESC}[?2004h$ `,
    echo: 'x',
    after: `\r\n${ESC}[?2004l\rout\r\n$ `,
  })
  t.same(replyOf(events), [])
})

t.test('a prompt that changed with the directory is cut right', async (t) => {
  const events = read('bash', {
    before: `${ESC}[?2004h/tmp $ `,
    echo: 'cd /etc; printf x',
    after: `\r\n${ESC}[?2004l\rx${ESC}[?2004h/etc $ `,
  })
  t.same(replyOf(events), ['x'])
})

t.test('a statement that goes on is shown as a question, not taken for an answer', async (t) => {
  const bash = read('bash', {
    before: `${ESC}[?2004h$ `,
    echo: 'echo "',
    after: `\r\n${ESC}[?2004l\r${ESC}[?2004h> `,
  })
  t.match(bash.at(-1), {
    type: 'blocked',
    prompt: { text: '> ', choices: [{ id: 'enter' }, { id: 'stop' }] },
  })
  const python = read('python3', { before: '>>> ', echo: 'if 1:', after: '\r\n... ' })
  t.match(python.at(-1), { type: 'blocked' })
})

t.test('a looser prompt of a person takes no unfinished statement for its end', async (t) => {
  const lastOf = (command: string, before: string, after: string, prompt: string) =>
    read(command, { before, echo: 'x', after }, 1_000, prompt).at(-1)?.type
  const bash = (prompt: string) => `${ESC}[?2004h${prompt}`
  const done = `\r\n${ESC}[?2004l\r`
  for (const prompt of ['> $', '[$>] ', '.*'])
    t.equal(lastOf('bash', bash('me$> '), `${done}${bash('> ')}`, prompt), 'blocked', prompt)
  t.equal(lastOf('sqlite3', bash('sqlite> '), `${done}${bash('   ...> ')}`, '> $'), 'blocked')
  t.equal(lastOf('python3', '>>> ', '\r\n... ', '[>.] $'), 'blocked')
  t.equal(lastOf('node', '> ', '\r\n| ', '[>|] '), 'blocked')
  t.equal(lastOf('bash', bash('me$> '), `${done}out\r\n${bash('me$> ')}`, '> $'), 'answered')
  t.equal(lastOf('node', '> ', '\r\n2\r\n> ', '> $'), 'answered')
  t.equal(lastOf('psql', 'one=> ', '\r\nok\r\ntwo=> ', '\\w+=> '), 'answered')
})

t.test('what is strange for a prompt must stand longer, another number is not strange', (t) => {
  const quietAfter = (before: string, after: string) => {
    const reader = genericProfile(['tool'], null).reader()
    reader.feed(Buffer.from(before))
    reader.quiet()
    reader.begin('aaaaaa', '')
    reader.entered()
    reader.feed(Buffer.from(after))
    return reader.quietMs()
  }
  const usual = quietAfter('ask> ', '\r\nask> ') ?? 0
  t.equal(quietAfter('In [1]: ', '\r\nIn [2]: '), usual)
  t.ok((quietAfter('ask> ', '\r\nprogress 50% ') ?? 0) > usual)
  t.end()
})

t.test('after an answered question only what comes next is reply, and asked again is new', (t) => {
  const reader = genericProfile(['python3'], null).reader()
  const feed = (text: string) => reader.feed(Buffer.from(text))
  feed('>>> ')
  reader.quiet()
  reader.begin('aaaaaa', '')
  reader.entered()
  feed('\r\n... ')
  const [first] = reader.quiet()
  reader.answered()
  feed('\r\n... ')
  const [second] = reader.quiet()
  t.match([first, second], [{ type: 'blocked' }, { type: 'blocked' }])
  if (first?.type === 'blocked' && second?.type === 'blocked')
    t.not(first.prompt.id, second.prompt.id)
  reader.answered()
  const events = [...feed('\r\n0\r\n>>> '), ...reader.quiet()]
  t.equal(textOf(events), '0\n')
  t.equal(events.at(-1)?.type, 'answered')
  t.end()
})

t.test('colours and titles are taken out, tabs and CRLF of the program itself stay', async (t) => {
  const events = read('python3', {
    before: '>>> ',
    echo: 'x',
    after: `\r\n${ESC}]0;title\u0007${ESC}[31mred${ESC}[0m\ttab\r\r\nend\r\n>>> `,
  })
  t.same(replyOf(events), ['red\ttab\r\nend\n'])
})
