import type { Clock } from '../clock.ts'
import type { Log } from '../log.ts'
import type { Answer, Bot } from './bot.ts'
import type { Inbound } from './inbound.ts'
import { updateIdOf, updateKinds } from './update.ts'

export type PollDeps = {
  bot: Bot
  inbound: Inbound
  clock: Clock
  log: Log
  /** What `inbound` is while all is well. */
  fine: 'listening' | 'nobody'
  /** Acts on one update and notes it as handled, in one. Throws while the database is away. */
  handle(raw: unknown): Promise<void>
  /** Before each call: false ends listening, because another process does. */
  mayListen(): Promise<boolean>
}

/** Telegram answers at once when something comes, and with nothing after so long. */
const LONG_POLL_S = 25
const BATCH_MAX = 50
const BACKOFF_FIRST_MS = 1_000
const BACKOFF_MAX_MS = 60_000
/** A wrong token is not asked for often: a person must mend it. */
const BROKEN_MS = 5 * 60_000
/** A pasted text comes in pieces of this length, the next a moment later. */
const PIECE_CHARS = 4_000
const PIECES_WITHIN_MS = 1_000
const CUT_AT_CHARS = 4_096

/**
 * Asks for updates until the signal aborts or another process listens. An update counts as taken
 * only once it was handled: what comes back unhandled is asked for again.
 */
export const poll = async (deps: PollDeps, signal: AbortSignal): Promise<void> => {
  const { bot, inbound, clock, log } = deps
  let failures = 0
  /** Until one call got through it is asked without waiting: how it goes is known at once. */
  let timeoutS = 0
  while (!signal.aborted && (await deps.mayListen())) {
    let batch = await ask(bot, await inbound.offset(), timeoutS, signal)
    if (signal.aborted) return
    if (batch.status === 'ok' && endsWithPiece(batch.result)) {
      await clock.sleep(PIECES_WITHIN_MS, signal)
      batch = await ask(bot, await inbound.offset(), 0, signal)
      if (signal.aborted) return
    }
    if (batch.status !== 'ok') {
      failures += 1
      timeoutS = 0
      if (failures === 1) log.warn({ reason: batch.reason }, says[batch.status])
      await inbound.is('problem', problemOf(batch))
      await clock.sleep(pauseMs(batch, failures), signal)
      continue
    }
    if (failures > 0) log.info({ failures }, 'Telegram is heard again')
    failures = 0
    timeoutS = LONG_POLL_S
    await inbound.is(deps.fine)
    if (!Array.isArray(batch.result)) continue
    for (const raw of joinPieces(batch.result)) {
      await deps.handle(raw)
      if (signal.aborted) return
    }
  }
}

const ask = (
  bot: Bot,
  offset: number | null,
  timeout: number,
  signal: AbortSignal,
): Promise<Answer> =>
  bot.call(
    'getUpdates',
    {
      ...(offset === null ? {} : { offset }),
      limit: BATCH_MAX,
      timeout,
      allowed_updates: updateKinds,
    },
    { signal, withinMs: (LONG_POLL_S + 15) * 1_000 },
  )

type Failed = Exclude<Answer, { status: 'ok' }>

const says: Record<Failed['status'], string> = {
  wait: 'Telegram asks to wait before updates are asked for again',
  retry: 'Telegram is not reached; what is sent to the bot waits there',
  fault: 'Telegram is not reached; what is sent to the bot waits there',
  conflict: 'Another program listens to this bot: its messages go there, not here',
  unauthorized: 'Telegram does not know this bot: check MC_TELEGRAM_TOKEN',
  refused: 'Telegram gives no updates',
}

const problemOf = (failed: Failed): string => `${says[failed.status]} (${failed.reason})`

const pauseMs = (failed: Failed, failures: number): number => {
  if (failed.status === 'wait') return failed.afterMs
  if (failed.status === 'unauthorized' || failed.status === 'refused') return BROKEN_MS
  return Math.min(BACKOFF_MAX_MS, BACKOFF_FIRST_MS * 2 ** Math.min(failures - 1, 10))
}

type Piece = {
  update_id: number
  message: { text: string; chat?: { id?: unknown }; from?: { id?: unknown } }
}

const isText = (raw: unknown): raw is Piece =>
  updateIdOf(raw) !== null &&
  typeof (raw as { message?: { text?: unknown } }).message?.text === 'string'

const isPiece = (raw: unknown): raw is Piece =>
  isText(raw) && raw.message.text.length >= PIECE_CHARS && !raw.message.text.startsWith('/')

const endsWithPiece = (result: unknown): boolean => Array.isArray(result) && isPiece(result.at(-1))

/**
 * A long text arrives cut into messages: they are one again, under the id of the last, so that it
 * is handled whole or not at all.
 */
export const joinPieces = (updates: readonly unknown[]): unknown[] => {
  const joined: unknown[] = []
  let open = false
  for (const raw of updates) {
    const last = joined.at(-1)
    if (open && isText(last) && isText(raw) && isSameTalk(last, raw)) {
      joined[joined.length - 1] = {
        update_id: raw.update_id,
        message: { ...last.message, text: last.message.text + seam(last) + raw.message.text },
      }
    } else joined.push(raw)
    open = isPiece(raw)
  }
  return joined
}

/** Cut where there was no better place, or at the end of a line or word, which the cut swallowed. */
const seam = ({ message }: Piece): string => (message.text.length >= CUT_AT_CHARS ? '' : '\n')

const isSameTalk = (a: Piece, b: Piece): boolean =>
  a.message.chat?.id === b.message.chat?.id &&
  a.message.from?.id === b.message.from?.id &&
  !b.message.text.startsWith('/')
