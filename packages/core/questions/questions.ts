import type { Database } from '@mc/db/database.ts'
import { lockName } from '@mc/db/lock.ts'
import { type Clock, isoTime } from '../clock.ts'
import { parseDuration } from '../config.ts'
import { AppError } from '../errors.ts'
import { plainText } from '../redaction/plain.ts'
import type { Turn, TurnOrigin } from '../turns/turn.ts'
import { createTurns } from '../turns/turns.ts'
import { outcomeOf } from './outcome.ts'
import {
  ANSWER_CHARS_MAX,
  type AnswerWay,
  type NewQuestion,
  type Question,
  type QuestionState,
  toQuestion,
} from './question.ts'

/** A person has not more than so many before them at once. */
export const OPEN_QUESTIONS_MAX = 3
/** Of her own words in the turn that carries the answer: enough to know which question it was. */
const QUOTED_CHARS_MAX = 120
const LASTS_MS_MIN = 10_000
const LASTS_MS_MAX = 30 * 86_400_000

/** A digest holds the text of programs, and nobody vouches for what is typed into the pane. */
const mayAskIn: readonly TurnOrigin[] = ['user', 'telegram', 'api']

/** As which an answer reaches Luci: the words of a person, with a person's rights. */
const originOf: Record<AnswerWay, TurnOrigin> = { page: 'user', telegram: 'telegram', cli: 'api' }

/**
 * What Luci asks a person. It outlives the turn that it was asked in; the first answer wins, and
 * comes back to her as a message of the person.
 */
export const createQuestions = (db: Database, clock: Clock) => {
  const now = () => isoTime(clock.now())

  /** Those whose time is over, found by whoever looks; she is not told. */
  const expire = async (tx: Database): Promise<void> => {
    const at = now()
    const late = await tx.kysely
      .selectFrom('questions')
      .select('id')
      .where('state', '=', 'open')
      .where('expires_at', '<=', at)
      .execute()
    // Looking is no change: no bell is rung for nothing.
    for (const { id } of late)
      await tx.kysely
        .updateTable('questions')
        .set({ state: 'expired', answered_at: at })
        .where('id', '=', id)
        .where('state', '=', 'open')
        .execute()
  }

  const find = async (id: number, tx: Database = db): Promise<Question | null> => {
    const row = await tx.kysely
      .selectFrom('questions')
      .selectAll()
      .where('id', '=', id)
      .executeTakeFirst()
    return row ? toQuestion(row) : null
  }

  const get = async (id: number, tx: Database = db): Promise<Question> => {
    const question = await find(id, tx)
    if (!question) throw new AppError('not_found', `There is no question ${id}`)
    return question
  }

  /** Ends an open one. Throws `conflict` that says how it ended before. */
  const end = async (
    tx: Database,
    id: number,
    to: {
      state: QuestionState
      answer?: string
      answered_by: string
      answered_via?: AnswerWay
    },
  ): Promise<Question> => {
    await expire(tx)
    const row = await tx.kysely
      .updateTable('questions')
      .set({ ...to, answered_at: now() })
      .where('id', '=', id)
      .where('state', '=', 'open')
      .returningAll()
      .executeTakeFirst()
    if (row) return toQuestion(row)
    const before = await get(id, tx)
    throw new AppError('conflict', `Question ${id} is over. ${outcomeOf(before)}`, { stale: true })
  }

  return {
    find: async (id: number): Promise<Question | null> => {
      await expire(db)
      return find(id)
    },
    get: async (id: number): Promise<Question> => {
      await expire(db)
      return get(id)
    },

    /** Asks in a turn of a person. Throws `forbidden` in any other, `conflict` beyond the limit. */
    ask: (
      turn: Pick<Turn, 'id' | 'origin'>,
      { text, options = [], expiresIn }: NewQuestion,
    ): Promise<Question> => {
      if (!mayAskIn.includes(turn.origin))
        throw new AppError('forbidden', `A turn of origin ${turn.origin} asks nothing`, {
          hint: 'Only in a person’s turn. Give a verdict, or notify the person.',
        })
      const asked = plainText(text).trim()
      if (asked === '') throw new AppError('invalid', 'Expected a question, got only white space')
      const choices = options.map((option) => plainText(option).replace(/\s+/g, ' ').trim())
      if (choices.includes('') || new Set(choices).size < choices.length)
        throw new AppError('invalid', 'Expected options that differ, each with words in it')
      const lasts = lastsMs(expiresIn)
      return db.transaction(async (tx) => {
        await lockName(tx, 'questions')
        await expire(tx)
        const open = await tx.kysely
          .selectFrom('questions')
          .select('id')
          .where('state', '=', 'open')
          .orderBy('id')
          .limit(OPEN_QUESTIONS_MAX)
          .execute()
        if (open.length >= OPEN_QUESTIONS_MAX)
          throw new AppError(
            'conflict',
            `${OPEN_QUESTIONS_MAX} questions wait for the person already: ${open.map(({ id }) => id).join(', ')}`,
            { hint: 'Withdraw one that no longer matters, or say it in your reply.' },
          )
        const row = await tx.kysely
          .insertInto('questions')
          .values({
            turn_id: turn.id,
            text: asked,
            options: JSON.stringify(choices),
            state: 'open',
            created_at: now(),
            expires_at: lasts === null ? null : isoTime(new Date(clock.now().getTime() + lasts)),
          })
          .returningAll()
          .executeTakeFirstOrThrow()
        return toQuestion(row)
      })
    },

    /**
     * A person's answer: one of the options or words of their own. The first wins; a later one is
     * a `conflict` that says who answered what. Luci gets it as a turn, in the same transaction.
     */
    answer: (
      id: number,
      { answer, by, via }: { answer: string; by: string; via: AnswerWay },
    ): Promise<Question> => {
      const words = plainText(answer).trim()
      if (words === '') throw new AppError('invalid', 'Expected an answer, got only white space')
      if (words.length > ANSWER_CHARS_MAX)
        throw new AppError(
          'invalid',
          `Expected an answer of at most ${ANSWER_CHARS_MAX} characters, got ${words.length}`,
        )
      return db.transaction(async (tx) => {
        const ended = await end(tx, id, {
          state: 'answered',
          answer: words,
          answered_by: by,
          answered_via: via,
        })
        const turn = await createTurns(tx, clock).queue({
          text: answerText(ended),
          origin: originOf[via],
          author: by,
        })
        await tx.kysely
          .updateTable('questions')
          .set({ answer_turn_id: turn.id })
          .where('id', '=', id)
          .execute()
        return { ...ended, answerTurnId: turn.id }
      })
    },

    /** Nobody is to answer it any more: Luci took it back, or a person dismissed it. */
    withdraw: (id: number, by: string): Promise<Question> =>
      db.transaction((tx) => end(tx, id, { state: 'withdrawn', answered_by: by })),

    /**
     * She waited for it in the turn that asked: the answer is hers there, and the message that
     * would have brought it is taken back, so that she does not act on it twice.
     */
    heard: (id: number, turnId: string): Promise<Question> =>
      db.transaction(async (tx) => {
        const question = await get(id, tx)
        const { state, answerTurnId } = question
        if (question.turnId !== turnId || state !== 'answered' || answerTurnId === null)
          return question
        const taken = await tx.kysely
          .deleteFrom('turns')
          .where('id', '=', answerTurnId)
          .where('state', '=', 'queued')
          .executeTakeFirst()
        if (taken.numDeletedRows === 0n) return question
        await tx.kysely
          .updateTable('questions')
          .set({ answer_turn_id: turnId })
          .where('id', '=', id)
          .execute()
        return { ...question, answerTurnId: turnId }
      }),

    /** Those that wait for a person, oldest first. */
    async open(): Promise<Question[]> {
      await expire(db)
      const rows = await db.kysely
        .selectFrom('questions')
        .selectAll()
        .where('state', '=', 'open')
        .orderBy('id')
        .execute()
      return rows.map(toQuestion)
    },

    /** Newest first; `before` is the id where the previous page ended. */
    async list({
      state,
      before,
      limit = 50,
    }: {
      state?: QuestionState
      before?: number
      limit?: number
    } = {}): Promise<Question[]> {
      await expire(db)
      let query = db.kysely.selectFrom('questions').selectAll().orderBy('id', 'desc').limit(limit)
      if (state) query = query.where('state', '=', state)
      if (before) query = query.where('id', '<', before)
      return (await query.execute()).map(toQuestion)
    },

    /** What was asked in each of these turns, oldest first. */
    async ofTurns(turnIds: readonly string[]): Promise<Map<string, Question[]>> {
      const of = new Map<string, Question[]>()
      if (turnIds.length === 0) return of
      await expire(db)
      const rows = await db.kysely
        .selectFrom('questions')
        .selectAll()
        .where('turn_id', 'in', [...turnIds])
        .orderBy('id')
        .execute()
      for (const question of rows.map(toQuestion)) {
        const turnId = question.turnId ?? ''
        of.set(turnId, [...(of.get(turnId) ?? []), question])
      }
      return of
    },
  }
}

export type Questions = ReturnType<typeof createQuestions>

/** Null: until it is answered. */
const lastsMs = (text: string | undefined): number | null => {
  if (text === undefined) return null
  const ms = parseDuration(text)
  if (ms !== null && ms >= LASTS_MS_MIN && ms <= LASTS_MS_MAX) return ms
  throw new AppError('invalid', `Expected how long, such as 30m, 4h or 2d, got "${text}"`, {
    hint: 'From 10 s to 30 days.',
  })
}

/** Her own words in it are short and one line: what she read somewhere must not speak as the person. */
const answerText = ({ id, text, answer }: Question): string => {
  const line = text.replace(/\s+/g, ' ').replace(/[“”]/g, '"')
  const quoted =
    line.length <= QUOTED_CHARS_MAX
      ? line
      : `${line.slice(0, QUOTED_CHARS_MAX - 1).toWellFormed()}…`
  return `Answer to your question ${id} (“${quoted}”): ${answer ?? ''}`
}
