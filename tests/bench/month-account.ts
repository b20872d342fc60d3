import type { CountTokens } from '@mc/core/digest/tokens.ts'
import type { VerdictAction } from '@mc/core/inbox/item.ts'
import { effectsOf } from '@mc/core/triage/verdict.ts'
import type { Database } from '@mc/db/database.ts'
import type { Played } from './month.ts'

export type Account = {
  items: number
  byKind: Record<string, number>
  byDecider: Record<string, number>
  byVerdict: Record<string, number>
  digests: number
  turns: number
  tokens: { total: number; most: number }
  alerts: number
  alertKinds: Record<string, number>
  /** Who decided on the items that alerted. */
  alertedBy: Record<string, number>
  alertStates: Record<string, number>
  messages: number
  tickets: number
  /** What does not add up; empty when all does. */
  wrong: string[]
}

const tally = (values: readonly (string | null)[]): Record<string, number> => {
  const counts: Record<string, number> = {}
  for (const value of values) counts[value ?? 'none'] = (counts[value ?? 'none'] ?? 0) + 1
  return Object.fromEntries(Object.entries(counts).sort((a, b) => b[1] - a[1]))
}

/** Each item against what was decided, done and told of it. */
export const accountFor = async (
  db: Database,
  { told }: Played,
  countTokens: CountTokens,
): Promise<Account> => {
  const { kysely } = db
  const items = await kysely.selectFrom('orchestrator_inbox').selectAll().orderBy('id').execute()
  const effects = await kysely.selectFrom('effects').selectAll().execute()
  const alerts = await kysely.selectFrom('alerts').selectAll().orderBy('id').execute()
  const tickets = await kysely.selectFrom('tickets').select(['id', 'fingerprint']).execute()
  const digests = await kysely.selectFrom('digests').selectAll().execute()
  const turns = await kysely.selectFrom('turns').selectAll().execute()
  const runs = await kysely.selectFrom('runs').select(['id', 'ended_at']).execute()
  const wrong: string[] = []
  const say = (id: number | string, what: string) => void wrong.push(`${id}: ${what}`)
  const alertIds = new Set(alerts.map(({ id }) => id))
  const ticketIds = new Set(tickets.map(({ id }) => id))
  const done = new Map<number, Set<string>>()
  for (const { item_id, effect, ref } of effects) {
    const of = done.get(item_id) ?? new Set()
    if (of.has(effect)) say(item_id, `${effect} was done twice`)
    done.set(item_id, of.add(effect))
    if (!(effect === 'ticket' ? ticketIds : alertIds).has(Number(ref)))
      say(item_id, `its ${effect} ${ref} is not there`)
  }
  for (const item of items) {
    if (item.status !== 'processed' && item.status !== 'ignored') say(item.id, `is ${item.status}`)
    if (!item.verdict || !item.decided_by || !item.reason || !item.processed_at)
      say(item.id, 'nobody says who decided it, when and why')
    if ((item.verdict === 'silent') !== (item.status === 'ignored'))
      say(item.id, `is ${item.status} with the verdict ${item.verdict}`)
    if ((item.processed_at ?? '') < (item.created_at ?? '')) say(item.id, 'ended before it came')
    const has = done.get(item.id) ?? new Set()
    for (const effect of effectsOf((item.verdict ?? 'silent') as VerdictAction))
      if (!has.has(effect)) say(item.id, `${item.verdict} by ${item.decided_by}, but no ${effect}`)
    if (item.priority === 'critical' && !has.has('alert')) say(item.id, 'is critical and untold')
  }
  const posted = new Set(items.map(({ run_id }) => run_id))
  for (const run of runs) {
    if (!run.ended_at) say(run.id, 'this run has not ended')
    if (!posted.has(run.id)) say(run.id, 'this run is not in the inbox')
  }
  for (const digest of digests)
    if (digest.state !== 'settled') say(digest.id, `this digest is ${digest.state}`)
  for (const alert of alerts)
    if (alert.state === 'queued' || alert.state === 'sending')
      say(`#${alert.id}`, `this alert is still ${alert.state}`)
  const open = tally(alerts.filter(({ sent_at }) => sent_at).map(({ channel_ref }) => channel_ref))
  for (const ref of Object.keys(open))
    if (Number(ref) > told.length) say(ref, 'no such message was sent')
  const texts = turns.filter(({ origin }) => origin === 'digest').map(({ text }) => text)
  const tokens = await countTokens(texts)
  return {
    items: items.length,
    byKind: tally(items.map(({ kind }) => kind)),
    byDecider: tally(items.map(({ decided_by }) => decided_by)),
    byVerdict: tally(items.map(({ verdict }) => verdict)),
    digests: digests.length,
    turns: texts.length,
    tokens: { total: tokens.reduce((sum, one) => sum + one, 0), most: Math.max(0, ...tokens) },
    alerts: alerts.length,
    alertKinds: tally(alerts.map(({ kind }) => kind)),
    alertedBy: tally(
      items
        .filter(({ verdict }) => verdict?.startsWith('alert'))
        .map(({ decided_by }) => decided_by),
    ),
    alertStates: tally(alerts.map(({ state }) => state)),
    messages: told.length,
    tickets: tickets.length,
    wrong,
  }
}
