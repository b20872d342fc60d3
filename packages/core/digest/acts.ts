import type { Database } from '@mc/db/database.ts'
import { lockName } from '@mc/db/lock.ts'
import type { Alert } from '../alerts/alert.ts'
import { createAlerts } from '../alerts/alerts.ts'
import { type Clock, isoTime } from '../clock.ts'
import { AppError } from '../errors.ts'
import { createInbox } from '../inbox/inbox.ts'
import type { Item } from '../inbox/item.ts'
import type { NewTicket, Ticket } from '../tickets/ticket.ts'
import { createTickets } from '../tickets/tickets.ts'
import { fingerprintFor } from '../triage/outcome.ts'
import { floorFor } from '../triage/triage.ts'
import { both, type Effect } from '../triage/verdict.ts'
import type { Turn } from '../turns/turn.ts'
import { recordVerdicts } from './verdicts.ts'

const TOLD = 'She told you herself'

/**
 * Effects go one after the other, hers and pickup's: two such transactions would take the names of
 * their troubles in different orders, and a failure and its end would not see each other.
 */
export const EFFECTS = 'pickup.effects'

export type Notice = { title: string; text?: string }

/**
 * What Luci may do in a digest's turn beside judging: file and tell, for an item of that digest
 * which has not ended. Each is her verdict as well and the effect that pickup would have had, once
 * per item, under the item's own fingerprint; so no text in the digest can reach another ticket or
 * make a stream of alerts. Throws `forbidden` for what is not hers and `conflict` for what is over.
 */
export const createDigestActs = (
  db: Database,
  clock: Clock,
  triage: { repeatIntervalMs: number },
) => ({
  fileTicket: (turn: Turn, itemId: number | undefined, ticket: NewTicket): Promise<Ticket> =>
    db.transaction(async (tx) => {
      await lockName(tx, EFFECTS)
      const item = await itemOf(tx, clock, turn, itemId)
      const { title, body, priority, labels, due, status = 'todo', ...others } = ticket
      const [other] = Object.keys(others)
      if (other || !['todo', 'parked'].includes(status))
        throw new AppError(
          'forbidden',
          `A digest’s turn files work to do for its item: it sets no ${other ?? `status ${status}`}`,
        )
      const tickets = createTickets(tx, clock)
      const earlier = await doneFor(tx, item, 'ticket')
      if (earlier !== null) return tickets.get(earlier)
      const filed = await tickets.fileOnce(
        {
          title,
          ...(body ? { body } : {}),
          ...(priority ? { priority } : {}),
          ...(labels ? { labels } : {}),
          ...(due ? { due } : {}),
          status,
          fingerprint: fingerprintFor(item),
        },
        { actor: 'luci', source: 'luci' },
      )
      await note(tx, clock, turn, item, {
        effect: 'ticket',
        ref: filed.ticket.id,
        how: filed.status,
        reason: `She filed ${filed.ticket.key}`,
      })
      return filed.ticket
    }),

  notify: (turn: Turn, itemId: number | undefined, { title, text }: Notice): Promise<Alert> =>
    db.transaction(async (tx) => {
      await lockName(tx, EFFECTS)
      const item = await itemOf(tx, clock, turn, itemId)
      const alerts = createAlerts(tx, clock, triage)
      const earlier = await doneFor(tx, item, 'alert')
      if (earlier !== null) {
        // What is critical was told before she was asked: then this is her verdict alone.
        if (!(await isJudged(tx, item))) await judge(tx, clock, turn, item, 'alert', TOLD)
        return alerts.get(earlier)
      }
      const { alert, status } = await alerts.raise({
        fingerprint: fingerprintFor(item),
        // How urgent it is follows from the item, not from its text.
        severity: item.priority === 'critical' ? 'critical' : 'normal',
        kind: item.kind ?? 'note',
        title,
        text: `${text ?? ''}\nLuci tells you, about item ${item.id}.`.trim(),
        itemId: item.id,
      })
      await note(tx, clock, turn, item, {
        effect: 'alert',
        ref: alert.id,
        how: status,
        reason: TOLD,
      })
      return alert
    }),
})

export type DigestActs = ReturnType<typeof createDigestActs>

/** A digest carries text of programs, so it gives rights over its own items alone. */
export const itemOf = async (
  tx: Database,
  clock: Clock,
  turn: Turn,
  itemId: number | undefined,
): Promise<Item> => {
  if (itemId === undefined)
    throw new AppError('forbidden', 'Expected the item of the digest that this is for, got none', {
      hint: 'Name it: mc ticket create --item <id>, mc notify --item <id>, mc propose --item <id>, or "item" in a tool call.',
    })
  const item = await createInbox(tx, clock).find(itemId)
  if (!item || item.digestId === null || item.digestId !== turn.digestId)
    throw new AppError('forbidden', `Item ${itemId} is not in the digest of turn ${turn.id}`)
  if (item.status !== 'claimed')
    throw new AppError('conflict', `Item ${itemId} is settled as ${item.verdict} already`, {
      hint: 'More can be asked for by a verdict: mc inbox resolve, or inbox_resolve.',
    })
  return item
}

const doneFor = async (tx: Database, item: Item, effect: Effect): Promise<number | null> => {
  const row = await tx.kysely
    .selectFrom('effects')
    .select('ref')
    .where('item_id', '=', item.id)
    .where('effect', '=', effect)
    .executeTakeFirst()
  return row ? Number(row.ref) : null
}

const note = async (
  tx: Database,
  clock: Clock,
  turn: Turn,
  item: Item,
  { effect, ref, how, reason }: { effect: Effect; ref: number; how: string; reason: string },
): Promise<void> => {
  await tx.kysely
    .insertInto('effects')
    .values({ item_id: item.id, effect, ref: String(ref), at: isoTime(clock.now()), how })
    .execute()
  await judge(tx, clock, turn, item, effect, reason)
}

const judge = async (
  tx: Database,
  clock: Clock,
  turn: Turn,
  item: Item,
  effect: Effect,
  reason: string,
): Promise<void> => {
  const verdict = { item: item.id, action: both(effect, floorFor(item)), reason }
  await recordVerdicts(tx, clock, { by: 'luci', turnId: turn.id, verdicts: [verdict] })
}

const isJudged = async (tx: Database, item: Item): Promise<boolean> =>
  (await tx.kysely
    .selectFrom('verdicts')
    .select('item_id')
    .where('item_id', '=', item.id)
    .where('digest_id', '=', item.digestId ?? '')
    .executeTakeFirst()) !== undefined
