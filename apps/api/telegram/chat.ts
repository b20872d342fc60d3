import { sentences } from '@mc/core/client/sentences.ts'
import type { Clock } from '@mc/core/clock.ts'
import type { Luci } from '@mc/core/luci/luci.ts'
import { outcomeOf } from '@mc/core/questions/outcome.ts'
import { createQuestions } from '@mc/core/questions/questions.ts'
import { createOutgoing } from '@mc/core/telegram/outgoing.ts'
import type { From, Incoming } from '@mc/core/telegram/update.ts'
import { createTurns, type Turns } from '@mc/core/turns/turns.ts'
import type { Database } from '@mc/db/database.ts'
import { answerQuestion } from './answer-question.ts'
import { closeQuestion } from './questions.ts'
import type { Replies } from './replies.ts'
import { type Act, plain, say } from './say.ts'

/** What an answer to a message of ours is about is looked for among so many deliveries. */
const DELIVERIES_LOOKED_AT = 5_000

/** A plain text is a turn with Luci, as from the composer; its reply comes back to the message. */
export const createChat = (deps: {
  db: Database
  clock: Clock
  luci: Pick<Luci, 'send' | 'status'>
  turns: Turns
  replies: Pick<Replies, 'owe'>
  chatOff: () => Promise<boolean>
}) => {
  const { db, clock, luci, turns, replies } = deps

  /** A text is one turn, however often it is delivered: the message is the key. */
  const turn = async (
    from: From,
    text: string,
    { replyTo = null, note = null }: { replyTo?: number | null; note?: string | null } = {},
  ): Promise<Act> => {
    const open = replyTo === null ? null : await openQuestion(db, clock, from.chatId, replyTo)
    if (open !== null) return answerWith(from, text, open)
    if (await deps.chatOff())
      return answer(from, 'Chat with Luci is switched off (Settings). /ticket files a ticket.')
    const about = replyTo === null ? null : await aboutWords(db, clock, from.chatId, replyTo)
    const waiting = waitingWords(luci.status(), await turns.countQueued())
    const said = sentences(note, waiting)
    return async (tx) => {
      const sent = await luci.send(
        { text: about ? `${about}\n\n${text}` : text, origin: 'telegram', author: from.name },
        tx,
      )
      await tx.kysely
        .insertInto('telegram_turns')
        .values({
          turn_id: sent.id,
          chat_id: from.chatId,
          message_id: from.messageId,
          created_at: sent.createdAt,
        })
        .execute()
      if (said !== '') await say(tx, clock, from, { runs: [plain(said)], silent: true })
      return () => replies.owe(sent.id, from.chatId, from.messageId)
    }
  }

  /** Words in reply to a question of hers are its answer, while nobody else gave one. */
  const answerWith =
    ({ chatId, messageId, name }: From, text: string, id: number): Act =>
    async (tx) => {
      const given = { id, answer: text, by: name, chatId, messageId }
      const { question, turnId } = await answerQuestion(tx, clock, given)
      const outcome = outcomeOf(question) ?? ''
      await closeQuestion(tx, clock, chatId, id, outcome)
      if (turnId) return () => replies.owe(turnId, chatId, messageId)
      await say(tx, clock, { chatId, messageId }, { runs: [plain(outcome)], silent: true })
      return undefined
    }

  const answer =
    (from: From, text: string): Act =>
    async (tx) => {
      await say(tx, clock, from, { runs: [plain(text)], silent: true })
      return undefined
    }

  return {
    turn,

    /** Something that is no text: what is written under it is taken. */
    unsupported: ({ from, what, caption }: Extract<Incoming, { type: 'unsupported' }>) =>
      caption === ''
        ? Promise.resolve(answer(from, `I take text only; ${what} does not reach Luci from here.`))
        : turn(from, caption, {
            note: `Luci gets your words only; ${what} does not reach her from here`,
          }),

    /** A message that was changed: so is the turn, while it waits. */
    async edited({ from, text }: Extract<Incoming, { type: 'edited' }>): Promise<Act> {
      return async (tx) => {
        const row = await tx.kysely
          .selectFrom('telegram_turns')
          .select('turn_id')
          .where('chat_id', '=', from.chatId)
          .where('message_id', '=', from.messageId)
          .executeTakeFirst()
        // A command, or from before we kept them.
        if (!row) return undefined
        const tied = createTurns(tx, clock)
        const now = await tied.find(row.turn_id)
        if (now?.state === 'queued' && text.trim() !== '') {
          await tied.edit(now.id, text)
          return answer(from, 'Changed: she had not seen it yet.')(tx)
        }
        return answer(
          from,
          'She had it already, as it was. Send what is different as a new message.',
        )(tx)
      }
    },
  }
}

export type Chat = ReturnType<typeof createChat>

/** Why she does not begin at once; null when she does. */
const waitingWords = (status: ReturnType<Luci['status']>, queued: number): string | null => {
  const { state, problem, hint, asks } = status
  if (state === 'stopped')
    return sentences('Luci is stopped. Your message waits until she is started', problem, hint)
  if (state === 'unavailable' || state === 'offline')
    return sentences('Your message waits for Luci', problem, hint)
  if (asks) return 'She asks something first (above, or on the page); your message waits for that.'
  if (queued > 0) return `She is busy: your message is number ${queued + 1} that waits.`
  if (state === 'working' || state === 'stuck')
    return 'She is busy with something else; your message is next.'
  return null
}

/** The question that a message of ours asks, while it is open. */
const openQuestion = async (
  db: Database,
  clock: Clock,
  chatId: string,
  messageId: number,
): Promise<number | null> => {
  const about = await createOutgoing(db, clock).aboutOf(chatId, messageId)
  const id = /^question:(\d+)$/.exec(about ?? '')?.[1]
  const question = id ? await createQuestions(db, clock).find(Number(id)) : null
  return question?.state === 'open' ? question.id : null
}

/**
 * Which message of ours a text answers, by number only: what stands in an alert is text from
 * outside, and Luci looks it up as such.
 */
const aboutWords = async (
  db: Database,
  clock: Clock,
  chatId: string,
  messageId: number,
): Promise<string | null> => {
  const about = await createOutgoing(db, clock).aboutOf(chatId, messageId)
  const turn = /^turn:(\w+)$/.exec(about ?? '')?.[1]
  if (turn) return `(In reply to what you said in turn ${turn}.)`
  const question = /^question:(\d+)$/.exec(about ?? '')?.[1]
  if (question) return `(In reply to your question ${question}.)`
  const told = /^alerts:([\d,]+)$/.exec(about ?? '')?.[1]?.split(',')
  const alerts = told ?? (await alertsIn(db, messageId))
  if (alerts.length === 0) return null
  const named = alerts.slice(0, 10).map((id) => `#${id}`)
  return `(In reply to ${alerts.length === 1 ? 'alert' : 'alerts'} ${named.join(', ')}.)`
}

const alertsIn = async (db: Database, messageId: number): Promise<number[]> => {
  const rows = await db.kysely
    .selectFrom((eb) =>
      eb
        .selectFrom('alert_deliveries')
        .select(['alert_id', 'ref', 'channel'])
        .orderBy('id', 'desc')
        .limit(DELIVERIES_LOOKED_AT)
        .as('latest'),
    )
    .select('alert_id')
    .where('channel', '=', 'telegram')
    .where('ref', '=', String(messageId))
    .limit(20)
    .execute()
  return rows.map((row) => row.alert_id)
}
