import type { Clock } from '../clock.ts'
import type { Turn } from '../turns/turn.ts'

/** What she was about to say when her deadline stopped her is still heard so long. */
const HEARD_FOR_MS = 15 * 60_000

/**
 * A digest's turn that its deadline interrupted a moment ago. It still gives the right to judge
 * the items of its digest, and what is said then can only add to what the fallback makes of them.
 */
export const isLate = ({ origin, state, evidence, endedAt }: Turn, clock: Clock): boolean =>
  origin === 'digest' &&
  state === 'interrupted' &&
  evidence.interruptedBy === 'deadline' &&
  endedAt !== null &&
  clock.now().getTime() - Date.parse(endedAt) <= HEARD_FOR_MS
