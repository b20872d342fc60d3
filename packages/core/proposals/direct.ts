import type { Database } from '@mc/db/database.ts'
import { lockName } from '@mc/db/lock.ts'
import { createActs } from '../acts/acts.ts'
import { createAlerts } from '../alerts/alerts.ts'
import type { Clock } from '../clock.ts'
import { AppError } from '../errors.ts'
import type { NewTicket, Ticket } from '../tickets/ticket.ts'
import { isClosed } from '../tickets/ticket.ts'
import { createTickets } from '../tickets/tickets.ts'
import type { Turn } from '../turns/turn.ts'
import { classesIn, judged, titleOf } from './judge.ts'
import { type Done, perform } from './perform.ts'
import type { Content, Step } from './proposal.ts'
import { mayAtOnce, type ProposeDeps, type Proposed, propose, verbTitle } from './propose.ts'

/** What became of a verb that Luci called by itself: it is done, or a person is asked. */
export type Wanted =
  | { outcome: 'done'; done: Done; reason: string }
  | { outcome: 'proposed'; proposal: Proposed['proposal']; reason: string }

/**
 * One step of a direct call in a person's turn: done at once when its classes are trusted, and
 * else a proposal of this one step. Throws as `propose` does.
 */
export const wants = (
  db: Database,
  clock: Clock,
  deps: ProposeDeps,
  turn: Turn,
  step: Step,
  { item }: { item?: number | undefined } = {},
): Promise<Wanted> =>
  db.transaction(async (tx) => {
    if (turn.origin === 'digest')
      throw new AppError('forbidden', 'A digest’s turn does not give this right', {
        hint: 'Propose it for its item: mc propose --item <id>.',
      })
    if (step.do === 'delegate' && !deps.workers)
      throw new AppError('unavailable', 'No worker is configured that could do this', {
        hint: 'The person sets MC_WORKER_COMMAND to a headless program and starts again.',
      })
    const content = await judged(tx, clock, deps, { title: verbTitle(step), steps: [step] })
    const same = await sameAlert(tx, clock, turn, content)
    if (same) return same
    const { atOnce, reason } = await mayAtOnce(tx, deps, turn, content, null)
    if (!atOnce) {
      const refused = { ...deps, may: async () => ({ atOnce, reason }) }
      const { proposal } = await propose(tx, clock, refused, turn, content, { item })
      return { outcome: 'proposed', proposal, reason }
    }
    const { done } = await perform(tx, clock, deps, {
      content,
      proposalId: null,
      itemId: item ?? null,
      by: { actor: 'luci', source: 'luci' },
    })
    const came = done.get(step.name)
    if (!came) throw new Error(`Step ${step.name} was performed and nothing came of it`)
    for (const one of classesIn(content))
      await createActs(tx, clock).carryOut({
        class: one,
        proposalId: null,
        step: null,
        turnId: turn.id,
        title: titleOf(content.steps[0] ?? step),
        ...came,
      })
    return { outcome: 'done', done: came, reason }
  })

/**
 * What this turn told the person already in the same words: an answer was lost on its way, or a
 * program repeats itself; it counts once. Null: it is new, or no alert.
 */
const sameAlert = async (
  tx: Database,
  clock: Clock,
  turn: Turn,
  { steps: [step] }: Content,
): Promise<Wanted | null> => {
  if (step?.do !== 'alert') return null
  await lockName(tx, `proposals-of:${turn.id}`)
  const acts = await createActs(tx, clock).list({ turns: [turn.id], class: 'alert', state: 'done' })
  const alerts = createAlerts(tx, clock, { repeatIntervalMs: 0 })
  for (const { ref, before, title, undoneAt } of acts) {
    if (ref === null || undoneAt !== null || title !== titleOf(step)) continue
    const { text, severity } = await alerts.get(Number(ref))
    if (text === (step.text ?? '') && severity === (step.severity ?? 'normal'))
      return { outcome: 'done', done: { ref, before }, reason: 'She told it in this turn already' }
  }
  return null
}

/** A ticket that she files because she was asked, noted in the record. It begins open. */
export const fileDirectly = (
  db: Database,
  clock: Clock,
  turn: Turn,
  ticket: NewTicket,
): Promise<Ticket> =>
  db.transaction(async (tx) => {
    if (ticket.status && isClosed(ticket.status))
      throw new AppError('forbidden', `A ticket is not filed as ${ticket.status}`, {
        hint: 'File it open; closing it is for the person to say, or a call of its own.',
      })
    const filed = await createTickets(tx, clock).file(ticket, { actor: 'luci', source: 'luci' })
    await createActs(tx, clock).note({
      class: 'file_ticket',
      proposalId: null,
      step: null,
      turnId: turn.id,
      title: filed.title,
      ref: filed.key,
      before: null,
    })
    return filed
  })
