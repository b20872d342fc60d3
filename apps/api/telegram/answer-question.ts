import { type Clock, isoTime } from '@mc/core/clock.ts'
import { AppError } from '@mc/core/errors.ts'
import type { Question } from '@mc/core/questions/question.ts'
import { createQuestions } from '@mc/core/questions/questions.ts'
import type { Database } from '@mc/db/database.ts'

/**
 * A person's answer from Telegram. Her reply to it goes to the message `messageId`. Returns the
 * question as it stands then; `turnId` is null when somebody else was first.
 */
export const answerQuestion = async (
  tx: Database,
  clock: Clock,
  given: { id: number; answer: string; by: string; chatId: string; messageId: number },
): Promise<{ question: Question; turnId: string | null }> => {
  const { id, answer, by, chatId, messageId } = given
  const questions = createQuestions(tx, clock)
  try {
    const question = await questions.answer(id, { answer, by, via: 'telegram' })
    await tx.kysely
      .insertInto('telegram_turns')
      .values({
        turn_id: question.answerTurnId ?? '',
        chat_id: chatId,
        message_id: messageId,
        created_at: isoTime(clock.now()),
      })
      .execute()
    return { question, turnId: question.answerTurnId }
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== 'conflict') throw error
    return { question: await questions.get(id), turnId: null }
  }
}
