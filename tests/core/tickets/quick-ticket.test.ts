import { dueOf, readQuickTicket } from '@mc/core/tickets/quick-ticket.ts'
import t from 'tap'
import fc from '../../support/fast-check.ts'

/** A Sunday. */
const TODAY = '2026-11-22'

t.test('words of the first line become priority, labels and the day it is due', async (t) => {
  const read = readQuickTicket('Buy disks !1 #hardware due:2026-12-01 #nas\n# Why\n!2 #x', TODAY)
  t.match(read, {
    title: 'Buy disks',
    body: '# Why\n!2 #x',
    priority: 'critical',
    labels: ['hardware', 'nas'],
    due: '2026-12-01',
  })
  t.same(
    read.chips.map(({ kind, word }) => `${kind} ${word}`),
    ['priority !1', 'label #hardware', 'due due:2026-12-01', 'label #nas'],
  )
})

t.test('a day is named by its date, its weekday or how far away it is', async (t) => {
  for (const [words, day] of [
    ['today', '2026-11-22'],
    ['tomorrow', '2026-11-23'],
    ['fri', '2026-11-27'],
    ['Friday', '2026-11-27'],
    ['sun', '2026-11-29'],
    ['+3d', '2026-11-25'],
    ['2026-02-28', '2026-02-28'],
    ['2026-02-30', null],
    ['2026-13-01', null],
    ['soon', null],
  ] as const)
    t.equal(dueOf(words, TODAY), day, words)
  t.match(readQuickTicket('Send it due fri please', TODAY), {
    title: 'Send it please',
    due: '2026-11-27',
  })
})

t.test('what only looks like one stays in the title', async (t) => {
  for (const title of [
    'Fix issue #12 and C#',
    'Wow! It is due soon',
    'Read `#define !1` again',
    'a#b due:never !9',
    '#only !1',
  ])
    t.match(readQuickTicket(title, TODAY), { title, labels: [], priority: null, due: null })
  t.match(readQuickTicket('Use \\#hash \\!1', TODAY), { title: 'Use #hash !1', labels: [] })
})

t.test('whatever is typed, no word is lost and the title is never empty', async (t) => {
  const word = fc.constantFrom('!1', '#tag', 'due:fri', 'due', 'fri', 'a', '`x #y`', '\\#z', '🙂')
  const holds = fc.check(
    fc.property(fc.array(word, { minLength: 1, maxLength: 8 }), (words) => {
      const read = readQuickTicket(words.join(' '), TODAY)
      const chips = read.chips.flatMap((chip) => chip.word.split(' '))
      const left = words.filter((one) => !chips.includes(one)).map((one) => one.replace('\\#', '#'))
      const plain = read.chips.length === 0 ? words.join(' ').replaceAll('\\#', '#') : ''
      return (
        read.title !== '' &&
        (read.chips.length > 0
          ? left.every((one) => read.title.includes(one))
          : read.title.replaceAll('\\#', '#') === plain)
      )
    }),
    { numRuns: 200 },
  )
  t.notOk(holds.failed, JSON.stringify(holds.counterexample))
})
