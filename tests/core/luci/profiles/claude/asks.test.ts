import { createAsks } from '@mc/core/luci/profiles/claude/asks.ts'
import type { Screen } from '@mc/core/luci/profiles/screen.ts'
import t from 'tap'

const hook = (tool_name: string, tool_input: object) => ({
  name: 'PermissionRequest' as const,
  session_id: 's',
  transcript_path: '/t',
  cwd: '/desk',
  prompt_id: 'p',
  tool_name,
  tool_input,
})
const dialog = (text: string): Screen => ({
  type: 'menu',
  menu: { kind: 'permission', text, options: [], axis: 'vertical' },
})
const input: Screen = { type: 'input', input: '', busy: true }

t.test('one tool that asks is told at once', async (t) => {
  const asks = createAsks()
  t.same(asks.heard(hook('Bash', { command: 'touch a' })), {
    kind: 'permission',
    command: 'touch a',
    folder: '/desk',
  })
  t.equal(asks.see(dialog('Bash command\ntouch a')), null, 'no news')
})

t.test('of several, the one whose dialog stands there is told', async (t) => {
  const asks = createAsks()
  asks.heard(hook('Bash', { command: 'touch a' }))
  t.equal(asks.heard(hook('Bash', { command: 'rm -rf b' })), null)
  t.equal(asks.see(dialog('Bash command\ntouch a')), null)
  t.match(asks.see(dialog('Bash command\nrm -rf b')), { command: 'rm -rf b' })
  t.match(asks.see(dialog('Something else')), { command: null }, 'never that of another')
  asks.see(input)
  t.match(asks.see(dialog('Bash command\ntouch a')), { command: 'touch a' })
})

t.test('two that the dialog could mean are neither', async (t) => {
  const asks = createAsks()
  const long = 'for n in $(seq 60); do echo "a long line'
  asks.heard(hook('Bash', { command: `${long} one` }))
  asks.heard(hook('Bash', { command: `${long} two` }))
  t.match(asks.see(dialog(`Bash command\n${long} …`)), { command: null })
  t.match(asks.see(dialog(`Bash command\n│ ${long}\n│ two`)), { command: `${long} two` })
})

t.test('files, pages, MCP tools and questions are found by what their dialogs show', async (t) => {
  const seen = (name: string, value: object, text: string) => {
    const asks = createAsks()
    asks.heard(hook('Bash', { command: 'another' }))
    asks.heard(hook(name, value))
    return asks.see(dialog(text))
  }
  t.match(seen('Write', { file_path: '/desk/new.txt' }, 'Create file\nnew.txt'), {
    command: 'Write /desk/new.txt',
  })
  t.match(seen('WebFetch', { url: 'http://a/b' }, 'Fetch\nhttp://a/b'), {
    command: 'WebFetch http://a/b',
  })
  t.match(seen('mcp__notes__add', { text: 'x' }, 'notes - add(text: "x") (MCP)'), {
    command: 'mcp__notes__add {"text":"x"}',
  })
  t.match(
    seen('AskUserQuestion', { questions: [{ question: 'Which one?' }] }, '☐ One\n\nWhich one?'),
    {
      kind: 'question',
      command: null,
    },
  )
})

t.test('once the prompt is over, nothing of it is asked', async (t) => {
  const asks = createAsks()
  asks.heard(hook('Bash', { command: 'touch a' }))
  asks.over()
  t.equal(asks.see(dialog('Bash command\ntouch a')), null)
})
