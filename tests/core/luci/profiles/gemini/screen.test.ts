import { readScreen } from '@mc/core/luci/profiles/gemini/screen.ts'
import type { Sight } from '@mc/core/luci/profiles/screen.ts'
import t from 'tap'
import { sight } from './replay.ts'

t.test('an idle program takes text, and its hint is none', async (t) => {
  for (const name of ['idle', 'error', 'interrupted'])
    t.same(readScreen(sight(name)), { type: 'input', input: '', busy: false }, name)
})

t.test(
  'a program at work says so by its title, and by its spinner where that is kept',
  async (t) => {
    for (const name of ['busy', 'busy-retrying']) {
      t.same(readScreen(sight(name)), { type: 'input', input: '', busy: true }, name)
      t.match(readScreen({ ...sight(name), title: 'my machine' }), { busy: true }, name)
    }
    t.match(readScreen({ ...sight('idle'), title: 'my machine' }), { busy: false })
  },
)

t.test('typed lines stand in the input as they were typed, wrapped or not', async (t) => {
  const visible = (text: string) => text.replace(/\s+/g, '')
  const read = (name: string) => {
    const screen = readScreen(sight(name))
    return screen.type === 'input' ? visible(screen.input) : screen
  }
  const lines = '[mc aaaaa1] first line\n\tsecond with tab\n  third 你好，世界 ünï 🙂\nfourth'
  t.equal(read('typed-lines'), visible(lines))
  const words = Array.from({ length: 60 }, (_, n) => `word ${n + 1}`).join(' ')
  t.equal(read('typed-long'), visible(`[mc aaaaa2] ${words}`))
  t.equal(read('typed-collapsed'), '[PastedText:6lines]')
})

t.test("a person's draft in the words of the hint is a draft", async (t) => {
  t.match(readScreen(sight('draft-like-hint')), {
    type: 'input',
    input: 'Type your message or @path/to/file',
  })
  t.match(readScreen(sight('slash-list')), { type: 'input', input: '/he' })
})

t.test('nothing may be typed where it would be a command', async (t) => {
  t.match(readScreen(sight('shell-mode')), { type: 'unknown' })
  const { rows, ...rest } = sight('idle')
  const vim = rows.map((row) =>
    row.replace('Type your message or @path/to/file', "Press 'i' for INSERT mode."),
  )
  t.match(readScreen({ rows: vim, ...rest }), { type: 'unknown' })
})

t.test('a dialog is a question with its choices', async (t) => {
  t.match(readScreen(sight('permission')), {
    type: 'menu',
    menu: {
      kind: 'permission',
      text: /touch perm\.txt && echo made\nAllow execution of \[Shell\]\?/,
      options: [
        { label: 'Allow once', selected: true },
        { label: 'Allow for this session', selected: false },
        { label: 'No, suggest changes (esc)', selected: false },
      ],
    },
  })
  t.match(readScreen(sight('question')), {
    menu: {
      kind: 'question',
      text: /^Answer Questions\n\nWhich colour\n\nTakes Red\nTakes Green$/,
      options: [{ label: 'Red' }, { label: 'Green' }, { label: 'Enter a custom value' }],
    },
  })
  t.match(readScreen(sight('trust')), {
    menu: { kind: 'permission', text: /Do you trust the files in this folder\?/ },
  })
})

t.test('the same question stays the same whatever is selected', async (t) => {
  const menus = ['sign-in', 'sign-in-vertex'].map((name) => readScreen(sight(name)))
  const [one, other] = menus.map((screen) => (screen.type === 'menu' ? screen.menu : null))
  t.equal(one?.kind, 'login')
  t.equal(one?.text, other?.text)
  t.same(
    [one, other].map((menu) => menu?.options.findIndex(({ selected }) => selected)),
    [1, 2],
  )
})

t.test('a key that stands in its field is shown to nobody', async (t) => {
  const screen = readScreen(sight('key'))
  t.match(screen, { type: 'menu', menu: { kind: 'login', options: [{ label: 'Use it' }] } })
  t.notMatch(JSON.stringify(screen), /scripted/)
})

t.test('a folder that is not trusted is said, not waited for', async (t) => {
  t.match(readScreen(sight('untrusted')), { type: 'unknown', text: /does not trust/ })
})

t.test('a folder trusted too late for its hooks is said as well', async (t) => {
  const { rows, ...rest } = sight('untrusted')
  const sandbox = (row: string) =>
    row.includes('Skipping') ? row : row.replace('untrusted', 'no sandbox')
  const trusted = { ...rest, rows: rows.map(sandbox) }
  t.match(readScreen(trusted), { type: 'unknown', text: /started again/ })
  // The program that started again draws below what the one before it had said.
  const name = ' ▝▜▄     Gemini CLI v0.61.0'
  const again = trusted.rows.map((row, y) => (y === rest.cursor.y - 4 ? name : row))
  t.match(readScreen({ ...trusted, rows: again }), { type: 'input', input: '' })
})

t.test('what a reply, a copied dialog or an old message looks like is nothing', async (t) => {
  const { rows, ...rest } = sight('permission')
  // The same rows as a reply shows them, two columns further in, above an idle input.
  const idle = sight('idle')
  const copied = rows.slice(-12).map((row) => `  ${row}`)
  const shown: Sight = {
    ...idle,
    rows: [...copied, '  ⠹ Thinking... (esc to cancel, 5s)', ...idle.rows],
    cursor: { x: idle.cursor.x, y: idle.cursor.y + copied.length + 1 },
  }
  t.same(readScreen(shown), { type: 'input', input: '', busy: false })
  t.match(readScreen({ ...rest, rows: copied, cursor: { x: 0, y: copied.length } }), {
    type: 'unknown',
  })
  // The frame of a message above, with the cursor anywhere else.
  t.match(readScreen({ ...idle, cursor: { x: 0, y: idle.rows.length } }), { type: 'unknown' })
})

t.test('a screen that is still to come asks nothing, and takes nothing', async (t) => {
  const { rows, ...rest } = sight('trust')
  t.match(readScreen({ ...rest, rows: ['', ''] }), { type: 'input', busy: true })
  const said = ' Gemini CLI is restarting to apply the trust changes...'
  t.match(readScreen({ ...rest, rows: [...rows, '', said, ''] }), { type: 'input', busy: true })
  t.match(readScreen({ ...rest, rows: [...rows, ` ${said}`] }), { type: 'unknown' })
})

t.test('a numbered list in a question is no choice', async (t) => {
  const { rows, ...rest } = sight('question')
  const listed = rows.map((row) => row.replace('Which colour', '  1. Which'))
  t.match(readScreen({ rows: listed, ...rest }), {
    menu: { options: [{ label: 'Red' }, { label: 'Green' }, { label: 'Enter a custom value' }] },
  })
})
