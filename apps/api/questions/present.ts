import { outcomeOf } from '@mc/core/questions/outcome.ts'
import type { Question } from '@mc/core/questions/question.ts'

/** A question as its card shows it. */
export type QuestionView = {
  id: number
  turnId: string | null
  text: string
  options: string[]
  isOpen: boolean
  outcome: string | null
  expiresAt: string | null
  answeredAt: string | null
}

export const presentQuestion = (question: Question): QuestionView => ({
  id: question.id,
  turnId: question.turnId,
  text: question.text,
  options: question.options,
  isOpen: question.state === 'open',
  outcome: outcomeOf(question),
  expiresAt: question.state === 'open' ? question.expiresAt : null,
  answeredAt: question.answeredAt,
})
