import type { Log } from '@mc/core/log.ts'
import type { Luci, LuciEvent } from '@mc/core/luci/luci.ts'
import { isOpenTurn } from '@mc/core/turns/turn.ts'
import type { LiveReplies, Piece } from '../composer/live-reply.ts'

/** Words that come this close together are told as one. */
const TOGETHER_MS = 60

type Waiting = { pieces: Piece[]; timer: NodeJS.Timeout | null }

/**
 * A reply in the making as pages are told it: rendered once for all of them. `tell` gets the
 * pieces that are new or grew; null means that what is there must be fetched again.
 */
export const tellReplies = (deps: {
  luci: Luci
  live: LiveReplies
  log: Log
  tell: (turnId: string, pieces: Piece[] | null) => void
}) => {
  const { luci, live, tell } = deps
  const waiting = new Map<string, Waiting>()

  const flush = (turnId: string) => {
    const held = waiting.get(turnId)
    if (!held) return
    if (held.pieces.length === 0) return void waiting.delete(turnId)
    tell(turnId, held.pieces)
    held.pieces = []
    held.timer = setTimeout(flush, TOGETHER_MS, turnId)
    held.timer.unref()
  }

  const hold = (turnId: string, pieces: readonly Piece[]) => {
    const held = waiting.get(turnId) ?? { pieces: [], timer: null }
    waiting.set(turnId, held)
    for (const piece of pieces) {
      held.pieces = held.pieces.filter((one) => one.at < piece.at)
      held.pieces.push(piece)
    }
    if (held.timer === null) flush(turnId)
  }

  const drop = (turnId: string) => {
    const held = waiting.get(turnId)
    if (held?.timer) clearTimeout(held.timer)
    waiting.delete(turnId)
  }

  const lookAgain = async (turnId: string) => {
    const { text, done } = await luci.harvest(turnId)
    if (done) return
    live.show(turnId, text, 0)
    drop(turnId)
    tell(turnId, null)
  }

  return {
    heard(event: LuciEvent): void {
      if (event.type === 'text') {
        const pieces = live.add(event.turnId, event.from, event.text)
        if (pieces) hold(event.turnId, pieces)
        else
          lookAgain(event.turnId).catch((err) =>
            deps.log.warn({ err, turn: event.turnId }, 'a reply in the making could not be read'),
          )
      }
      if (event.type === 'turn' && !isOpenTurn(event.turn.state)) {
        drop(event.turn.id)
        live.forget(event.turn.id)
      }
    },
    close(): void {
      for (const turnId of [...waiting.keys()]) drop(turnId)
    },
  }
}
