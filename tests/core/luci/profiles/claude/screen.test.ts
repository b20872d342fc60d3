import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { claudeScreen } from '@mc/core/luci/profiles/claude/screen.ts'
import type { Sight } from '@mc/core/luci/profiles/screen.ts'
import { visible } from '@mc/core/luci/tmux-words.ts'
import t from 'tap'

/* Recorded by tests/agents/claude/record-screens.ts. */

const folder = join(import.meta.dirname, '..', '..', '..', '..', 'fixtures', 'agents', 'claude')
const sightOf = (name: string): Sight =>
  JSON.parse(readFileSync(join(folder, 'screens', `${name}.json`), 'utf8'))
const read = (name: string) => claudeScreen(sightOf(name))

t.test('an empty input is empty, whatever hint stands in it', async (t) => {
  for (const name of [
    'idle',
    'after-first-run',
    'answered',
    'interrupted',
    'api-error',
    'api-error-500',
    'shortcuts',
    'light-scrolling-idle',
  ])
    t.same(read(name), { type: 'input', input: '', busy: false }, name)
})

t.test('what stands in the input is read as it was typed', async (t) => {
  const words = Array.from({ length: 60 }, (_, n) => `word${n}`).join(' ')
  const typed: [string, string][] = [
    ['typed', '[mc 7f3a9c] what is open today?'],
    ['typed-wrapped', `[mc 7f3a9c] ${words}`],
    ['typed-lines', '[mc 7f3a9c] first\n  second, farther in\n第三行 👍 end'],
    ['returned', '[mc 7f3a9d] SLOW:60000:1'],
    ['pasted', '[Pasted text #1]'],
    ['command-popup', '/cl'],
    ['shell-mode', '!ls'],
  ]
  for (const [name, text] of typed) {
    const screen = read(name)
    t.match(screen, { type: 'input', busy: false }, name)
    t.equal(visible(screen.type === 'input' ? screen.input : ''), visible(text), name)
  }
})

t.test('it is busy while it works, with a draft and with a queue, too', async (t) => {
  t.same(read('busy'), { type: 'input', input: '', busy: true })
  t.same(read('busy-draft'), { type: 'input', input: 'my own draft', busy: true })
  t.same(read('busy-queued'), { type: 'input', input: '', busy: true })
  t.same(read('light-scrolling-busy'), { type: 'input', input: '', busy: true })
})

t.test('a permission shows its command and its choices', async (t) => {
  for (const name of ['permission', 'light-scrolling-permission'])
    t.match(
      read(name),
      {
        type: 'menu',
        menu: {
          kind: 'permission',
          text: /touch made\.txt\n Do you want to proceed\?$/,
          options: [
            { label: 'Yes', selected: true },
            { label: /^Yes, and always allow access/, selected: false },
            { label: /^Yes, and switch to auto mode/, selected: false },
            { label: 'No', selected: false },
          ],
        },
      },
      name,
    )
})

t.test('a dialog is the same, whichever of its choices is selected', async (t) => {
  for (const [one, other] of [
    ['permission', 'permission-second'],
    ['question', 'question-own-words'],
    ['question', 'question-last'],
    ['trust', 'trust-yes'],
  ] as const) {
    t.same(wordsOf(one), wordsOf(other), other)
    t.not(selectedIn(one), selectedIn(other), other)
  }
  t.equal(selectedIn('question-last'), 3)
})

t.test('a question shows what may be answered', async (t) => {
  t.match(read('question'), {
    type: 'menu',
    menu: {
      kind: 'question',
      text: / ☐ Scripted\n\nWhich colour\?/,
      options: [
        { label: 'red', selected: true },
        { label: 'blue' },
        { label: /^Something else/ },
        { label: 'Chat about this' },
      ],
    },
  })
})

t.test('several answers are ticked one by one, and submitted', async (t) => {
  const labels = ['[ ] apple', '[ ] pear', '[ ] Type something', 'Submit', 'Chat about this']
  t.same(wordsOf('question-many').labels, labels)
  t.same(wordsOf('question-many-submit'), wordsOf('question-many'))
  t.equal(selectedIn('question-many'), 0)
  t.equal(selectedIn('question-many-submit'), 3)
  t.same(wordsOf('question-review').labels, ['Submit answers', 'Cancel'])
})

t.test('files and long commands are asked for like any other', async (t) => {
  t.match(wordsOf('permission-file'), {
    text: / new\.txt\n {2}1 one\n/,
    labels: ['Yes', /^Yes,/, 'No'],
  })
  t.match(wordsOf('permission-long'), {
    text: /for n in \$\(seq 60\)/,
    labels: ['Yes', /^Yes,/, 'No'],
  })
})

t.test('what comes at a first start is asked, and No is what stands selected', async (t) => {
  t.match(read('trust'), {
    menu: { kind: 'permission', text: /Accessing workspace/, options: { length: 2 } },
  })
  t.match(read('key-approval'), { menu: { kind: 'login', text: /use this API key/ } })
  t.match(wordsOf('trust').labels, [/^No/, /^Yes/])
  t.equal(selectedIn('trust'), 0)
  t.equal(selectedIn('key-approval'), 1)
})

t.test('menus that a person opened are menus: theme, model, login', async (t) => {
  t.match(read('theme'), { menu: { kind: 'question', text: /Choose the text style/ } })
  t.equal(wordsOf('theme').labels.length, 8)
  t.equal(wordsOf('theme').labels[selectedIn('theme')], 'Dark mode')
  t.match(read('login'), { menu: { kind: 'login', text: /^ {2}Login/ } })
  t.equal(wordsOf('login').labels.length, 3)
  t.match(read('model'), { menu: { text: /^ {2}Select model/ } })
  t.equal(wordsOf('model').labels.length, 5)
})

t.test('screens that it does not know are unknown, and shown', async (t) => {
  t.match(read('resume-picker'), { type: 'unknown', text: /Resume session/ })
  t.match(read('config'), { type: 'unknown', text: /Auto-compact/ })
})

t.test('a copied dialog, a glyph and "esc to interrupt" in a reply are text', async (t) => {
  t.same(read('copied-dialog'), { type: 'input', input: '', busy: false })
})

t.test('a dialog or an input without the cursor in it is none', async (t) => {
  const elsewhere = (name: string, y: number) =>
    claudeScreen({ ...sightOf(name), cursor: { x: 2, y } })
  t.equal(elsewhere('permission', 3).type, 'unknown')
  t.equal(elsewhere('trust', 6).type, 'unknown')
  t.equal(elsewhere('idle', 5).type, 'unknown')
  const rows = sightOf('copied-dialog').rows
  const dialog = rows.findIndex((row) => row.includes('❯ 1. Yes'))
  t.not(dialog, -1)
  const moved = elsewhere('copied-dialog', dialog + 1)
  t.equal(moved.type, 'unknown')
})

function wordsOf(name: string) {
  const screen = read(name)
  if (screen.type !== 'menu') throw new Error(`${name} is ${screen.type}`)
  return { text: screen.menu.text, labels: screen.menu.options.map(({ label }) => label) }
}

function selectedIn(name: string): number {
  const screen = read(name)
  return screen.type === 'menu' ? screen.menu.options.findIndex(({ selected }) => selected) : -1
}
