import type { Bell } from '@mc/core/bell.ts'
import { type Clock, isoTime } from '@mc/core/clock.ts'
import { outcomeOf } from '@mc/core/questions/outcome.ts'
import type { Question } from '@mc/core/questions/question.ts'
import { createQuestions } from '@mc/core/questions/questions.ts'
import { createButtons, type NewButton } from '@mc/core/telegram/buttons.ts'
import { createOutgoing } from '@mc/core/telegram/outgoing.ts'
import { toMessages } from '@mc/core/telegram/rich-text.ts'
import type { AskMode } from '@mc/core/telegram/settings.ts'
import type { Turn } from '@mc/core/turns/turn.ts'
import { createTurns } from '@mc/core/turns/turns.ts'
import type { Database } from '@mc/db/database.ts'
import { bold, italic, lines, plain } from './say.ts'

/** While a page is open somebody may be about to answer there. */
const PAGE_OPEN_WAIT_MS = 60_000
const TEXT_CHARS_MAX = 2_400
/** Room for its outcome is left. */
const MESSAGE_CHARS_MAX = 3_400
/** Of an answer in words of somebody's own: the rest stands on the page. */
const OUTCOME_CHARS_MAX = 600
/** A phone shows about so much of a button. */
const LABEL_SEEN = 32
/** Between two looks, however often the bell rings. */
const LOOK_EACH_MS = 200
const NOTHING_MS = 60_000

/** Stands among what she asks in her pane, under a name that no prompt has. */
const nameOf = (id: number) => `question:${id}`
const idOf = (name: string) => Number(name.slice(nameOf(0).length - 1))

/**
 * What Luci asks and goes on without, told with its options as buttons; a reply to the message is an
 * answer too. Once it is over, wherever, the message says how and its buttons go.
 */
export const createTelegramQuestions = (deps: {
  db: Database
  bell: Bell
  clock: Clock
  chatId: string
  mode: AskMode
  /** How many pages are open now. */
  openPages(): number
  /** Nobody is to be woken now: it comes without a sound. */
  isQuiet(): Promise<boolean>
  queued(): void
}) => {
  const { db, clock } = deps
  const questions = createQuestions(db, clock)

  const told = async (): Promise<{ id: number; isOpen: boolean }[]> => {
    const rows = await db.kysely
      .selectFrom('telegram_asks')
      .select(['prompt_id', 'closed_at'])
      .where('prompt_id', 'like', 'question:%')
      .execute()
    return rows.map((row) => ({ id: idOf(row.prompt_id), isOpen: row.closed_at === null }))
  }

  const tell = async (question: Question, turn: Turn | null): Promise<void> => {
    const silent = turn?.origin !== 'telegram' && (await deps.isQuiet())
    await db.transaction(async (tx) => {
      const buttons = await createButtons(tx, clock, deps.chatId).offer(optionRows(question))
      const outgoingId = await createOutgoing(tx, clock).add({
        chatId: deps.chatId,
        html: words(question),
        buttons,
        silent,
        about: nameOf(question.id),
      })
      await tx.kysely
        .insertInto('telegram_asks')
        .values({
          prompt_id: nameOf(question.id),
          turn_id: question.turnId,
          outgoing_id: outgoingId,
          created_at: isoTime(clock.now()),
        })
        .execute()
    })
    deps.queued()
  }

  /** How long (ms) it is not told yet; null when it never is. */
  const waitFor = (turn: Turn | null, since: string): number | null => {
    if (deps.mode === 'off') return null
    if (deps.mode === 'always' || turn?.origin === 'telegram' || deps.openPages() === 0) return 0
    const past = clock.now().getTime() - Date.parse(since)
    return deps.mode === 'away' ? PAGE_OPEN_WAIT_MS : Math.max(0, PAGE_OPEN_WAIT_MS - past)
  }

  /** Tells what is asked now, and the end of what is over. Returns when to look again (ms). */
  const look = async (): Promise<number> => {
    const open = await questions.open()
    const known = await told()
    let wait = NOTHING_MS
    for (const question of open) {
      if (question.expiresAt !== null)
        wait = Math.min(wait, Date.parse(question.expiresAt) - clock.now().getTime())
      if (known.some(({ id }) => id === question.id)) continue
      const turn = question.turnId ? await createTurns(db, clock).find(question.turnId) : null
      const due = waitFor(turn, question.createdAt)
      if (due === 0) await tell(question, turn)
      else if (due !== null) wait = Math.min(wait, due)
    }
    for (const { id, isOpen } of known) {
      if (!isOpen || open.some((question) => question.id === id)) continue
      const question = await questions.find(id)
      const outcome = (question && outcomeOf(question)) ?? 'It is over'
      if (await db.transaction((tx) => closeQuestion(tx, clock, deps.chatId, id, outcome)))
        deps.queued()
    }
    return Math.max(wait, LOOK_EACH_MS)
  }

  return {
    /** Until the signal aborts. */
    async run(signal: AbortSignal): Promise<void> {
      let rung = new AbortController()
      const unlisten = deps.bell.listen(() => rung.abort())
      try {
        while (!signal.aborted) {
          rung = new AbortController()
          const wait = await look()
          await clock.sleep(LOOK_EACH_MS, signal)
          await clock.sleep(wait, AbortSignal.any([signal, rung.signal]))
        }
      } finally {
        unlisten()
      }
    },
  }
}

/** Writes the outcome into its message, once; its buttons go. */
export const closeQuestion = async (
  tx: Database,
  clock: Clock,
  chatId: string,
  id: number,
  outcome: string,
): Promise<boolean> => {
  const row = await tx.kysely
    .updateTable('telegram_asks')
    .set({ closed_at: isoTime(clock.now()), outcome })
    .where('prompt_id', '=', nameOf(id))
    .where('closed_at', 'is', null)
    .returningAll()
    .executeTakeFirst()
  if (!row) return false
  const outgoing = createOutgoing(tx, clock)
  const before = await outgoing.htmlOf(row.outgoing_id)
  const said = toMessages([italic(outcome)], OUTCOME_CHARS_MAX)[0] ?? ''
  await outgoing.add({
    chatId,
    html: `${before ?? ''}\n\n${said}`,
    buttons: [],
    editsRow: row.outgoing_id,
  })
  return true
}

const words = ({ id, text, options, turnId }: Question): string => {
  const runs = lines([
    [bold('✋ Luci asks you')],
    [plain(text.slice(0, TEXT_CHARS_MAX))],
    ...(options.some((option) => option.length > LABEL_SEEN)
      ? options.map((option, at) => [plain(`${at + 1}. ${option}`)])
      : []),
    [
      italic(
        `question ${id}${turnId ? ` · turn ${turnId}` : ''} · reply to this message to answer in your own words`,
      ),
    ],
  ])
  return toMessages(runs, MESSAGE_CHARS_MAX)[0] ?? ''
}

const optionRows = ({ id, options }: Question): NewButton[][] =>
  options.map((option, at) => [
    {
      label: option.length > LABEL_SEEN ? `${at + 1}. ${option}` : option,
      action: { do: 'choose', question: id, option },
    },
  ])
