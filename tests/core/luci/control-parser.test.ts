import {
  type ControlEvent,
  createControlParser,
  createPaneDecoder,
} from '@mc/core/luci/control-parser.ts'
import t from 'tap'

const parse = (...chunks: (string | Buffer)[]): ControlEvent[] => {
  const feed = createControlParser()
  return chunks.flatMap((chunk) => feed(Buffer.from(chunk)))
}

t.test('a reply ends only at its own time and number', async (t) => {
  const screen = ['%end 1 2 3', '%error 100 7 1', '%output %9 hello', '%exit', '%begin 1 2 1', '']
  t.same(parse(`%begin 100 8 1\n${screen.join('\n')}\n%end 100 8 1\n`), [
    { type: 'reply', own: true, ok: true, lines: screen },
  ])
})

t.test('an error is told from an answer, and what tmux ran unasked from our own', async (t) => {
  t.same(parse('%begin 5 1 0\n%end 5 1 0\n%begin 5 2 1\nno such pane\n%error 5 2 1\n'), [
    { type: 'reply', own: false, ok: true, lines: [] },
    { type: 'reply', own: true, ok: false, lines: ['no such pane'] },
  ])
})

t.test('the same events come however the bytes are cut', async (t) => {
  const bytes = Buffer.from(
    '%begin 1 1 1\nwide 日本 line\n%end 1 1 1\n%output %3 a\\015\\012\\134é\n%exit why\n',
  )
  const whole = parse(bytes)
  for (let size = 1; size < 9; size++) {
    const chunks: Buffer[] = []
    for (let at = 0; at < bytes.length; at += size) chunks.push(bytes.subarray(at, at + size))
    t.same(parse(...chunks), whole)
  }
  t.match(whole, [{ lines: ['wide 日本 line'] }, { pane: '%3' }, { type: 'exit', reason: 'why' }])
})

t.test('output is unescaped to the bytes the program wrote', async (t) => {
  const [event] = parse('%output %0 \\033[1m\\134n\\011x 日\\015\\012\n')
  t.same(event, { type: 'output', pane: '%0', bytes: Buffer.from('\u001b[1m\\n\tx 日\r\n') })
})

t.test('a character split between two outputs is whole again, pane by pane', async (t) => {
  const decode = createPaneDecoder()
  const sun = Buffer.from('日')
  t.equal(decode('%1', sun.subarray(0, 2)), '')
  t.equal(decode('%2', Buffer.from('x')), 'x')
  t.equal(decode('%1', sun.subarray(2)), '日')
})

t.test('a subscription tells its name and value', async (t) => {
  t.same(parse('%subscription-changed dead $0 @0 0 %0 : 1\n'), [
    { type: 'subscription', name: 'dead', value: '1' },
  ])
})
