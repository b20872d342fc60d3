import { changeRate, failsOften, isFlapping } from '@mc/core/triage/flapping.ts'
import t from 'tap'

/** `F` failed, `.` went well. */
const outcomes = (text: string) => [...text].map((one) => one === 'F')

t.test('a newer change weighs more than an older one', async (t) => {
  const old = changeRate(outcomes(`.F${'F'.repeat(19)}`))
  const young = changeRate(outcomes(`${'.'.repeat(20)}F`))
  t.equal(old.toFixed(4), (0.75 / 20).toFixed(4))
  t.equal(young.toFixed(4), (1.25 / 20).toFixed(4))
  t.ok(young > old)
  t.equal(changeRate(outcomes('F.'.repeat(11)).slice(1)), 1)
  t.equal(changeRate([true]), 0)
})

t.test('it flaps from 30 % change on, and until it is under 20 %', async (t) => {
  t.ok(isFlapping(outcomes('F.F.F.F.')))
  t.notOk(isFlapping(outcomes('.F.F.F.')), 'seven outcomes are too few')
  t.notOk(isFlapping(outcomes('FFFFFFFF........')), 'one change is none')
  const calming = 'F.F.F.F.F.'
  const calmAfter = Array.from({ length: 30 }, (_, n) => n).find(
    (n) => !isFlapping(outcomes(calming + '.'.repeat(n))),
  )
  const rate = (n: number) => changeRate(outcomes(calming + '.'.repeat(n)).slice(-21))
  t.ok(rate(calmAfter ?? 0) < 0.2)
  t.ok(rate((calmAfter ?? 0) - 1) >= 0.2)
  t.ok(rate((calmAfter ?? 0) - 1) < 0.3, 'between the two it stays as it was')
})

t.test('five of the last ten are often, four are not', async (t) => {
  t.ok(failsOften(outcomes('F.F.F.F.F.')))
  t.notOk(failsOften(outcomes('F.F.F.F...')))
  t.notOk(failsOften(outcomes('FFFFF..........')), 'it was long ago')
  t.ok(failsOften(outcomes('FFFFF')))
})
