import { type DigestEntry, readDigest } from '@mc/core/digest/digest.ts'
import type { VerdictAction } from '@mc/core/inbox/item.ts'
import { createTurns } from '@mc/core/turns/turns.ts'
import type { Database } from '@mc/db/database.ts'
import type { Desk } from '@mc/pickup/desk.ts'
import { chance } from './month-tasks.ts'

/** A Luci who thinks for half a minute to two, judges by a few words, and forgets one in thirty. */
export const createMonthLuci = (db: Database, desk: Desk) => {
  const turns = createTurns(db, desk.clock)
  const now = () => desk.clock.now().getTime()
  let thinking: { turnId: string; digestId: string; text: string; until: number } | null = null
  const luci = {
    down: false,
    silent: false,

    async step(): Promise<void> {
      if (thinking) await this.think(thinking)
      if (thinking || luci.down) return
      const turn = await turns.next()
      if (!turn?.digestId) return
      await turns.move(turn.id, ['queued'], 'typed', { profile: 'claude' })
      const until = now() + 30_000 + chance('think', turn.seq) * 90_000
      thinking = { turnId: turn.id, digestId: turn.digestId, text: turn.text, until }
    },

    async think({ turnId, digestId, text, until }: NonNullable<typeof thinking>): Promise<void> {
      const isOver = (await desk.digests.find(digestId))?.state === 'settled'
      if (luci.down || (isOver && luci.silent)) {
        await turns.move(turnId, ['typed'], 'interrupted', { problem: 'She went away' })
        thinking = null
      } else if (!luci.silent && now() >= until) {
        const verdicts = readDigest(text).filter(remembered).map(verdictFor)
        await desk.digests.recordVerdicts({ by: 'luci', turnId, verdicts })
        await turns.move(turnId, ['typed'], 'answered', { evidence: { answered: 'script' } })
        thinking = null
      }
    },

    /** Milliseconds until she has something to say, at most `most`. */
    dueIn: async (most: number): Promise<number> =>
      thinking && !luci.silent ? Math.max(0, Math.min(most, thinking.until - now())) : most,
  }
  return luci
}

const remembered = ({ item }: DigestEntry) => chance('forgets', item) >= 1 / 30

const TRANSIENT = /reset by peer|ETIMEDOUT/

/** As `ops/luci.md` asks: alert what a person can act on now, not what passes or was told. */
const verdictFor = (entry: DigestEntry) => {
  const action = ((): VerdictAction => {
    if (entry.floor !== 'silent') return entry.floor
    if (/routine/.test(entry.cause)) return 'silent'
    if (entry.kind === 'note') return 'ticket'
    if (entry.told || entry.ticket || entry.flapping || TRANSIENT.test(entry.cause)) return 'silent'
    // It comes and goes: not for now, and if it comes often, for later.
    if (entry.before !== undefined && entry.failures < 2)
      return entry.today >= 3 ? 'ticket' : 'silent'
    return 'alert'
  })()
  return { item: entry.item, action, reason: `The script says ${action}` }
}
