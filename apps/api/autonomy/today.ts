import type { Acts } from '@mc/core/acts/acts.ts'
import type { Clock } from '@mc/core/clock.ts'
import { dayOf } from '@mc/core/costs/count.ts'
import { presentActs } from './present.ts'

const SHOWN = 5
const LOOKED_AT = 30

/** The last things that she did at once on this UTC day, as Home shows them. */
export const byHerselfToday = async (acts: Acts, clock: Clock) => {
  const today = dayOf(clock.now())
  const last = await acts.list({ atOnce: true, limit: LOOKED_AT })
  const ofToday = await acts.seen(last.filter(({ createdAt }) => createdAt.startsWith(today)))
  const stands = ofToday.filter(({ undoneAt }) => undoneAt === null).slice(0, SHOWN)
  return {
    ...presentActs(stands, 'home'),
    /** What was taken back stands folded. */
    undone: presentActs(
      ofToday.filter(({ undoneAt }) => undoneAt !== null),
      'home-undone',
    ),
  }
}
