import type { Database } from '@mc/db/database.ts'
import { createActs } from '../acts/acts.ts'
import type { Clock } from '../clock.ts'
import { AppError } from '../errors.ts'
import type { Actor } from '../tickets/tickets.ts'
import { createTurns } from '../turns/turns.ts'
import { changesAsked } from './changes.ts'
import { block, cleanContent } from './clean.ts'
import { foldersIn } from './folders.ts'
import { type JudgeDeps, judged, titleOf } from './judge.ts'
import { type PerformDeps, perform } from './perform.ts'
import type { Content, Proposal, Step } from './proposal.ts'
import { lockUndecided, moveProposal } from './rows.ts'
import { refuseEdited } from './ticket-edits.ts'

export type DecideDeps = JudgeDeps & PerformDeps

/** Throws `conflict` when it is decided, or when the person saw another version of it. */
const locked = async (tx: Database, id: string, version?: number): Promise<Proposal> => {
  const proposal = await lockUndecided(tx, id)
  if (version !== undefined && version !== proposal.version)
    throw new AppError('conflict', `Proposal ${id} was changed meanwhile`, {
      hint: 'Look at it again, then decide on what is there now.',
      stale: true,
    })
  return proposal
}

export type Acceptance = {
  version?: number | undefined
  /** The chosen steps as the person edited and ordered them; left out: all as it was proposed. */
  content?: Content | undefined
  /** The last edit of its tickets that the person has looked at: see ticket-edits.ts. */
  seen?: number | undefined
  by: Actor
}

/**
 * A person's yes, to exactly this content, which is written down as it then reads and carried out
 * in the same transaction. Throws `invalid` with every mistake, and `conflict` when it is decided,
 * or when a ticket that it hands to a worker reads otherwise than they know.
 */
export const accept = (
  db: Database,
  clock: Clock,
  deps: DecideDeps,
  id: string,
  acceptance: Acceptance,
): Promise<Proposal> => settle(db, clock, deps, id, acceptance, 'accepted')

/**
 * All that would be filed is filed as parked, with its links, and nothing starts. What is no
 * ticket to file (an alert, a hand-over, a close) is refused by it.
 */
export const park = (
  db: Database,
  clock: Clock,
  deps: DecideDeps,
  id: string,
  acceptance: Acceptance,
): Promise<Proposal> => settle(db, clock, deps, id, acceptance, 'parked')

const settle = (
  db: Database,
  clock: Clock,
  deps: DecideDeps,
  id: string,
  { version, content: given, seen, by }: Acceptance,
  end: 'accepted' | 'parked',
): Promise<Proposal> =>
  db.transaction(async (tx) => {
    const proposal = await locked(tx, id, version)
    const parked = end === 'parked'
    const wanted = given ?? proposal.content
    const content = await judged(
      tx,
      clock,
      deps,
      parked ? onlyFiled(wanted) : wanted,
      proposal.content,
    )
    await refuseEdited(tx, proposal, content, seen)
    const { done, parent } = await perform(tx, clock, deps, {
      content,
      proposalId: id,
      itemId: proposal.itemId,
      by,
      parked,
      titles: titlesOf(proposal),
      lucisFolders: foldersIn(proposal.content),
    })
    const acts = createActs(tx, clock)
    for (const step of proposal.content.steps) {
      const now = content.steps.find(({ name }) => name === step.name)
      const accepted = now && sameStep(step, now) ? 'accepted' : 'edited'
      await acts.decide(id, step.name, {
        state: !now ? 'refused' : parked ? 'parked' : accepted,
        by: by.actor,
        ...(now ? done.get(step.name) : {}),
      })
    }
    return moveProposal(tx, clock, proposal, end, by.actor, {
      accepted: JSON.stringify(content),
      parent_id: parent?.id ?? null,
    })
  })

/** What of it can be parked. Throws `invalid` when that is nothing. */
const onlyFiled = (content: Content): Content => {
  const steps = content.steps.filter((step) => step.do === 'file')
  if (steps.length > 0) return { ...content, steps }
  throw new AppError('invalid', 'Nothing in it is a ticket that could be parked', {
    hint: 'Accept it, or refuse it.',
  })
}

/** Nothing of it is done. `reason` is the person's, for Luci to read. */
export const refuse = (
  db: Database,
  clock: Clock,
  id: string,
  { version, reason, by }: { version?: number | undefined; reason?: string | undefined; by: Actor },
): Promise<Proposal> =>
  db.transaction(async (tx) => {
    const proposal = await locked(tx, id, version)
    const acts = createActs(tx, clock)
    for (const step of proposal.content.steps)
      await acts.decide(id, step.name, { state: 'refused', by: by.actor })
    return moveProposal(tx, clock, proposal, 'refused', by.actor, {
      reason: reason ? block(reason) : null,
    })
  })

export type ChangesAsked = { proposal: Proposal; turnId: string }

/**
 * Back to Luci: a turn is queued in the same transaction that tells her what the person wrote and
 * how they edited it. `content` need not hold together: it is words for her, not an order.
 */
export const askChanges = (
  db: Database,
  clock: Clock,
  id: string,
  {
    version,
    note,
    content,
    by,
  }: { version?: number | undefined; note: string; content?: Content | undefined; by: Actor },
): Promise<ChangesAsked> =>
  db.transaction(async (tx) => {
    const proposal = await locked(tx, id, version)
    const asked = block(note)
    const edited = content ? cleanContent(content) : null
    const text = changesAsked(proposal, asked, edited)
    if (text === null)
      throw new AppError('invalid', 'Expected what should change: a note or an edit, got neither')
    const turn = await createTurns(tx, clock).queue({ text, origin: 'user', author: by.actor })
    const moved = await moveProposal(tx, clock, proposal, 'changes_asked', by.actor, {
      asked,
      asked_turn_id: turn.id,
      asked_content: edited ? JSON.stringify(edited) : null,
    })
    return { proposal: moved, turnId: turn.id }
  })

const titlesOf = ({ content }: Proposal): Map<string, string> =>
  new Map(content.steps.map((step) => [step.name, titleOf(step)]))

/** Both were cleaned alike, so that the same words are the same text; a list says the same in any order. */
const sameStep = (one: Step, other: Step): boolean =>
  JSON.stringify(one, sorted) === JSON.stringify(other, sorted)

const sorted = (_: string, value: unknown): unknown =>
  Array.isArray(value) ? value.toSorted() : value
