import type { Item, VerdictAction } from '../inbox/item.ts'
import { isFailureKind, outcomeOf } from './outcome.ts'
import { IN_A_ROW } from './rules.ts'
import { both } from './verdict.ts'

type Fallen = { action: VerdictAction; reason: string }

/**
 * What becomes of an undecided item when Luci cannot say: as the direct path of old did, a
 * failure's first time alerts and its third opens a ticket; anything else unknown is a ticket.
 * `told`: a person has been alerted to this trouble. It is asked for, not guessed from the count:
 * failures that came in together are undecided together, and then nobody has heard of the first.
 */
export const fallback = (item: Item, floor: VerdictAction, told: boolean): Fallen => {
  const { action, reason } = table(item, told)
  const raised = both(action, floor)
  return raised === action ? { action, reason } : { action: raised, reason: `${reason}; critical` }
}

const table = (item: Item, told: boolean): Fallen => {
  if (!isFailureKind(item.kind) && item.kind !== 'interrupted')
    return { action: 'ticket', reason: 'Nobody knows it, so a person should look' }
  const { consecutiveFailures, sameFingerprint } = outcomeOf(item)
  const inARow = Math.max(consecutiveFailures, sameFingerprint, 1)
  if (inARow === 1) return { action: 'alert', reason: 'Failed for the first time' }
  if (inARow < IN_A_ROW && told)
    return { action: 'silent', reason: `Failed ${inARow} times in a row; it was told already` }
  if (inARow < IN_A_ROW)
    return { action: 'alert', reason: `Failed ${inARow} times in a row, and nobody was told` }
  return { action: 'ticket', reason: `Failed ${inARow} times in a row` }
}
