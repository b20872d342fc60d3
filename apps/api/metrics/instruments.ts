import type { Luci } from '@mc/core/luci/luci.ts'
import { luciStates } from '@mc/core/luci/status.ts'
import { isOpenTurn, type Turn } from '@mc/core/turns/turn.ts'
import { Counter, Gauge, Histogram, Registry } from 'prom-client'

/**
 * Everything that is measured, by its name. Labels come from lists of ours, never from a text
 * that came from outside, so that their number stays small.
 */
export const createInstruments = () => {
  const register = new Registry()
  const registers = [register]
  const gauge = <T extends string>(name: string, help: string, labelNames: readonly T[] = []) =>
    new Gauge({ name: `mc_${name}`, help, labelNames, registers })
  const counter = <T extends string>(name: string, help: string, labelNames: readonly T[] = []) =>
    new Counter({ name: `mc_${name}`, help, labelNames, registers })
  const histogram = <T extends string>(
    name: string,
    help: string,
    labelNames: readonly T[],
    buckets: number[],
  ) => new Histogram({ name: `mc_${name}`, help, labelNames, buckets, registers })
  return {
    register,
    httpSeconds: histogram(
      'http_request_seconds',
      'Time to answer a request, by the route’s pattern; streams are not counted',
      ['method', 'route', 'status'],
      [0.005, 0.02, 0.1, 0.5, 2, 10],
    ),
    turnSeconds: histogram(
      'turn_seconds',
      'How long turns took: waiting to be typed, until she had it, until her reply was whole',
      ['stage'],
      [0.1, 0.5, 2, 10, 60, 300, 1_800],
    ),
    turnsEnded: counter('turns_ended_total', 'Turns that ended, by how', ['origin', 'state']),
    turnsOpen: gauge('turns_open', 'Turns under way, each state counted to 1,000', ['state']),
    inboxItems: gauge('inbox_items', 'Items that wait, each count to 10,000', [
      'status',
      'priority',
    ]),
    inboxOldest: gauge(
      'inbox_oldest_seconds',
      'Age of the oldest item that waits to be claimed; 0 when none does',
      ['priority'],
    ),
    itemsSettled: counter('items_settled_total', 'Items that were settled, by verdict', [
      'verdict',
    ]),
    digests: gauge('digests', 'Digests that are collected (open) or with Luci (sealed)', ['state']),
    tokens: counter('tokens_total', 'Tokens that models read and wrote, as programs told', [
      'kind',
      'direction',
    ]),
    usd: counter('cost_usd_total', 'US dollars, of what has a price', ['kind']),
    digestsSent: counter('digests_sent_total', 'Digests sent to Luci'),
    runs: counter('runs_total', 'Runs that ended, by how', ['status']),
    runSeconds: histogram(
      'run_seconds',
      'How long runs took',
      ['status'],
      [0.1, 1, 10, 60, 300, 1_800, 7_200],
    ),
    alerts: gauge('alerts', 'Alerts that are not over, each state counted to 1,000', ['state']),
    channelFailures: gauge('channel_failures', 'Tries in a row that did not get through', [
      'channel',
    ]),
    channelBroken: gauge('channel_broken', '1 while the channel waits for a person to mend it', [
      'channel',
    ]),
    workerUp: gauge('worker_up', '1 while the process beats', ['worker']),
    beatAge: gauge('worker_beat_age_seconds', 'Since its last beat', ['worker']),
    luciState: gauge('luci_state', '1 for the state that Luci is in', ['state']),
    ready: gauge('ready', '1 for what works, as /readyz says it', ['check']),
  }
}

export type Instruments = ReturnType<typeof createInstruments>

/** Turns are measured as they end here, where Luci is driven. Returns how to stop. */
export const measureTurns = (
  luci: Luci,
  { turnSeconds, turnsEnded }: Pick<Instruments, 'turnSeconds' | 'turnsEnded'>,
): (() => void) => {
  let last: string[] = []
  return luci.on((event) => {
    if (event.type !== 'turn' || isOpenTurn(event.turn.state)) return
    const { turn } = event
    // Its end may be told more than once.
    if (last.includes(turn.id)) return
    last = [...last.slice(-99), turn.id]
    turnsEnded.inc({ origin: turn.origin, state: turn.state })
    for (const [stage, seconds] of stagesOf(turn)) turnSeconds.observe({ stage }, seconds)
  })
}

const stagesOf = (turn: Turn): ['waiting' | 'received' | 'answered', number][] => {
  const seconds = (from: string | null, to: string | null) =>
    from && to ? (Date.parse(to) - Date.parse(from)) / 1_000 : null
  const stages = [
    ['waiting', seconds(turn.createdAt, turn.typedAt)],
    ['received', seconds(turn.typedAt, turn.receivedAt)],
    ['answered', turn.state === 'answered' ? seconds(turn.receivedAt, turn.endedAt) : null],
  ] as const
  return stages.flatMap(([stage, took]) => (took === null || took < 0 ? [] : [[stage, took]]))
}

export const measureLuci = (luci: Luci, { luciState }: Pick<Instruments, 'luciState'>): void => {
  const now = luci.status().state
  for (const state of luciStates) luciState.set({ state }, state === now ? 1 : 0)
}
