import type { PickupMode } from '../config.ts'
import type { LuciState } from '../luci/status.ts'
import type { WorkerHealth } from './workers.ts'

/** What is looked at, in the order it is told. */
export const checks = [
  'database',
  'migrations',
  'workers',
  'inbox',
  'luci',
  'channels',
  'scheduler',
  'pickup',
  'rules',
  'breaker',
] as const
export type Check = (typeof checks)[number]

/** The whole desk, as far as "all clear" is about it. Ages are in milliseconds. */
export type DeskLook = {
  /** Why it takes no writes; null while it does. */
  databaseProblem: string | null
  /** Migrations that this code has and the database has not. */
  migrationsMissing: readonly string[]
  workers: readonly WorkerHealth[]
  inbox: {
    /** Of the oldest that waits to be claimed: urgent and normal ones, and low ones. Null: none waits. */
    oldestAgeMs: number | null
    oldestLowAgeMs: number | null
    /** Since the oldest lease ran out that nobody took back. */
    lapsedMs: number | null
  }
  /** Null when it is not known, because the api does not beat. */
  luci: { state: LuciState; wanted: boolean; problem: string | null } | null
  /** Those of alerts that are configured; `label` as a person calls it. */
  channels: readonly { label: string; problem: string | null; failures: number }[]
  /** Why all tasks are paused together; null while they are not. */
  pausedWords: string | null
  pickup: PickupMode
  /** What is wrong with the rules file; null when nothing is. */
  rulesWords: string | null
  /** Why Luci is not asked any more; null while the breaker is closed. */
  breakerWords: string | null
}

/**
 * `fault`: something does not work; `chosen`: a person switched it off, or wrote what is not taken. Neither is "all clear",
 * but only a fault makes the desk unready and stops the pings.
 */
export type Unclear = { check: Check; kind: 'fault' | 'chosen'; words: string }

/** Urgent and normal items are claimed within moments; so long means that nobody drains. */
const WAITED_MS_MAX = 10 * 60_000
/** A low item may wait an hour behind others. */
const LOW_WAITED_MS_MAX = 90 * 60_000
const LAPSED_MS_MAX = 5 * 60_000
/** One lost message is the network's way; three in a row (14 s of trying) are not. */
const FAILURES_MAX = 2

/** All that is not clear, in the order of `checks`; empty is "all clear". */
export const unclear = (look: DeskLook): Unclear[] => {
  const found: Unclear[] = []
  const add = (check: Check, kind: Unclear['kind'], words: string) =>
    found.push({ check, kind, words })

  if (look.databaseProblem) add('database', 'fault', look.databaseProblem)
  if (look.migrationsMissing.length > 0)
    add('migrations', 'fault', `The database lacks ${look.migrationsMissing.join(', ')}`)
  const silent = look.workers.filter((one) => one.state !== 'alive')
  if (silent.length > 0)
    add(
      'workers',
      'fault',
      `${silent.map(({ name }) => name).join(' and ')} ${silent.length > 1 ? 'are' : 'is'} not running`,
    )
  inboxWords(look, add)
  luciWords(look, add)
  channelWords(look, add)
  if (look.pausedWords !== null) add('scheduler', 'chosen', look.pausedWords)
  if (look.pickup === 'off')
    add('pickup', 'chosen', 'Pickup is switched off, so nobody reads the inbox')
  if (look.rulesWords !== null) add('rules', 'chosen', look.rulesWords)
  if (look.breakerWords !== null) add('breaker', 'fault', look.breakerWords)
  return found
}

type Add = (check: Check, kind: Unclear['kind'], words: string) => void

const inboxWords = ({ inbox, pickup }: DeskLook, add: Add): void => {
  if (pickup === 'off') return
  const { oldestAgeMs, oldestLowAgeMs, lapsedMs } = inbox
  const waited =
    oldestAgeMs !== null && oldestAgeMs > WAITED_MS_MAX
      ? oldestAgeMs
      : oldestLowAgeMs !== null && oldestLowAgeMs > LOW_WAITED_MS_MAX
        ? oldestLowAgeMs
        : null
  if (waited !== null)
    add('inbox', 'fault', `The inbox is stuck: an item has waited ${minutes(waited)}`)
  else if (lapsedMs !== null && lapsedMs > LAPSED_MS_MAX)
    add('inbox', 'fault', `The inbox is stuck: an item was given up ${minutes(lapsedMs)} ago`)
}

const luciWords = ({ luci }: DeskLook, add: Add): void => {
  if (!luci?.wanted) return
  const { state, problem } = luci
  if (state === 'unavailable' || state === 'offline' || state === 'stuck')
    add('luci', 'fault', `Luci is ${state}${problem ? `: ${problem}` : ''}`)
}

/** In one: a check says no or yes once. */
const channelWords = ({ channels }: DeskLook, add: Add): void => {
  const words = channels.flatMap(({ label, problem, failures }) =>
    problem !== null
      ? [`${label} refuses our messages: ${problem}`]
      : failures > FAILURES_MAX
        ? [`${label} was not reached ${failures} times in a row`]
        : [],
  )
  if (words.length > 0) add('channels', 'fault', words.join('; '))
}

const minutes = (ms: number): string => `${Math.floor(ms / 60_000)} minutes`
