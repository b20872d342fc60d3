import { readVerdicts } from '@mc/core/digest/read-verdicts.ts'
import t from 'tap'
import fc from '../../support/fast-check.ts'

const good = { item: 12, action: 'silent', reason: 'routine' }

t.test('each verdict is read by itself, and what is wrong is told by its place', async (t) => {
  const problems: [given: unknown, problem: RegExp][] = [
    [null, /Expected \{"item": 12/],
    ['resolve all', /got "resolve all"/],
    [[good], /Expected \{"item"/],
    [{ ...good, item: 'x' }, /"item" to be the number of an entry, got "x"/],
    [{ ...good, item: -1 }, /got -1/],
    [{ action: 'silent', reason: 'r' }, /"item".*got none/],
    [
      { ...good, action: 'ignore' },
      /"action" to be one of silent, ticket, alert, alert\+ticket, got "ignore"/,
    ],
    [{ item: 1, action: 'silent' }, /"reason" to be 1 to 1000 characters, got none/],
    [{ ...good, reason: 'x'.repeat(1_001) }, /got 1001/],
    [{ ...good, delegate: true }, /got "delegate" as well/],
  ]
  const read = readVerdicts([...problems.map(([given]) => given), good])
  for (const [index, [given, problem]] of problems.entries())
    t.match(read[index], { index, problem }, JSON.stringify(given))
  t.match(read.at(-1), { index: problems.length, verdict: good }, 'the good one is kept')
})

t.test('the first on an item counts, and numbers may be written as text', async (t) => {
  const read = readVerdicts([
    { ...good, item: '12' },
    { ...good, action: 'alert' },
  ])
  t.match(read, [{ verdict: { item: 12, action: 'silent' } }, { problem: /already, at 0/ }])
})

t.test('nothing that may be given makes it stumble', async () => {
  fc.assert(
    fc.property(fc.array(fc.anything(), { maxLength: 5 }), (given) => {
      const read = readVerdicts(given)
      return read.every((one, at) => one.index === at && ('verdict' in one || one.problem !== ''))
    }),
    { numRuns: 100 },
  )
})
