import { parseTicketKey, ticketFromText } from '@mc/core/tickets/ticket.ts'
import t from 'tap'

t.test('a key is read in any case, with or without its prefix', async (t) => {
  t.equal(parseTicketKey('MC-12'), 12)
  t.equal(parseTicketKey(' mc-12 '), 12)
  t.equal(parseTicketKey('12'), 12)
  for (const text of ['', 'MC-', 'MC-1x', '-1', '1.5', 'XX-1']) t.equal(parseTicketKey(text), null)
})

t.test('the first line is the title, the rest the body', async (t) => {
  t.same(ticketFromText('Fix the roof\n\nIt leaks\n  here'), {
    title: 'Fix the roof',
    body: 'It leaks\n  here',
  })
})

t.test('a long first line is cut in the title and kept in the body', async (t) => {
  const long = 'word '.repeat(80).trim()
  const { title, body } = ticketFromText(long)
  t.ok(title.length <= 200)
  t.equal(body, long)
})
