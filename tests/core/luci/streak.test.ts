import { createStreak } from '@mc/core/luci/streak.ts'
import t from 'tap'

t.test('pauses grow to minutes, until a program was sound or a person asks', (t) => {
  const streak = createStreak()
  const pauses = Array.from({ length: 8 }, () => streak.failed())
  t.same(
    pauses,
    [...pauses].sort((a, b) => a - b),
  )
  t.equal(pauses[0], 500)
  t.equal(pauses.at(-1), 5 * 60_000)
  streak.lived(5_000)
  t.equal(streak.failed(), 5 * 60_000)
  streak.lived(61_000)
  t.equal(streak.failed(), 500)
  streak.failed()
  streak.over()
  t.equal(streak.failed(), 500)
  t.end()
})

t.test('the inbox hears of the first start again in a streak, of each kind', (t) => {
  const streak = createStreak()
  t.equal(streak.isNews('agent'), true)
  t.equal(streak.isNews('agent'), false)
  t.equal(streak.isNews('tmux'), true)
  streak.lived(61_000)
  t.equal(streak.isNews('agent'), true)
  t.end()
})

t.test('the third end in a row is said to be no accident, with when it is tried again', (t) => {
  const streak = createStreak()
  const end = () => {
    streak.ended()
    const trouble = streak.trouble('tmux attach')
    streak.failed()
    return trouble
  }
  t.same(end(), { problem: 'Her program ended; it is being started again', hint: null })
  end()
  t.match(end(), { problem: /3 times in a row; the next try is in 2 s/, hint: /tmux attach/ })
  for (let time = 4; time < 8; time++) end()
  t.match(end(), { problem: /8 times in a row; the next try is in 5 min/ })
  t.end()
})
