import type { Clock } from '@mc/core/clock.ts'
import { isoTime } from '@mc/core/clock.ts'
import { AppError } from '@mc/core/errors.ts'
import type { Log } from '@mc/core/log.ts'
import type { Luci } from '@mc/core/luci/luci.ts'
import { type ButtonAction, createButtons, type NewButton } from '@mc/core/telegram/buttons.ts'
import { createOutgoing } from '@mc/core/telegram/outgoing.ts'
import { toHtml, toMessages } from '@mc/core/telegram/rich-text.ts'
import type { AskMode } from '@mc/core/telegram/settings.ts'
import type { Prompt, Turn } from '@mc/core/turns/turn.ts'
import { createTurns } from '@mc/core/turns/turns.ts'
import type { Database } from '@mc/db/database.ts'
import { presentPrompt } from '../composer/present.ts'
import { block, bold, italic, lines, plain } from './say.ts'

type Choice = Extract<ButtonAction, { do: 'answer' }>

/** While a page is open somebody may be about to answer there. */
const PAGE_OPEN_WAIT_MS = 60_000
/** Of a question's own text; the whole stands on the page. */
const TEXT_CHARS_MAX = 2_400
const COMMAND_CHARS_MAX = 800
/** After a restart her screen is looked at anew: until then nobody knows whether she still asks. */
const SETTLES_WITHIN_MS = 10_000
const ELSEWHERE = 'Answered on the page or in her pane'

/**
 * What Luci asks, told with its choices as buttons. First answer wins: one that comes from elsewhere
 * is written into the message, whose buttons go.
 */
export const createAsks = (deps: {
  db: Database
  clock: Clock
  log: Log
  luci: Pick<Luci, 'on' | 'status' | 'answer'>
  chatId: string
  mode: AskMode
  /** How many pages are open now. */
  openPages(): number
  /** Nobody is to be woken now: it comes without a sound. */
  isQuiet(): Promise<boolean>
  queued(): void
}) => {
  const { db, clock, luci } = deps
  /** Who chose what here, while it is being done and after. */
  const chosen = new Map<string, string>()
  let rung = new AbortController()
  let isFirstLook = true
  const settledAt = clock.now().getTime() + SETTLES_WITHIN_MS

  const openRows = (tx: Database = db) =>
    tx.kysely
      .selectFrom('telegram_asks')
      .selectAll()
      .where('closed_at', 'is', null)
      // What she goes on without is not in her pane: see questions.ts.
      .where('prompt_id', 'not like', 'question:%')
      .execute()

  /** Writes the outcome into its message, once. */
  const close = async (tx: Database, promptId: string, outcome: string): Promise<boolean> => {
    const row = await tx.kysely
      .updateTable('telegram_asks')
      .set({ closed_at: isoTime(clock.now()), outcome })
      .where('prompt_id', '=', promptId)
      .where('closed_at', 'is', null)
      .returningAll()
      .executeTakeFirst()
    if (!row) return false
    const outgoing = createOutgoing(tx, clock)
    const words = await outgoing.htmlOf(row.outgoing_id)
    await outgoing.add({
      chatId: deps.chatId,
      html: `${words ?? ''}\n\n${toHtml([italic(outcome)])}`,
      buttons: [],
      editsRow: row.outgoing_id,
    })
    return true
  }

  const tell = async (prompt: Prompt, turn: Turn | null): Promise<void> => {
    const silent = turn?.origin !== 'telegram' && (await deps.isQuiet())
    const html = words(prompt, turn)
    await db.transaction(async (tx) => {
      const outgoing = createOutgoing(tx, clock)
      const buttons = await createButtons(tx, clock, deps.chatId).offer(choiceRows(prompt, turn))
      const before = isFirstLook ? await sameWords(tx, html) : null
      // After a restart of ours the same question has another name: its message gets new buttons.
      const outgoingId = before?.outgoing_id
      if (before)
        await tx.kysely
          .deleteFrom('telegram_asks')
          .where('prompt_id', '=', before.prompt_id)
          .execute()
      const added = await outgoing.add({
        chatId: deps.chatId,
        html,
        buttons,
        silent,
        about: `ask:${prompt.id}`,
        ...(outgoingId === undefined ? {} : { editsRow: outgoingId }),
      })
      await tx.kysely
        .insertInto('telegram_asks')
        .values({
          prompt_id: prompt.id,
          turn_id: turn?.id ?? null,
          outgoing_id: outgoingId ?? added,
          created_at: isoTime(clock.now()),
        })
        .execute()
    })
    deps.queued()
  }

  const sameWords = async (tx: Database, html: string) => {
    const outgoing = createOutgoing(tx, clock)
    for (const row of await openRows(tx))
      if ((await outgoing.htmlOf(row.outgoing_id)) === html) return row
    return null
  }

  /** How long (ms) it is not told yet; null when it never is. */
  const waitFor = (turn: Turn | null, since: string): number | null => {
    // A digest turn is never approved, by nobody: it is denied and the rules decide.
    if (turn?.origin === 'digest' || deps.mode === 'off') return null
    if (deps.mode === 'always' || turn?.origin === 'telegram' || deps.openPages() === 0) return 0
    const past = clock.now().getTime() - Date.parse(since)
    return deps.mode === 'away' ? PAGE_OPEN_WAIT_MS : Math.max(0, PAGE_OPEN_WAIT_MS - past)
  }

  /** Tells what is asked now, and the end of what is not. Returns when to look again (ms). */
  const look = async (): Promise<number> => {
    const { asks, turnId, since, state } = luci.status()
    // Before she is there nobody knows what she asks.
    if (state === 'starting') return Number.POSITIVE_INFINITY
    const rows = await openRows()
    const known = rows.some((row) => row.prompt_id === asks?.id)
    const settling = settledAt - clock.now().getTime()
    if (isFirstLook && !asks && rows.length > 0 && settling > 0) return settling
    let wait = Number.POSITIVE_INFINITY
    if (asks && !known && !chosen.has(asks.id)) {
      const turn = turnId ? await createTurns(db, clock).find(turnId) : null
      const due = waitFor(turn, since)
      if (due === 0) await tell(asks, turn)
      else if (due !== null) wait = due
    }
    for (const row of await openRows()) {
      if (row.prompt_id === asks?.id) continue
      const outcome = chosen.get(row.prompt_id) ?? ELSEWHERE
      if (await db.transaction((tx) => close(tx, row.prompt_id, outcome))) deps.queued()
    }
    isFirstLook = false
    return wait
  }

  return {
    /**
     * Answers for a person. Returns what became of it, in words, and whether the question is over.
     * A choice that could not be made (her pane does not follow) can be made again.
     */
    async answer(choice: Choice, name: string): Promise<{ outcome: string; over: boolean }> {
      const outcome = `${name} chose: ${choice.label}`
      chosen.set(choice.prompt, outcome)
      try {
        await luci.answer({
          turnId: choice.turn,
          promptId: choice.prompt,
          choice: choice.choice,
        })
        return { outcome, over: true }
      } catch (error) {
        chosen.delete(choice.prompt)
        if (!(error instanceof AppError)) throw error
        if (error.code === 'unavailable')
          return { outcome: `${error.message}. ${error.hint ?? ''}`.trim(), over: false }
        return { outcome: 'She no longer asks this', over: true }
      }
    },

    close,

    /** Until the signal aborts. */
    async run(signal: AbortSignal): Promise<void> {
      const unlisten = luci.on((event) => {
        if (event.type === 'status') rung.abort()
      })
      try {
        while (!signal.aborted) {
          rung = new AbortController()
          const wait = await look()
          await clock.sleep(Math.min(wait, 3_600_000), AbortSignal.any([signal, rung.signal]))
        }
      } finally {
        unlisten()
      }
    },
  }
}

export type Asks = ReturnType<typeof createAsks>

const words = (prompt: Prompt, turn: Turn | null): string => {
  const { title, text, command, folder, choices } = presentPrompt(prompt)
  const runs = lines([
    [bold(`✋ ${title}`)],
    ...(command ? [[block(command.slice(0, COMMAND_CHARS_MAX))]] : []),
    ...(folder ? [[plain(`in ${folder.slice(0, 200)}`)]] : []),
    [command ? plain(text.slice(-TEXT_CHARS_MAX)) : block(text.slice(-TEXT_CHARS_MAX))],
    ...(choices.some(({ label }) => label.length > LABEL_SEEN)
      ? choices.map(({ label }, at) => [plain(`${at + 1}. ${label.slice(0, 120)}`)])
      : []),
    ...(turn ? [[italic(`turn ${turn.id}`)]] : []),
  ])
  return toMessages(runs, 3_700)[0] ?? ''
}

/** A phone shows about so much of a button. */
const LABEL_SEEN = 32

const choiceRows = (prompt: Prompt, turn: Turn | null): NewButton[][] =>
  prompt.choices.map(({ id, label }, at) => [
    {
      label: label.length > LABEL_SEEN ? `${at + 1}. ${label}` : label,
      action: { do: 'answer', turn: turn?.id ?? null, prompt: prompt.id, choice: id, label },
    },
  ])
