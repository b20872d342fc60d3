import type { Clock } from '@mc/core/clock.ts'
import { plainText } from '@mc/core/redaction/plain.ts'
import type { NewButton } from '@mc/core/telegram/buttons.ts'
import { createButtons } from '@mc/core/telegram/buttons.ts'
import { createOutgoing } from '@mc/core/telegram/outgoing.ts'
import { type Run, toMessages } from '@mc/core/telegram/rich-text.ts'
import type { From } from '@mc/core/telegram/update.ts'
import type { Database } from '@mc/db/database.ts'

/** What is answered to a person's message. */
export type Say = {
  runs: readonly Run[]
  buttons?: readonly (readonly NewButton[])[]
  /** Arrives without a sound. */
  silent?: boolean
  /** What it tells of: see outgoing.ts. */
  about?: string
}

/** What is done in the transaction that takes an update; what it returns happens after it. */
export type Act = (tx: Database) => Promise<(() => void) | undefined>

/* Words of others are plain text wherever they come from. */
export const plain = (text: string): Run => ({ text: plainText(text), marks: [] })
export const bold = (text: string): Run => ({ text: plainText(text), marks: ['b'] })
export const italic = (text: string): Run => ({ text: plainText(text), marks: ['i'] })
export const block = (text: string): Run => ({ text: plainText(text), marks: [{ pre: null }] })

/** Where the app is reachable a link, else the words alone. */
export const link = (publicUrl: string | null, path: string, text: string): Run => ({
  text: plainText(text),
  marks: publicUrl ? [{ href: publicUrl + path }] : [],
})

/** Rows of runs as lines. */
export const lines = (rows: readonly (readonly Run[])[]): Run[] =>
  rows.flatMap((row, at) => (at === 0 ? row : [plain('\n'), ...row]))

/** More parts than this are not sent: the rest is read on the page. */
const PARTS_MAX = 10

/** Queues an answer, in as many messages as it takes; the buttons stand under the last. */
export const say = async (
  tx: Database,
  clock: Clock,
  to: Pick<From, 'chatId'> & { messageId?: number },
  { runs, buttons, silent, about }: Say,
): Promise<void> => {
  const outgoing = createOutgoing(tx, clock)
  const parts = toMessages(runs).slice(0, PARTS_MAX)
  const rows = buttons ? await createButtons(tx, clock, to.chatId).offer(buttons) : []
  for (const [at, html] of parts.entries())
    await outgoing.add({
      chatId: to.chatId,
      html,
      ...(at === 0 && to.messageId !== undefined ? { replyTo: to.messageId } : {}),
      ...(at === parts.length - 1 && rows.length > 0 ? { buttons: rows } : {}),
      ...(silent ? { silent } : {}),
      ...(about ? { about } : {}),
    })
}
