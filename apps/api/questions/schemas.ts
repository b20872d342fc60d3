import { ANSWER_CHARS_MAX, answerWays, questionStates } from '@mc/core/questions/question.ts'
import { Type } from 'typebox'
import { Paging } from '../paging.ts'
import { Nullable } from '../schemas.ts'

const Text = Type.String()
const NullableText = Nullable(Text)

export const QuestionShape = Type.Object(
  {
    id: Type.Integer(),
    turnId: NullableText,
    text: Text,
    options: Type.Array(Text),
    state: Type.Enum(questionStates),
    answer: NullableText,
    answeredBy: NullableText,
    answeredVia: Nullable(Type.Enum(answerWays)),
    answerTurnId: NullableText,
    createdAt: Text,
    expiresAt: NullableText,
    answeredAt: NullableText,
  },
  { additionalProperties: true },
)

export const QuestionFilter = Type.Object({
  ...Paging,
  state: Type.Optional(Type.Enum(questionStates)),
})

export const AnswerBody = Type.Object(
  {
    answer: Type.String({
      minLength: 1,
      maxLength: ANSWER_CHARS_MAX,
      description: 'One of the options, or words of your own',
    }),
  },
  { additionalProperties: false },
)

export const WAIT_S_MAX = 600

export const WaitBody = Type.Object(
  { seconds: Type.Number({ minimum: 0, maximum: WAIT_S_MAX, description: 'At most so long' }) },
  { additionalProperties: false },
)
