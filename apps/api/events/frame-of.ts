import type { LuciEvent } from '@mc/core/luci/luci.ts'
import type { Turn } from '@mc/core/turns/turn.ts'

/** So much of a text travels with an event; who needs all of it fetches the turn. */
export const TOLD_CHARS_MAX = 2_000
/** A longer piece of a reply is told as a gap, which listeners fill by harvest. */
export const PIECE_CHARS_MAX = 16_000

/** A turn as events carry it: long texts are cut, and their lengths say so. */
export type ToldTurn = Turn & { textLength: number; replyLength: number }

/**
 * What listeners are told of one of Luci's events. Never long: a frame of a megabyte to every
 * listener would cut them all off.
 */
export const frameOf = (event: LuciEvent): { event: string; data: object } => {
  if (event.type === 'turn') return { event: 'turn', data: toldTurn(event.turn) }
  if (event.type === 'status') return { event: 'status', data: event.status }
  const { turnId, from, text } = event
  return {
    event: 'text',
    data:
      text.length > PIECE_CHARS_MAX
        ? { turnId, from: from + text.length, text: '' }
        : { turnId, from, text },
  }
}

export const toldTurn = (turn: Turn): ToldTurn => ({
  ...turn,
  text: turn.text.slice(0, TOLD_CHARS_MAX).toWellFormed(),
  reply: turn.reply.slice(0, TOLD_CHARS_MAX).toWellFormed(),
  textLength: turn.text.length,
  replyLength: turn.reply.length,
})
