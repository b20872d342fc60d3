import type { Database } from '@mc/db/database.ts'
import type { TelegramOutgoingTable } from '@mc/db/schema.ts'
import type { Selectable } from 'kysely'
import type { Button } from '../alerts/channel.ts'
import { type Clock, isoTime } from '../clock.ts'

export type NewOutgoing = {
  chatId: string
  html: string
  buttons?: Button[][]
  /** The person's message that it answers. */
  replyTo?: number
  /** Changes this message of ours instead of being one, */
  editsMessage?: number
  /** or the one that was, or is about to be, sent for that row. */
  editsRow?: number
  /** Arrives without a sound. */
  silent?: boolean
  /** `turn:7f3a9c`, `ask:…`, `alerts:12,13`: what it tells of. */
  about?: string
}

export type Outgoing = {
  id: number
  chatId: string
  html: string
  buttons: Button[][] | null
  replyTo: number | null
  /** The message to change, when it is known; null sends a new one. */
  edits: number | null
  /** Changes a message that never arrived: nothing to do. */
  isMoot: boolean
  silent: boolean
  createdAt: string
  /** Nobody knows whether an earlier try arrived. */
  isRepeat: boolean
}

/** What was said is known so long, so that an answer to it can be understood. */
const KEPT_MS = 30 * 86_400_000

/**
 * What we say at Telegram beside alerts. A row is written with what it answers, in one transaction,
 * and sent after; first in, first out. Only one process sends (see lease.ts).
 */
export const createOutgoing = (db: Database, clock: Clock) => {
  const now = () => isoTime(clock.now())
  const set = async (id: number, change: Partial<Selectable<TelegramOutgoingTable>>) =>
    void (await db.kysely
      .updateTable('telegram_outgoing')
      .set(change)
      .where('id', '=', id)
      .execute())
  return {
    /** Returns the row's id. */
    async add(message: NewOutgoing): Promise<number> {
      const row = await db.kysely
        .insertInto('telegram_outgoing')
        .values({
          chat_id: message.chatId,
          html: message.html,
          buttons: message.buttons ? JSON.stringify(message.buttons) : null,
          reply_to: message.replyTo ?? null,
          edits_message: message.editsMessage ?? null,
          edits_row: message.editsRow ?? null,
          silent: message.silent ? 1 : 0,
          about: message.about ?? null,
          state: 'queued',
          created_at: now(),
        })
        .returning('id')
        .executeTakeFirstOrThrow()
      return row.id
    },

    /** The next to send, noted as being sent; null when nothing waits. */
    claim: (): Promise<Outgoing | null> =>
      db.transaction(async (tx) => {
        const row = await tx.kysely
          .selectFrom('telegram_outgoing')
          .selectAll()
          .where('state', 'in', ['queued', 'sending'])
          .orderBy('id')
          .limit(1)
          .executeTakeFirst()
        if (!row) return null
        await tx.kysely
          .updateTable('telegram_outgoing')
          .set({ state: 'sending', tries: row.tries + 1 })
          .where('id', '=', row.id)
          .execute()
        const edited = row.edits_row === null ? null : await messageIdOf(tx, row.edits_row)
        return {
          id: row.id,
          chatId: row.chat_id,
          html: row.html,
          buttons: row.buttons ? (JSON.parse(row.buttons) as Button[][]) : null,
          replyTo: row.reply_to,
          edits: row.edits_message ?? edited,
          isMoot: row.edits_row !== null && edited === null,
          silent: row.silent === 1,
          createdAt: row.created_at,
          isRepeat: row.state === 'sending',
        }
      }),

    /** Something waits to be sent. */
    async isWaiting(): Promise<boolean> {
      const row = await db.kysely
        .selectFrom('telegram_outgoing')
        .select('id')
        .where('state', 'in', ['queued', 'sending'])
        .limit(1)
        .executeTakeFirst()
      return row !== undefined
    },

    sent: (id: number, messageId: number | null): Promise<void> =>
      set(id, { state: 'sent', sent_at: now(), message_id: messageId, last_error: null }),
    /** It surely did not arrive: the next try is the first that may. */
    putBack: (id: number, reason: string): Promise<void> =>
      set(id, { state: 'queued', last_error: reason }),
    /** It may have arrived: the next try says so. */
    doubt: (id: number, reason: string): Promise<void> => set(id, { last_error: reason }),
    drop: (id: number, reason: string): Promise<void> =>
      set(id, { state: 'dropped', last_error: reason }),

    /** What a message of ours told of; null when it is not known (any more). */
    async aboutOf(chatId: string, messageId: number): Promise<string | null> {
      const row = await db.kysely
        .selectFrom('telegram_outgoing')
        .select('about')
        .where('chat_id', '=', chatId)
        .where('message_id', '=', messageId)
        .limit(1)
        .executeTakeFirst()
      return row?.about ?? null
    },

    async htmlOf(id: number): Promise<string | null> {
      const row = await db.kysely
        .selectFrom('telegram_outgoing')
        .select('html')
        .where('id', '=', id)
        .executeTakeFirst()
      return row?.html ?? null
    },

    /** What was said and answered long ago. Returns how many rows went. */
    async forget(): Promise<number> {
      const before = isoTime(new Date(clock.now().getTime() - KEPT_MS))
      const gone = [
        await db.kysely
          .deleteFrom('telegram_outgoing')
          .where('created_at', '<', before)
          .where('state', 'in', ['sent', 'dropped'])
          .executeTakeFirst(),
        await db.kysely
          .deleteFrom('telegram_turns')
          .where('replied_at', '<', before)
          .executeTakeFirst(),
        await db.kysely
          .deleteFrom('telegram_asks')
          .where('closed_at', '<', before)
          .executeTakeFirst(),
      ]
      return gone.reduce((sum, { numDeletedRows }) => sum + Number(numDeletedRows), 0)
    },
  }
}

export type OutgoingQueue = ReturnType<typeof createOutgoing>

const messageIdOf = async (tx: Database, row: number): Promise<number | null> => {
  const found = await tx.kysely
    .selectFrom('telegram_outgoing')
    .select('message_id')
    .where('id', '=', row)
    .executeTakeFirst()
  return found?.message_id ?? null
}
