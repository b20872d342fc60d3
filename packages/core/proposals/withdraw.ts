import type { Database } from '@mc/db/database.ts'
import { createActs } from '../acts/acts.ts'
import type { Clock } from '../clock.ts'
import { AppError } from '../errors.ts'
import type { Turn } from '../turns/turn.ts'
import { block } from './clean.ts'
import type { Proposal } from './proposal.ts'
import { lockUndecided, moveProposal } from './rows.ts'

/**
 * Whoever made it takes it back, and nothing of it is done: Luci in a person's turn (null: a person
 * what they made themselves). Nobody judged it, so it says nothing of her record. Throws `conflict`
 * once it is decided, and `forbidden` for another's.
 */
export const withdraw = (
  db: Database,
  clock: Clock,
  turn: Turn | null,
  id: string,
  { why }: { why?: string | undefined } = {},
): Promise<Proposal> =>
  db.transaction(async (tx) => {
    const proposal = await lockUndecided(tx, id)
    refuse(proposal, turn)
    const by = turn ? 'luci' : 'person'
    const acts = createActs(tx, clock)
    for (const step of proposal.content.steps)
      await acts.decide(id, step.name, { state: 'superseded', by })
    return moveProposal(tx, clock, proposal, 'withdrawn', by, { reason: why ? block(why) : null })
  })

const refuse = ({ id, turnId }: Proposal, turn: Turn | null): void => {
  if (turn === null) {
    if (turnId === null) return
    throw new AppError('conflict', `Proposal ${id} is Luci’s, and waits for your word`, {
      hint: 'Refuse it instead.',
    })
  }
  if (turnId === null)
    throw new AppError('forbidden', `Proposal ${id} is the person’s: they made it`)
  // A digest holds the text of programs: what waits for the person must not vanish by it.
  if (turn.origin === 'digest' || turn.origin === 'pane' || turn.origin === 'system')
    throw new AppError('forbidden', `A turn of origin ${turn.origin} takes nothing back`)
  if (turn.evidence.swayed && turnId !== turn.id)
    throw new AppError('forbidden', 'In this turn you read a text that gives orders', {
      hint: 'It takes back only what was proposed in it; tell the person, who can refuse the other.',
    })
}
