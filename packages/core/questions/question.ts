import type { QuestionsTable } from '@mc/db/schema.ts'
import type { Selectable } from 'kysely'
import { type Static, Type } from 'typebox'

/** open, then one end. */
export const questionStates = ['open', 'answered', 'withdrawn', 'expired'] as const
export type QuestionState = (typeof questionStates)[number]

/** Where a person answered it. */
export const answerWays = ['page', 'telegram', 'cli'] as const
export type AnswerWay = (typeof answerWays)[number]

export const ANSWER_CHARS_MAX = 4_000

/** What Luci asks a person. */
export const NewQuestion = Type.Object(
  {
    text: Type.String({
      minLength: 1,
      maxLength: 2_000,
      description: 'The question, with what one must know to answer it',
    }),
    options: Type.Optional(
      Type.Array(Type.String({ minLength: 1, maxLength: 100 }), {
        maxItems: 6,
        description: 'Answers to choose from; another may always be written',
      }),
    ),
    expiresIn: Type.Optional(
      Type.String({
        maxLength: 20,
        description: 'How long an answer is of use, e.g. 30m, 4h or 2d; left out: until answered',
      }),
    ),
  },
  { additionalProperties: false },
)
export type NewQuestion = Static<typeof NewQuestion>

export type Question = {
  id: number
  /** In which Luci asked. */
  turnId: string | null
  text: string
  options: string[]
  state: QuestionState
  answer: string | null
  /** Who answered or withdrew it: person, luci, or a name at Telegram. */
  answeredBy: string | null
  answeredVia: AnswerWay | null
  /** The turn that carries the answer to her: her own, when she waited for it. */
  answerTurnId: string | null
  createdAt: string
  expiresAt: string | null
  answeredAt: string | null
}

export const toQuestion = (row: Selectable<QuestionsTable>): Question => ({
  id: Number(row.id),
  turnId: row.turn_id,
  text: row.text,
  options: JSON.parse(row.options) as string[],
  state: row.state as QuestionState,
  answer: row.answer,
  answeredBy: row.answered_by,
  answeredVia: row.answered_via as AnswerWay | null,
  answerTurnId: row.answer_turn_id,
  createdAt: row.created_at,
  expiresAt: row.expires_at,
  answeredAt: row.answered_at,
})
