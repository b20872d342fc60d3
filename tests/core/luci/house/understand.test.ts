import { understand } from '@mc/core/luci/house/understand.ts'
import t from 'tap'

const kinds: Record<string, string[]> = {
  help: [
    'help',
    '?',
    'help\n\nAttached: /x/claude-inbox.png (image/png, 2 KiB)',
    'What can you do?',
    'who are you',
  ],
  hello: ['hi', 'Hello Luci', 'good morning'],
  thanks: ['thanks!', 'Thank you', 'ok'],
  status: ['status', 'How are things?', "what's new", 'is everything ok', 'give me a summary'],
  needs_me: ['what needs me?', 'What should I do now?', 'does anything need my attention'],
  failed: ['what failed?', 'did anything break, is something broken', 'any errors today?'],
  scheduled: ['what is scheduled?', 'when does the next run start', 'list my tasks', 'cron'],
  inbox: ['inbox', 'what is in the inbox'],
  alerts: ['any alerts?', 'telegram'],
  tickets: ['list tickets', 'show the board', 'what are you working on'],
  agents: ['how do I attach an agent?', 'can I use claude'],
  unknown: ['write me a poem about the sea', 'profile my code', 'refile the papers'],
}

for (const [kind, texts] of Object.entries(kinds))
  t.test(`these mean ${kind}: ${texts.join(' · ').replaceAll('\n', ' ')}`, async (t) => {
    for (const text of texts) t.equal(understand(text).kind, kind, text)
  })

t.test('a ticket is named by its key', async (t) => {
  t.same(understand('show MC-3'), { kind: 'show', ticket: 3 })
  t.same(understand('how is mc-12 going?'), { kind: 'show', ticket: 12 })
})

t.test('tickets can be asked for by how they stand', async (t) => {
  t.match(understand('list tickets'), { filter: 'open' })
  t.match(understand('all tickets'), { filter: 'all' })
  t.match(understand('which tickets are done?'), { filter: 'done' })
  t.match(understand('tickets in progress'), { filter: 'doing' })
})

t.test('filing takes the words after the colon, more lines become the body', async (t) => {
  t.same(understand('file: Fix the door\nIt squeaks.'), {
    kind: 'file',
    title: 'Fix the door',
    body: 'It squeaks.',
    labels: [],
  })
  t.match(understand('Ticket: what failed?'), { kind: 'file', title: 'what failed?' })
  t.same(understand('remind me to call Ada'), {
    kind: 'file',
    title: 'Call Ada',
    body: '',
    labels: ['reminder'],
  })
})

t.test('a list of bullets is an intent, one bullet is not; numbers are an order', async (t) => {
  t.same(understand('Launch the site:\n- buy a domain\n* write text\n3. tell people'), {
    kind: 'propose',
    about: 'Launch the site',
    ordered: false,
    entries: ['buy a domain', 'write text', 'tell people'].map((title) => ({
      title,
      body: '',
      does: 'person',
      risk: 'low',
    })),
  })
  t.match(understand('1. pack\n2) drive'), { about: '', ordered: true })
  t.equal(understand('- status').kind, 'status')
})

t.test('who does a bullet may stand at its end', async (t) => {
  t.match(
    understand(
      '- Copy it (worker)\n- Check it (Worker, low risk).\n- Sort it (Luci)\n- Move (out)',
    ),
    {
      entries: [
        { title: 'Copy it', does: 'worker', risk: 'medium' },
        { title: 'Check it', does: 'worker', risk: 'low' },
        { title: 'Sort it', does: 'luci', risk: 'medium' },
        { title: 'Move (out)', does: 'person', risk: 'low' },
      ],
    },
  )
})

t.test('to accept is understood, and changes that are asked for', async (t) => {
  for (const text of ['file them', 'file 1, 3 and 4', 'file #2.', 'accept all'])
    t.equal(understand(text).kind, 'accept', text)
  t.same(understand('Changes are asked for in your proposal 0a1b2c, “x”.\n- a\n- b'), {
    kind: 'changes',
    proposal: '0a1b2c',
  })
})

t.test('a message to be pulled is only that line, to the letter', async (t) => {
  t.same(understand('run: mc turn show 7f3a9c'), { kind: 'pull', turn: '7f3a9c' })
  t.equal(understand('run: mc turn show 7f3a9c; rm -rf /').kind, 'unknown')
})
