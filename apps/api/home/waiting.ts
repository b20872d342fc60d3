import type { Luci } from '@mc/core/luci/luci.ts'
import type { Nouns } from '../nouns.ts'
import type { Waiting } from './present.ts'

/** Of what is in review or held up, the newest; the board has the rest. */
const TICKETS_EACH = 20

/** More wait on their own page. */
const PROPOSALS_MAX = 20

/** Reads what may wait for the person. */
export const lookWhatWaits = async (nouns: Nouns, luci: Pick<Luci, 'status'>): Promise<Waiting> => {
  const { asks, turnId } = luci.status()
  const [open, questions, proposals, alerts, mistakes, review, held] = await Promise.all([
    nouns.turns.open(),
    nouns.questions.open(),
    nouns.proposals.list({ states: ['open'], limit: PROPOSALS_MAX }),
    nouns.alerts.list({ tab: 'open' }),
    nouns.overview.taskProblems(),
    nouns.tickets.list({ status: 'review', limit: TICKETS_EACH }),
    // What waits for another ticket goes on by itself when that one is done.
    nouns.tickets.list({ status: 'blocked', stuck: true, limit: TICKETS_EACH }),
  ])
  return {
    blocked: open.filter((turn) => turn.state === 'blocked'),
    // In a turn, its article asks.
    asks: turnId === null ? asks : null,
    questions,
    proposals,
    alerts,
    mistakes,
    tickets: [...review, ...held],
  }
}
