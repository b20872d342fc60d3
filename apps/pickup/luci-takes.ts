import type { PickupMode, ProfileName } from '@mc/core/config.ts'
import { readSwitch } from '@mc/core/settings/switches.ts'
import { createWorkers } from '@mc/core/workers/workers.ts'
import type { Desk } from './desk.ts'

/** What decides the items that no rule knows. */
export type Asking = { luci: true } | { luci: false; why: string }

/**
 * Whether Luci can be asked now, from what the database says. A plain REPL cannot run `mc`; and
 * without the api nobody types.
 */
export const asking = async (desk: Desk, mode: PickupMode): Promise<Asking> => {
  if (mode === 'rules') return { luci: false, why: 'MC_PICKUP is rules' }
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
  return away.includes(doing) ? { luci: false, why: `Luci is ${doing}` } : { luci: true }
}

const away = ['unavailable', 'offline', 'stopped']
