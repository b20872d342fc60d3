import type { PickupMode, ProfileName } from '@mc/core/config.ts'
import type { Breaker } from '@mc/core/digest/digests.ts'
import { orderIn } from '@mc/core/digest/orders.ts'
import type { Item } from '@mc/core/inbox/item.ts'
import { readSwitch } from '@mc/core/settings/switches.ts'
import { createWorkers } from '@mc/core/workers/workers.ts'
import type { Desk } from './desk.ts'

/** What decides the items that no rule knows. `trial`: she has to prove first that she answers. */
export type Asking = { luci: true; trial: boolean } | { luci: false; why: string }

/**
 * Whether Luci can be asked now, from what the database says. A plain REPL cannot run `mc`; and
 * without the api nobody types.
 */
export const asking = async (desk: Desk, mode: PickupMode): Promise<Asking> => {
  if (mode === 'rules') return { luci: false, why: 'MC_PICKUP is rules' }
  const held = await desk.held()
  if (held) return { luci: false, why: held.reason }
  if ((await readSwitch(desk.settings, desk.switches, 'chat')) === 'off')
    return { luci: false, why: 'MC_CHAT is off' }
  if ((await desk.settings.get<string>('luci.wanted'))?.value === 'stopped')
    return { luci: false, why: 'Luci is stopped' }
  const profile = (await desk.settings.get<ProfileName>('luci.profile'))?.value ?? desk.profile
  if (profile === 'generic') return { luci: false, why: 'The generic profile takes no digests' }
  const health = await createWorkers(desk.db, desk.clock).health()
  const api = health.find((worker) => worker.name === 'api')
  if (api?.state !== 'alive') return { luci: false, why: 'Luci is down: the api does not run' }
  // The api beats with Luci's state.
  const doing = api.worker?.doing ?? ''
  return away.includes(doing)
    ? { luci: false, why: `Luci is ${doing}` }
    : askingAfter(await desk.digests.breaker(), (await desk.digests.sealed()).length > 0)
}

const away = ['unavailable', 'offline', 'stopped']

/** Whether she is asked after what became of the last digests. Pure. */
export const askingAfter = (breaker: Breaker, isAsked: boolean): Asking => {
  if (breaker.state === 'closed') return { luci: true, trial: false }
  const why = `Luci let the last ${breaker.silent} digests go by`
  if (breaker.state === 'open') return { luci: false, why }
  return isAsked ? { luci: false, why: `${why}; another is on trial` } : { luci: true, trial: true }
}

export type Share = { asked: Item[]; decided: { items: Item[]; why: string }[] }

/**
 * What of the undecided is put to Luci, and what is decided without her: all when she cannot be
 * asked, what is critical while she is on trial, and always a text that speaks to her itself. Pure.
 */
export const share = (items: readonly Item[], whom: Asking): Share => {
  if (!whom.luci) return { asked: [], decided: [{ items: [...items], why: whom.why }] }
  const why = (item: Item): string | null => {
    const order = orderIn(item)
    if (order) return `Its text speaks to whoever judges it ("${order}"), so Luci was not asked`
    return whom.trial && item.priority === 'critical'
      ? 'Luci is on trial, and it is critical'
      : null
  }
  const decided = items.map((item) => ({ item, why: why(item) }))
  return {
    asked: decided.filter((one) => one.why === null).map(({ item }) => item),
    decided: decided.flatMap((one) => (one.why ? [{ items: [one.item], why: one.why }] : [])),
  }
}
