import type { Database } from '@mc/db/database.ts'
import type { Alert } from '../alerts/alert.ts'
import { toAlert } from '../alerts/alert.ts'
import { createDeliveries, type Delivery } from '../alerts/deliveries.ts'
import { type AlertEvent, eventsOf } from '../alerts/events.ts'
import type { Clock } from '../clock.ts'
import { type Correction, createCorrections } from '../corrections/corrections.ts'
import { type Digest, findDigest } from '../digest/rows.ts'
import { toVerdict, type Verdict } from '../digest/verdicts.ts'
import { type Item, toItem } from '../inbox/item.ts'

export type TurnFact = {
  id: string
  state: string
  createdAt: string
  typedAt: string | null
  endedAt: string | null
  profile: string | null
}
export type EffectFact = {
  effect: string
  ref: string
  at: string
  how: string | null
}
export type TicketFact = { id: number; title: string; status: string }
export type AlertFact = Alert & { events: AlertEvent[]; deliveries: Delivery[] }

/** All that is known of an item's way, as rows have it. */
export type Facts = {
  item: Item
  /** How often a webhook told the same occurrence; 1 when it did once or was no webhook. */
  told: { times: number; lastAt: string } | null
  digest: Digest | null
  turns: TurnFact[]
  verdicts: Verdict[]
  effects: EffectFact[]
  tickets: TicketFact[]
  alerts: AlertFact[]
  corrections: Correction[]
}

/** A few of each are the story; a flood is not. */
const ALERTS_MAX = 5
const TURNS_MAX = 10

/** Null when there is no such item. */
export const gatherFacts = async (
  db: Database,
  clock: Clock,
  id: number,
): Promise<Facts | null> => {
  const k = db.kysely
  const row = await k
    .selectFrom('orchestrator_inbox')
    .selectAll()
    .where('id', '=', id)
    .executeTakeFirst()
  if (!row) return null
  const item = toItem(row)
  const [verdicts, effects, corrections, told] = await Promise.all([
    k.selectFrom('verdicts').selectAll().where('item_id', '=', id).orderBy('at').execute(),
    k.selectFrom('effects').selectAll().where('item_id', '=', id).orderBy('at').execute(),
    createCorrections(db, clock).of(id),
    k
      .selectFrom('webhook_events')
      .select(['times', 'last_at'])
      .where('item_id', '=', id)
      .executeTakeFirst(),
  ])
  const digestId = item.digestId ?? verdicts.find((one) => one.digest_id !== '')?.digest_id ?? null
  const [digest, turns, tickets, alerts] = await Promise.all([
    digestId ? findDigest(db, digestId) : null,
    digestId ? turnsOf(db, digestId) : [],
    ticketsOf(db, effects),
    alertsOf(db, clock, id, effects),
  ])
  return {
    item,
    told: told ? { times: told.times, lastAt: told.last_at } : null,
    digest,
    turns,
    verdicts: verdicts.map(toVerdict),
    effects: effects.map(({ effect, ref, at, how }) => ({ effect, ref, at, how: how ?? null })),
    tickets,
    alerts,
    corrections,
  }
}

export const effectsFor = async (
  db: Database,
  ids: readonly number[],
): Promise<(EffectFact & { itemId: number })[]> => {
  if (ids.length === 0) return []
  const rows = await db.kysely
    .selectFrom('effects')
    .selectAll()
    .where('item_id', 'in', [...ids])
    .execute()
  return rows.map((row) => ({
    itemId: row.item_id,
    effect: row.effect,
    ref: row.ref,
    at: row.at,
    how: row.how ?? null,
  }))
}

const turnsOf = async (db: Database, digestId: string): Promise<TurnFact[]> => {
  const rows = await db.kysely
    .selectFrom('turns')
    .select(['id', 'state', 'created_at', 'typed_at', 'ended_at', 'profile'])
    .where('digest_id', '=', digestId)
    .orderBy('seq')
    .limit(TURNS_MAX)
    .execute()
  return rows.map((row) => ({
    id: row.id,
    state: row.state,
    createdAt: row.created_at,
    typedAt: row.typed_at,
    endedAt: row.ended_at,
    profile: row.profile,
  }))
}

const idsOf = (effects: readonly { effect: string; ref: string }[], effect: string): number[] =>
  effects.filter((one) => one.effect === effect).map((one) => Number(one.ref))

const ticketsOf = async (
  db: Database,
  effects: readonly { effect: string; ref: string }[],
): Promise<TicketFact[]> => {
  const ids = idsOf(effects, 'ticket')
  if (ids.length === 0) return []
  return db.kysely
    .selectFrom('tickets')
    .select(['id', 'title', 'status'])
    .where('id', 'in', ids)
    .execute()
}

/** Those it raised or was counted on, and those that tell of it without an effect noted. */
const alertsOf = async (
  db: Database,
  clock: Clock,
  itemId: number,
  effects: readonly { effect: string; ref: string }[],
): Promise<AlertFact[]> => {
  const own = await db.kysely
    .selectFrom('alerts')
    .selectAll()
    .where('item_id', '=', itemId)
    .orderBy('id')
    .limit(ALERTS_MAX)
    .execute()
  const others = idsOf(effects, 'alert').filter((id) => !own.some((alert) => alert.id === id))
  const counted =
    others.length === 0
      ? []
      : await db.kysely.selectFrom('alerts').selectAll().where('id', 'in', others).execute()
  const deliveries = createDeliveries(db, clock)
  return Promise.all(
    [...own, ...counted].map(async (row) => ({
      ...toAlert(row),
      events: await eventsOf(db, row.id),
      deliveries: await deliveries.of(row.id),
    })),
  )
}
