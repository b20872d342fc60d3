import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { codexScreen } from '@mc/core/luci/profiles/codex/screen.ts'
import type { Menu, Sight } from '@mc/core/luci/profiles/screen.ts'
import { visible } from '@mc/core/luci/tmux-words.ts'
import t from 'tap'

/* Pictures of Codex 0.169.0, as tmux gave them. */

const folder = join(import.meta.dirname, '../../../../fixtures/agents/codex/screens')
const sight = (name: string): Sight =>
  JSON.parse(readFileSync(join(folder, `${name}.json`), 'utf8')) as Sight
const shown = (name: string) => codexScreen(sight(name))

const menu = (name: string): Menu => {
  const shows = shown(name)
  if (shows.type !== 'menu') throw new Error(`${name} shows ${JSON.stringify(shows)}`)
  return shows.menu
}
const selected = ({ options }: Menu) => options.findIndex((option) => option.selected)

t.test('an input is read as a person typed it, whatever wraps and colours it', async (t) => {
  t.strictSame(shown('idle'), { type: 'input', input: '', busy: false })
  t.strictSame(shown('typed'), {
    type: 'input',
    input: '[mc 1a2b3c] ECHO:hello there',
    busy: false,
  })
  const lines = '[mc 1a2b3c] first line\nsecond one, 日本語 and é\n\n/model\n!ls\n  indented'
  t.match(shown('typed-lines'), { type: 'input', busy: false })
  const typed = shown('typed-lines')
  t.equal(visible(typed.type === 'input' ? typed.input : ''), visible(lines))
  const words = Array.from({ length: 130 }, (_, n) => `word${n}`).join(' ')
  const wrapped = shown('typed-wrapped')
  t.equal(
    visible(wrapped.type === 'input' ? wrapped.input : ''),
    visible(`[mc 1a2b3c] ${words}`),
    'over several rows of the window',
  )
  t.match(shown('pasted-placeholder'), { type: 'input', input: /^\[Pasted Content \d+ chars\]$/ })
})

t.test('an input is found at any size of the window', async (t) => {
  for (const name of ['narrow-80', 'narrow-50']) {
    const shows = shown(name)
    const text = '[mc 1a2b3c] a text that is a little long for such a narrow window'
    t.equal(visible(shows.type === 'input' ? shows.input : ''), visible(text), name)
  }
})

t.test('she is busy while her title spins, and only then', async (t) => {
  for (const name of ['busy-start', 'busy-streaming', 'busy-tool'])
    t.strictSame(shown(name), { type: 'input', input: '', busy: true }, name)
  t.strictSame(shown('busy-draft'), { type: 'input', input: 'a draft', busy: true })
  t.strictSame(shown('draft'), { type: 'input', input: 'a draft', busy: false })
  for (const name of ['interrupted', 'error', 'shortcuts'])
    t.strictSame(shown(name), { type: 'input', input: '', busy: false }, name)
})

t.test('an open list over the input keeps Enter away', async (t) => {
  t.match(shown('list-files'), { type: 'input', input: /look at @pack$/, busy: true })
})

t.test('a permission has its command, its choices and what is selected', async (t) => {
  const first = menu('permission')
  t.equal(first.kind, 'permission')
  t.match(first.text, /^Would you like to run the following command\?/)
  t.match(first.text, /\$ touch made\.txt && echo done$/)
  t.equal(first.options.length, 3)
  t.match(first.options[0]?.label, /^Yes, proceed/)
  t.match(first.options[2]?.label, /^No, and tell Codex/)
  t.equal(selected(first), 0)
  t.equal(selected(menu('permission-second')), 1)
  t.equal(menu('permission-second').text, first.text, 'it stays the same question')
  t.match(menu('permission-long').text, /exit 0$/, 'to the end of a wrapped command')
})

t.test('a question has its words and its options', async (t) => {
  const first = menu('question')
  t.equal(first.kind, 'question')
  t.match(first.text, /Which colour do you want\?$/)
  t.strictSame(
    first.options.map(({ label }) => label.split(' — ')[0]),
    ['Red', 'Blue and a rather long label for an option', 'None of the above'],
  )
  t.equal(selected(menu('question-second')), 1)
})

t.test('what stands there at the first start is asked, and never passed over', async (t) => {
  t.equal(menu('login').kind, 'login')
  t.match(menu('login').text, /^Welcome to Codex[^\n]*\n\n\s+Choose how you want to use Codex\.$/)
  t.match(menu('login').options[0]?.label, /^Sign in with ChatGPT/)
  t.equal(menu('login-other').kind, 'login')
  t.match(menu('trust').text, /Trust this folder\?/)
  t.equal(selected(menu('trust')), 0)
  t.match(menu('hooks-review').text, /^Hooks need review/)
  t.equal(menu('hooks-review').options.length, 3)
  t.match(menu('model-picker').text, /^Select Model/)
})

t.test('a picture that nobody knows is unknown', async (t) => {
  t.equal(shown('hooks-list').type, 'unknown')
  t.equal(shown('first-empty').type, 'unknown', 'its title is not its own yet')
  const { rows, ...rest } = sight('idle')
  t.equal(codexScreen({ ...rest, rows: rows.map(() => '') }).type, 'unknown')
  t.equal(codexScreen({ ...sight('idle'), title: 'vim' }).type, 'unknown')
  t.equal(codexScreen({ ...sight('idle'), cursorHidden: true }).type, 'unknown')
})

t.test('the field for a key is shown, and never what stands in it', async (t) => {
  const shows = shown('login-key-typed')
  t.match(sight('login-key-typed').rows.join(), /sk-scripted/)
  t.match(shows, { type: 'unknown', text: /Paste or type your API key below/ })
  t.notMatch(shows, { text: /sk-scripted/ })
  t.strictSame(shows, shown('login-key'), 'and it holds still while it is typed')
})

t.test('a reply that looks like a dialog is a reply', async (t) => {
  t.strictSame(shown('reply-like-a-dialog'), { type: 'input', input: '', busy: false })
  const idle = sight('idle')
  // With every colour that the program itself gives it: nobody can, but if.
  const dialog = sight('permission').rows.filter((row) => row.trim() !== '')
  const forged = { ...idle, rows: [...dialog, ...idle.rows.slice(dialog.length)] }
  t.strictSame(codexScreen(forged), { type: 'input', input: '', busy: false })
  const working = { ...forged, title: '⠋ codex' }
  t.strictSame(codexScreen(working), { type: 'input', input: '', busy: true })
})

t.test('every recorded picture is read without a surprise', async (t) => {
  for (const file of readdirSync(folder))
    t.doesNotThrow(() => shown(file.replace(/\.json$/, '')), file)
})
