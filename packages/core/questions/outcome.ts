import type { AnswerWay, Question } from './question.ts'

const places: Record<AnswerWay, string> = {
  page: 'on the page',
  telegram: 'at Telegram',
  cli: 'by mc',
}

/** What became of it, for people: `Answered at Telegram by Ana: the big one`. Null while it is open. */
export const outcomeOf = (question: Question): string | null => {
  const { state, answer, answeredBy, answeredVia } = question
  // A name tells more than where; here and by mc it is the person of this desk.
  const by = answeredBy === null || answeredBy === 'person' ? '' : ` by ${nameOf(answeredBy)}`
  switch (state) {
    case 'open':
      return null
    case 'answered':
      return `Answered ${answeredVia ? places[answeredVia] : ''}${by}: ${answer ?? ''}`
    case 'withdrawn':
      return answeredBy === 'luci' ? 'Luci took it back' : `Dismissed${by}`
    case 'expired':
      return 'Nobody answered in time'
  }
}

const nameOf = (by: string): string => (by === 'luci' ? 'Luci' : by)
