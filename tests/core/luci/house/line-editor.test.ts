import { createLineEditor, type Edit } from '@mc/core/luci/house/line-editor.ts'
import t from 'tap'

const lines = (...pieces: string[]): string[] => {
  const editor = createLineEditor()
  const edits = pieces.flatMap((piece) => editor.feed(piece))
  return edits.flatMap((edit: Edit) => (edit.type === 'line' ? [edit.text] : []))
}

t.test('Enter ends a line; a paste goes in whole, with its newlines', async (t) => {
  t.same(lines('one\rtwo\r'), ['one', 'two'])
  t.same(lines('\u001b[200~a\nb\u001b[201~', '\r'), ['a\nb'])
})

t.test('a sequence split between two pieces is the same sequence', async (t) => {
  const keys = '\u001b[200~héllo\n日本\u001b[201~\r'
  for (let size = 1; size < keys.length; size++) {
    const pieces = keys.match(new RegExp(`[\\s\\S]{1,${size}}`, 'g')) ?? []
    t.same(lines(...pieces), ['héllo\n日本'], `in pieces of ${size}`)
  }
})

t.test('backspace, Ctrl-U and Ctrl-W take back; arrows and other keys do nothing', async (t) => {
  t.same(lines('ab👍\u007fc\r'), ['abc'])
  t.same(lines('wrong\u0015right\r'), ['right'])
  t.same(lines('one two\u0017three\r'), ['one three'])
  t.same(lines('a\u001b[A\u001b[3~\u001bOPb\r'), ['ab'])
})

t.test('Ctrl-C empties the line and is told, Ctrl-D ends an empty one only', async (t) => {
  const editor = createLineEditor()
  t.match(editor.feed('half\u0003'), [{ type: 'changed' }, { type: 'interrupt' }])
  t.equal(editor.line(), '')
  t.same(editor.feed('x\u0004').at(-1), { type: 'changed', text: 'x' })
  editor.feed('\u007f')
  t.same(editor.feed('\u0004'), [{ type: 'end' }])
})
