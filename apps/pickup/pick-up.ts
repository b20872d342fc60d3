import { parseTime } from '@mc/core/clock.ts'
import type { Item } from '@mc/core/inbox/item.ts'
import { readSwitch } from '@mc/core/settings/switches.ts'
import { historyOf } from '@mc/core/triage/history.ts'
import { activeRules } from '@mc/core/triage/rules-setting.ts'
import { withCounts } from '@mc/core/triage/streak.ts'
import { floorFor, listWith, triage } from '@mc/core/triage/triage.ts'
import { floodTrouble } from '@mc/core/triage/trouble.ts'
import { both } from '@mc/core/triage/verdict.ts'
import { sql } from 'kysely'
import type { Desk } from './desk.ts'
import { decideByFallback, followUp, performVerdicts } from './follow-up.ts'
import { type Asking, asking, share } from './luci-takes.ts'
import { attempt, type End, setAside, settleItems, tellCritical } from './settle.ts'

const BATCH = 50

/**
 * One round at the desk: what was said is done, what is new is decided by rules or put to Luci,
 * and a digest that is due is sent. Returns how many items it handled; 0 means that there is
 * nothing to do until the bell rings or `nextDueIn` is over. Safe to end at any line.
 */
export const pickUpOnce = async (desk: Desk): Promise<number> => {
  const mode = await pickupMode(desk)
  if (mode === 'off') return 0
  const whom = await asking(desk, mode)
  const performed = await performVerdicts(desk)
  await followUp(desk)
  const items = await desk.inbox.claim({
    countMax: BATCH,
    by: desk.workerId,
  })
  const asked = await decide(desk, items)
  await ask(desk, asked, whom)
  const sent = await tendDigest(desk, whom)
  return performed + items.length + sent
}

const pickupMode = (desk: Desk) => readSwitch(desk.settings, desk.switches, 'pickup')

/** Settles what rules decide. Returns the items of which no rule knows what to do. */
const decide = async (desk: Desk, items: readonly Item[]): Promise<Item[]> => {
  if (items.length === 0) return []
  const asked: Item[] = []
  const judged = await judgedByPerson(desk, items)
  const list = listWith(await activeRules(desk.settings))
  const ends: End[] = []
  for (const claimed of items) {
    if (judged.has(claimed.id)) continue
    const item = await withCounts(desk.db, claimed)
    const verdict = triage(item, await historyOf(desk.db, item, desk.clock.now()), list)
    if (verdict.action === 'ask') {
      asked.push(item)
      continue
    }
    const { action, rule, reason, trouble } = verdict
    const decision = { action, decidedBy: `rule:${rule}`, reason, ...(trouble ? { trouble } : {}) }
    if (rule === 'set_aside') await attempt(desk, item, () => setAside(desk, item, reason))
    else ends.push({ item, decision })
  }
  await settleItems(desk, [...ends, ...(await floodedIn(desk, ends))])
  return asked
}

/** Of a flood, what came before anybody knew and waits in the open digest: it counts with it. */
const floodedIn = async (desk: Desk, ends: readonly End[]): Promise<End[]> => {
  const floods = new Map(
    ends
      .filter(({ decision }) => decision.decidedBy === 'rule:flood')
      .map(({ item, decision }) => [floodTrouble(item).fingerprint, decision]),
  )
  const open = floods.size > 0 ? await desk.digests.open() : null
  if (!open) return []
  return (await desk.digests.waiting(open.id)).flatMap((item) => {
    const decision = floods.get(floodTrouble(item).fingerprint)
    if (!decision) return []
    const action = both(decision.action, floorFor(item))
    return [{ item, decision: { ...decision, action } }]
  })
}

/** What no rule knows is put to Luci, or decided by the fallback when she may not be asked. */
const ask = async (desk: Desk, items: readonly Item[], whom: Asking): Promise<void> => {
  if (items.length === 0) return
  const { asked, decided } = share(items, whom)
  await tellCritical(desk, asked)
  if (asked.length > 0) await desk.digests.join(asked, desk.triage)
  for (const { items: others, why } of decided) await decideByFallback(desk, others, why)
}

/** The open digest: kept, sent when due, or given up when Luci went away. Returns items moved. */
const tendDigest = async (desk: Desk, whom: Asking): Promise<number> => {
  const open = await desk.digests.open()
  if (!open) return 0
  if (!whom.luci) {
    const items = await desk.digests.waiting(open.id)
    const count = await decideByFallback(desk, items, whom.why)
    await desk.digests.settle(open.id)
    return count
  }
  if (Date.parse(open.dueAt) > desk.clock.now().getTime()) {
    await desk.digests.keep(open)
    return 0
  }
  const sealed = await desk.digests.seal(open.id, desk.triage.verdictTimeoutMs)
  if (!sealed) return 0
  desk.log.info(
    { digestId: open.id, turnId: sealed.turn.id, items: sealed.items.length },
    'Digest sent',
  )
  const left = await Promise.all(sealed.left.map((item) => desk.inbox.find(item.id)))
  await decideByFallback(
    desk,
    left.filter((item) => item !== null),
    'The digest had no room for it',
  )
  return sealed.items.length
}

/** A person's verdict came before the claim: `performVerdicts` does it in the next round. */
const judgedByPerson = async (desk: Desk, items: readonly Item[]): Promise<Set<number>> => {
  if (items.length === 0) return new Set()
  const rows = await desk.db.kysely
    .selectFrom('verdicts')
    .select('item_id')
    .where('performed_at', 'is', null)
    .where(
      'item_id',
      'in',
      items.map((item) => item.id),
    )
    .execute()
  return new Set(rows.map((row) => row.item_id))
}

/** Milliseconds until something comes due by itself, at most `most`. */
export const nextDueIn = async (desk: Desk, most: number): Promise<number> => {
  if ((await pickupMode(desk)) === 'off') return most
  const open = await desk.digests.open()
  const sealed = await desk.digests.sealed()
  const lease = await desk.db.kysely
    .selectFrom('orchestrator_inbox')
    .select((eb) => eb.fn.min('claim_expires_at').as('at'))
    .where(sql<boolean>`status = 'claimed'`)
    .executeTakeFirst()
  const due = [
    ...(open ? [Date.parse(open.dueAt)] : []),
    ...sealed.map((digest) => Date.parse(digest.verdictDeadline ?? digest.openedAt)),
    ...(lease?.at ? [parseTime(lease.at)?.getTime() ?? 0] : []),
  ]
  const now = desk.clock.now().getTime()
  return Math.max(MOMENT_MS, Math.min(most, ...due.map((at) => at - now)))
}

/** What is overdue and still there (a clock's rounding, another pickup) is not asked for without pause. */
const MOMENT_MS = 50
