import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { readScreen } from '@mc/core/luci/profiles/opencode/screen.ts'
import type { Sight } from '@mc/core/luci/profiles/screen.ts'
import t from 'tap'

const screens = join(import.meta.dirname, '../../../../fixtures/agents/opencode/screens')
const sightOf = (name: string): Sight => ({
  alternate: true,
  ...JSON.parse(readFileSync(join(screens, `${name}.json`), 'utf8')),
})
const shown = (name: string) => readScreen(sightOf(name))
const empty = { type: 'input', input: '', busy: false }

t.test('the suggestion in an empty input is nothing', async (t) => {
  t.same(shown('home-idle'), empty)
})

t.test('what is typed is read, before the first message and after it', async (t) => {
  t.match(shown('home-typed'), { type: 'input', input: 'typed before the first message' })
  const wrapped = shown('wrapped')
  t.match(wrapped, { type: 'input', busy: false })
  t.match(
    wrapped.type === 'input' && wrapped.input.replace(/\s+/g, ' '),
    /你好 and on it goes .* row of it, and here it is\.$/,
  )
  t.notMatch(wrapped, { input: /work|OpenCode 1/ }, 'the sidebar is no part of it')
})

t.test('it is busy while it can be interrupted, also while it waits to try again', async (t) => {
  t.same(shown('busy'), { ...empty, busy: true })
  t.same(shown('retry'), { ...empty, busy: true })
  for (const name of ['interrupted', 'rejected']) t.same(shown(name), empty)
})

t.test('a permission is a question with its choices side by side', async (t) => {
  const menu = (label: string) => ({
    kind: 'permission',
    text: '△ Permission required\n  # Shell command\n\n$ touch made.txt',
    axis: 'horizontal',
    options: ['Allow once', 'Allow always', 'Reject'].map((option) => ({
      label: option,
      selected: option === label,
    })),
  })
  t.same(shown('permission'), { type: 'menu', menu: menu('Allow once') })
  t.same(shown('permission-second'), { type: 'menu', menu: menu('Allow always') })
})

t.test('to allow something always is asked once more', async (t) => {
  t.match(shown('permission-always'), {
    type: 'menu',
    menu: {
      text: /^△ Always allow\n\nThis will allow .*\n\n- touch \*$/,
      options: [
        { label: 'Confirm', selected: true },
        { label: 'Cancel', selected: false },
      ],
    },
  })
})

t.test('a question is read with its choices, but for a text of one’s own', async (t) => {
  const labels = ['Red', 'Green', 'Blue']
  for (const [name, chosen] of [
    ['question', 'Red'],
    ['question-second', 'Green'],
  ] as const)
    t.match(shown(name), {
      type: 'menu',
      menu: {
        kind: 'question',
        text: /^Which colour\?\n\n1\. Red\n {3}Takes Red\n2\. Green/,
        axis: 'vertical',
        options: labels.map((label) => ({ label, selected: label === chosen })),
      },
    })
})

t.test('a reply that copies a dialog, an input and the sign of work is text', async (t) => {
  t.same(shown('copied-dialog'), empty)
})

t.test(
  'what is open above the input takes the keys, so nobody knows what they would do',
  async (t) => {
    for (const name of ['palette', 'help', 'list-open', 'files-open'])
      t.match(shown(name), { type: 'unknown', text: /\S/ }, name)
  },
)

t.test('its shell mode runs what is typed, and is no input for messages', async (t) => {
  t.equal(shown('shell-mode').type, 'unknown')
})

t.test('without a cursor in it the input takes nothing', async (t) => {
  t.equal(readScreen({ ...sightOf('home-idle'), cursorHidden: true }).type, 'unknown')
  t.equal(readScreen({ ...sightOf('home-idle'), cursor: { x: 0, y: 0 } }).type, 'unknown')
})

t.test('a dialog with something below it, or other choices, is unknown', async (t) => {
  const sight = sightOf('permission')
  t.equal(readScreen({ ...sight, rows: [...sight.rows, '  more text'] }).type, 'unknown')
  const other = sight.rows.map((row) => row.replace('Allow always', 'Allow for ever'))
  t.equal(readScreen({ ...sight, rows: other }).type, 'unknown')
})
