import { cronWords } from '@mc/core/tasks/cron-words.ts'
import t from 'tap'

const cases: [cron: string, words: string][] = [
  ['* * * * *', 'every minute'],
  ['*/5 * * * *', 'every 5 minutes'],
  ['1-59/10 * * * *', 'every 10 minutes from :01'],
  ['*/10 * * * * *', 'every 10 seconds'],
  ['0 * * * *', 'every hour at :00'],
  ['15 */2 * * *', 'every 2 hours at :15'],
  ['30 3 * * *', 'daily at 03:30'],
  ['0 30 3 * * *', 'daily at 03:30'],
  ['0 9 * * 1-5', 'Monday to Friday at 09:00'],
  ['0 9 * * mon,thu', 'Monday, Thursday at 09:00'],
  ['0 0 1 * *', 'on day 1 of each month at 00:00'],
]

for (const [cron, words] of cases)
  t.test(`${cron} is ${words}`, async (t) => t.equal(cronWords(cron), words))

t.test('what is not plain to say is shown as it is', async (t) => {
  for (const cron of ['0 9 1 1 *', '5-10 * * * *', '0 9 L * *', '0 9 13 * 5', '0,30 9 * * *'])
    t.equal(cronWords(cron), cron)
})
