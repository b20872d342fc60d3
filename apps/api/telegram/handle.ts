import { sentences } from '@mc/core/client/sentences.ts'
import type { Clock } from '@mc/core/clock.ts'
import { AppError } from '@mc/core/errors.ts'
import type { Log } from '@mc/core/log.ts'
import type { Inbound } from '@mc/core/telegram/inbound.ts'
import {
  type From,
  type Incoming,
  type Me,
  readUpdate,
  updateIdOf,
} from '@mc/core/telegram/update.ts'
import type { Database } from '@mc/db/database.ts'
import type { Chat } from './chat.ts'
import { type Act, plain, say } from './say.ts'

type Handlers = {
  chat: Chat
  command(command: Extract<Incoming, { type: 'command' }>): Promise<Act>
  press(press: Extract<Incoming, { type: 'press' }>): Promise<Act>
}

/** An update that cannot be handled is passed over after so many tries: the next ones wait. */
const TRIES_MAX = 3
/** A stranger is told of in the log so often. */
const STRANGER_EACH_MS = 3_600_000

/**
 * Takes one update: who may not, gets nothing; else what it asks for and the note that it was
 * handled are one transaction. Comes the same update again, nothing is done. Throws when it could
 * not be done now and should be asked for again.
 */
export const createHandler = (deps: {
  db: Database
  clock: Clock
  log: Log
  inbound: Inbound
  me: Me
  allowed: { users: readonly number[]; chatId: string }
  handlers: Handlers
  /** Something waits to be sent. */
  queued(): void
}) => {
  const { db, clock, log, inbound, handlers } = deps
  const strangers = new Map<string, { at: number; unsaid: number }>()
  const tries = new Map<number, number>()

  const isAllowed = ({ userId, chatId, chatName }: From): boolean =>
    deps.allowed.users.includes(userId) &&
    (chatId === deps.allowed.chatId ||
      (chatName !== null && chatName.toLowerCase() === deps.allowed.chatId.toLowerCase()))

  /** Said once an hour each, with the ids that a person needs to be let in. */
  const refuse = async ({ userId, chatId }: From): Promise<void> => {
    const key = `${userId} ${chatId}`
    const now = clock.now().getTime()
    const before = strangers.get(key)
    if (before && now - before.at < STRANGER_EACH_MS) {
      before.unsaid += 1
      return
    }
    if (strangers.size > 1_000) strangers.clear()
    strangers.set(key, { at: now, unsaid: 0 })
    log.warn(
      { userId, chatId, ignoredSince: before?.unsaid ?? 0 },
      'Somebody who is not on the list wrote to the bot',
    )
    await inbound.refused({ userId, chatId })
  }

  const plan = (incoming: Exclude<Incoming, { type: 'ignored' }>): Promise<Act> => {
    switch (incoming.type) {
      case 'text':
        return handlers.chat.turn(incoming.from, incoming.text, { replyTo: incoming.replyTo })
      case 'command':
        return handlers.command(incoming)
      case 'edited':
        return handlers.chat.edited(incoming)
      case 'press':
        return handlers.press(incoming)
      case 'unsupported':
        return handlers.chat.unsupported(incoming)
    }
  }

  /** False: it was handled before. */
  const once = async (updateId: number, act: Act): Promise<boolean> => {
    let after: (() => void) | undefined
    const done = await db.transaction(async (tx) => {
      if (!(await inbound.handled(tx, updateId))) return false
      after = await act(tx)
      return true
    })
    after?.()
    deps.queued()
    return done
  }

  const nothing: Act = async () => undefined

  const refusal =
    (from: From, text: string): Act =>
    async (tx) => {
      await say(tx, clock, from, { runs: [plain(text)], silent: true })
      return undefined
    }

  const take = async (updateId: number, incoming: Incoming): Promise<void> => {
    if (incoming.type === 'ignored') {
      log.debug({ kind: incoming.kind }, 'An update of no interest')
      await once(updateId, nothing)
      return
    }
    if (!isAllowed(incoming.from)) {
      await refuse(incoming.from)
      await once(updateId, nothing)
      return
    }
    try {
      await once(updateId, await plan(incoming))
    } catch (error) {
      if (!(error instanceof AppError)) throw error
      await once(updateId, refusal(incoming.from, sentences(error.message, error.hint)))
    }
  }

  return async (raw: unknown): Promise<void> => {
    const updateId = updateIdOf(raw)
    if (updateId === null) {
      log.debug({}, 'An update without a number')
      return
    }
    const incoming = readUpdate(raw, deps.me)
    try {
      await take(updateId, incoming)
      tries.delete(updateId)
    } catch (error) {
      const count = (tries.get(updateId) ?? 0) + 1
      tries.set(updateId, count)
      if (count < TRIES_MAX) throw error
      log.error({ err: error, updateId }, 'An update could not be handled and is passed over')
      const act =
        incoming.type === 'ignored'
          ? nothing
          : refusal(incoming.from, 'Something went wrong on this side; it was not done.')
      await once(updateId, act)
      tries.delete(updateId)
    }
  }
}
