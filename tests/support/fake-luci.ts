import { type Clock, isoTime } from '@mc/core/clock.ts'
import { AppError } from '@mc/core/errors.ts'
import type { Luci, LuciEvent, LuciStatus } from '@mc/core/luci/luci.ts'
import { inFlightTurnStates, type Turn } from '@mc/core/turns/turn.ts'
import { createTurns } from '@mc/core/turns/turns.ts'
import type { Database } from '@mc/db/database.ts'

export type FakeLuci = Luci & {
  /** Tells all listeners, as the driver would. */
  tell(event: LuciEvent): void
  /** Says some more of a reply. */
  say(turnId: string, text: string): Promise<void>
  /** Ends a turn with what was said. */
  finish(turnId: string): Promise<Turn>
  setStatus(status: Partial<LuciStatus>): void
}

/** The contract of Luci without a terminal: what she says is what the test makes her say. */
export const createFakeLuci = (db: Database, clock: Clock): FakeLuci => {
  const turns = createTurns(db, clock)
  const listeners = new Set<(event: LuciEvent) => void>()
  let status: LuciStatus = {
    state: 'idle',
    since: isoTime(clock.now()),
    profile: 'house',
    turnId: null,
    asks: null,
    queued: 0,
    problem: null,
    hint: null,
    tmuxSocket: 'none',
    attachCommand: 'tmux -L none attach',
    panePid: null,
    found: [],
  }
  const tell = (event: LuciEvent) => {
    for (const listener of [...listeners]) listener(event)
  }
  const setStatus = (change: Partial<LuciStatus>) => {
    status = { ...status, ...change }
    tell({ type: 'status', status })
  }
  return {
    open: async () => {},
    close: async () => {},
    start: async () => {
      setStatus({ state: 'idle' })
      return status
    },
    stop: async () => {
      setStatus({ state: 'stopped' })
      return status
    },
    switch: async ({ profile, force }) => {
      if (status.state === 'working' && !force)
        throw new AppError('conflict', 'Luci is working', { hint: 'Wait, or force it.' })
      setStatus({ profile })
      return status
    },
    interrupt: async (turnId) => {
      if (!turnId) return null
      const turn = await turns.move(turnId, ['typed', 'received', 'answering'], 'interrupted')
      if (turn) tell({ type: 'turn', turn })
      return turn
    },
    sendNow: async (turnId) => {
      const chosen = await turns.putFirst(turnId)
      for (const { id } of await turns.inFlight()) {
        const stopped = await turns.move(id, inFlightTurnStates, 'interrupted')
        if (stopped) tell({ type: 'turn', turn: stopped })
      }
      return chosen
    },
    answer: async ({ turnId, promptId }) => {
      if (turnId === null) {
        if (status.asks?.id !== promptId) throw new AppError('conflict', 'The prompt has changed')
        setStatus({ asks: null })
        return null
      }
      const turn = await turns.get(turnId)
      if (turn.prompt?.id !== promptId) throw new AppError('conflict', 'The prompt has changed')
      const next = await turns.move(turnId, ['blocked'], 'answering', { prompt: null })
      if (!next) throw new AppError('conflict', 'The turn is not blocked any more')
      tell({ type: 'turn', turn: next })
      return next
    },
    send: async (turn, tx) => {
      if (tx) return createTurns(tx, clock).queue(turn)
      const queued = await turns.queue(turn)
      tell({ type: 'turn', turn: queued })
      return queued
    },
    harvest: async (turnId, after = 0) => {
      const turn = await turns.get(turnId)
      return {
        turn,
        text: turn.reply.slice(after),
        next: turn.reply.length,
        done: turn.endedAt !== null,
      }
    },
    status: () => status,
    on: (listener) => {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    tell,
    setStatus,
    say: async (turnId, text) => {
      const turn = await turns.get(turnId)
      if (turn.state !== 'answering') {
        const answering = await turns.move(turnId, ['queued', 'typed', 'received'], 'answering')
        if (answering) tell({ type: 'turn', turn: answering })
      }
      await turns.saveReply(turnId, turn.reply + text)
      tell({ type: 'text', turnId, from: turn.reply.length, text })
    },
    finish: async (turnId) => {
      const turn = await turns.move(
        turnId,
        ['queued', 'typed', 'received', 'answering'],
        'answered',
        {
          evidence: { answered: 'fake' },
        },
      )
      if (!turn) throw new Error('The turn had ended already')
      tell({ type: 'turn', turn })
      return turn
    },
  }
}
