import type { Clock } from '@mc/core/clock.ts'
import type { Luci } from '@mc/core/luci/luci.ts'
import type { Bot } from '@mc/core/telegram/bot.ts'
import { createOutgoing } from '@mc/core/telegram/outgoing.ts'
import { type Run, toMessages } from '@mc/core/telegram/rich-text.ts'
import { isOpenTurn, type Turn, type TurnState } from '@mc/core/turns/turn.ts'
import { createTurns } from '@mc/core/turns/turns.ts'
import type { Database } from '@mc/db/database.ts'
import { markdownRuns } from './markdown.ts'
import { bold, italic, link, plain } from './say.ts'

type Owed = { chatId: string; messageId: number; since: number; seen: boolean }

/** Telegram shows "typing" for five seconds. */
const TYPING_EACH_MS = 4_500
/** Until a message comes. */
const NOTHING_OWED_MS = 3_600_000
/** Then it says nothing any more: the reply will. */
const TYPING_FOR_MS = 10 * 60_000
/** A longer reply goes on at the page. */
const PARTS_MAX = 10

/**
 * Every message that became a turn is owed its reply. The debt is a row, paid in the transaction
 * that queues the reply: it survives a restart, and nothing is paid twice.
 */
export const createReplies = (deps: {
  db: Database
  clock: Clock
  luci: Pick<Luci, 'on'>
  bot: Bot
  publicUrl: string | null
  /** Something waits to be sent. */
  queued(): void
}) => {
  const { db, clock, luci, bot } = deps
  const turns = createTurns(db, clock)
  const owed = new Map<string, Owed>()
  let rung = new AbortController()

  const pay = async (turnId: string): Promise<void> => {
    const paid = await db.transaction(async (tx) => {
      const turn = await createTurns(tx, clock).find(turnId)
      if (turn && isOpenTurn(turn.state)) return false
      const debt = await tx.kysely
        .updateTable('telegram_turns')
        .set({ replied_at: clock.now().toISOString() })
        .where('turn_id', '=', turnId)
        .where('replied_at', 'is', null)
        .returningAll()
        .executeTakeFirst()
      // One that was taken back while it waited is owed nothing.
      if (!debt || !turn) return true
      const outgoing = createOutgoing(tx, clock)
      const parts = replyParts(turn, deps.publicUrl)
      for (const [at, html] of parts.entries())
        await outgoing.add({
          chatId: debt.chat_id,
          html,
          about: `turn:${turn.id}`,
          ...(at === 0 ? { replyTo: debt.message_id } : {}),
        })
      return true
    })
    if (!paid) return
    owed.delete(turnId)
    deps.queued()
  }

  /** She has it: an eye on the message, once. */
  const showSeen = (debt: Owed) => {
    if (debt.seen) return
    debt.seen = true
    void bot.call('setMessageReaction', {
      chat_id: debt.chatId,
      message_id: debt.messageId,
      reaction: [{ type: 'emoji', emoji: '👀' }],
    })
  }

  const showTyping = (debt: Owed) => {
    if (performance.now() - debt.since > TYPING_FOR_MS) return
    void bot.call('sendChatAction', { chat_id: debt.chatId, action: 'typing' })
  }

  const look = async (turnId: string, debt: Owed): Promise<void> => {
    const turn = await turns.find(turnId)
    if (!turn || !isOpenTurn(turn.state)) return pay(turnId)
    if (turn.state !== 'received' && turn.state !== 'answering') return
    showSeen(debt)
    showTyping(debt)
  }

  return {
    /** A turn whose reply goes back to that message; its row is there. */
    owe: (turnId: string, chatId: string, messageId: number): void => {
      owed.set(turnId, { chatId, messageId, since: performance.now(), seen: false })
      rung.abort()
    },

    /** Pays what is due, also what became due while nobody was here, until the signal aborts. */
    async run(signal: AbortSignal): Promise<void> {
      const rows = await db.kysely
        .selectFrom('telegram_turns')
        .selectAll()
        .where('replied_at', 'is', null)
        .execute()
      for (const row of rows) this.owe(row.turn_id, row.chat_id, row.message_id)
      const unlisten = luci.on((event) => {
        if (event.type !== 'turn') return
        const debt = owed.get(event.turn.id)
        if (!debt) return
        if (event.turn.state === 'received' || event.turn.state === 'answering') {
          if (!debt.seen) showTyping(debt)
          showSeen(debt)
        }
        if (!isOpenTurn(event.turn.state)) rung.abort()
      })
      try {
        while (!signal.aborted) {
          rung = new AbortController()
          for (const [turnId, debt] of [...owed]) await look(turnId, debt)
          const pause = owed.size > 0 ? TYPING_EACH_MS : NOTHING_OWED_MS
          await clock.sleep(pause, AbortSignal.any([signal, rung.signal]))
        }
      } finally {
        unlisten()
      }
    },
  }
}

export type Replies = ReturnType<typeof createReplies>

const endings: Partial<Record<TurnState, string>> = {
  interrupted: 'Interrupted',
  failed: 'Failed',
  lost: 'Lost: not answered, and not sent again',
  unknown: 'Nobody can say how it went; it is not sent again',
}

/** Her reply as messages; how it ended otherwise stands above what she had said by then. */
const replyParts = (turn: Turn, publicUrl: string | null): string[] => {
  const ending = endings[turn.state]
  const head: Run[] = ending
    ? [
        bold(`⚠ ${ending}`),
        ...(turn.problem ? [plain(`\n${turn.problem}`)] : []),
        ...(turn.reply.trim() === '' ? [] : [plain('\n\n')]),
      ]
    : []
  const words = [...head, ...markdownRuns(turn.reply)]
  const parts = toMessages(words)
  if (parts.length === 0) return toMessages([italic('She answered without words.')])
  if (parts.length <= PARTS_MAX) return parts
  return [
    ...parts.slice(0, PARTS_MAX - 1),
    ...toMessages([
      italic(`${parts.length - PARTS_MAX + 1} more parts: `),
      link(publicUrl, `/turns/${turn.id}`, publicUrl ? 'the whole reply' : 'read it on the page'),
    ]),
  ]
}
