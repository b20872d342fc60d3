import type { Database } from '@mc/db/database.ts'
import { lockName } from '@mc/db/lock.ts'
import { type Clock, isoTime } from '../clock.ts'
import { plainText } from '../redaction/plain.ts'
import { createSettings, type Settings } from '../settings/settings.ts'

/** Who wrote and may not: enough to put yourself on the list. */
export type Stranger = { userId: number; chatId: string; at: string }

/** off: not asked for. nobody: heard, but nobody may act. waiting: another process listens. */
export const inboundStates = ['off', 'nobody', 'listening', 'waiting', 'problem'] as const

/** How listening goes, as status and `mc doctor` tell it. */
export type InboundState = {
  state: (typeof inboundStates)[number]
  problem: string | null
  strangers: Stranger[]
}

export const inboundOff: InboundState = { state: 'off', problem: null, strangers: [] }

const STATE = 'telegram.inbound'
const STRANGERS = 'telegram.strangers'
const LEASE = 'telegram.lease'
const STRANGERS_MAX = 5
/**
 * After a week without updates Telegram begins to count anew anywhere: an older place says nothing.
 */
const OFFSET_COUNTS_MS = 6 * 86_400_000
/** Held by who listens. The same api under another pid takes it over at once. */
const LEASE_MS = 3 * 60_000

/** What must be remembered to hear every update once: the place, who listens, who was refused. */
export const createInbound = (db: Database, clock: Clock, botId: string) => {
  const settings = (tx: Database = db) => createSettings(tx, clock)
  /** Another bot counts its updates by itself. */
  const place = `telegram.offset.${botId}`

  /** The first update not yet handled; null where there is no telling. */
  const offset = async (tx: Database = db): Promise<number | null> => {
    const stored = await settings(tx).get<number>(place)
    if (!stored) return null
    const age = clock.now().getTime() - Date.parse(stored.setAt)
    return age < OFFSET_COUNTS_MS ? stored.value : null
  }

  return {
    offset: () => offset(),

    /** Notes in the transaction of what it asked for that an update is handled. False: it was. */
    async handled(tx: Database, updateId: number): Promise<boolean> {
      await lockName(tx, place)
      const next = await offset(tx)
      if (next !== null && updateId < next) return false
      await settings(tx).set(place, updateId + 1, 'api')
      return true
    },

    /** Listening is this holder's alone. False while another's lease lasts. */
    takeLease: (holder: string): Promise<boolean> =>
      db.transaction(async (tx) => {
        await lockName(tx, LEASE)
        const now = clock.now()
        const held = await settings(tx).get<{ holder: string; until: string }>(LEASE)
        if (held && held.value.holder !== holder && held.value.until > isoTime(now)) return false
        const until = isoTime(new Date(now.getTime() + LEASE_MS))
        await settings(tx).set(LEASE, { holder, until }, 'api')
        return true
      }),

    releaseLease: (holder: string): Promise<void> =>
      db.transaction(async (tx) => {
        await lockName(tx, LEASE)
        const held = await settings(tx).get<{ holder: string }>(LEASE)
        if (held?.value.holder === holder) await settings(tx).unset(LEASE)
      }),

    async is(state: InboundState['state'], problem: string | null = null): Promise<void> {
      const before = (await settings().get<{ state: string; problem: string | null }>(STATE))?.value
      if (before?.state === state && before.problem === problem) return
      await settings().set(STATE, { state, problem: problem && plainText(problem) }, 'api')
    },

    /** The latest few, each once. */
    async refused({ userId, chatId }: { userId: number; chatId: string }): Promise<void> {
      const before = (await settings().get<Stranger[]>(STRANGERS))?.value ?? []
      const others = before.filter((one) => one.userId !== userId || one.chatId !== chatId)
      const latest = [{ userId, chatId, at: isoTime(clock.now()) }, ...others]
      await settings().set(STRANGERS, latest.slice(0, STRANGERS_MAX), 'api')
    },
  }
}

export type Inbound = ReturnType<typeof createInbound>

/**
 * Who may talk to the bot is known now; what an api before this one left says how it was then.
 * `users`: how many may.
 */
export const inboundFor = (left: InboundState, users: number): InboundState => {
  if (left.state !== 'nobody' && left.state !== 'listening') return left
  if (users === 0) return { ...left, state: 'nobody' }
  // Not heard yet, since it was allowed.
  return left.state === 'nobody' ? { ...left, state: 'off' } : left
}

/** As the process that listens left it. */
export const readInbound = async (settings: Settings): Promise<InboundState> => {
  const [state, strangers] = await Promise.all([
    settings.get<Pick<InboundState, 'state' | 'problem'>>(STATE),
    settings.get<Stranger[]>(STRANGERS),
  ])
  return { ...inboundOff, ...state?.value, strangers: strangers?.value ?? [] }
}
