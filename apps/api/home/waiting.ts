import type { Luci } from '@mc/core/luci/luci.ts'
import type { Nouns } from '../nouns.ts'
import { ticketsOfAll } from '../proposals/look.ts'
import type { NeedKind, Waiting } from './present.ts'

/** So many of these, the newest; the pages of their own have the rest. */
export const LOOKED_AT: { [kind in NeedKind]?: number } = {
  proposal: 20,
  alert: 100,
  review: 20,
  held_up: 20,
}

const first = (kind: NeedKind) => {
  const limit = LOOKED_AT[kind]
  return limit === undefined ? {} : { limit }
}

/** Reads what may wait for the person. */
export const lookWhatWaits = async (nouns: Nouns, luci: Pick<Luci, 'status'>): Promise<Waiting> => {
  const { asks, turnId } = luci.status()
  const [open, questions, proposals, alerts, mistakes, review, held] = await Promise.all([
    nouns.turns.open(),
    nouns.questions.open(),
    nouns.proposals.list({ states: ['open'], ...first('proposal') }),
    nouns.alerts.list({ tab: 'open', ...first('alert') }),
    nouns.overview.taskProblems(),
    nouns.tickets.list({ status: 'review', ...first('review') }),
    // What waits for another ticket goes on by itself when that one is done.
    nouns.tickets.list({ status: 'blocked', stuck: true, ...first('held_up') }),
  ])
  return {
    blocked: open.filter((turn) => turn.state === 'blocked'),
    // In a turn, its article asks.
    asks: turnId === null ? asks : null,
    questions,
    proposals,
    about: await ticketsOfAll(nouns.tickets, proposals),
    alerts,
    mistakes,
    tickets: [...review, ...held],
  }
}
