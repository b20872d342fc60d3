import { type Clock, isoTime } from '../clock.ts'
import type { ProfileName } from '../config.ts'
import type { Prompt, Turn } from '../turns/turn.ts'

/** What is wrong, in words, and what a person can do about it (null: no more than that says). */
export type Trouble = { problem: string; hint: string | null }

export const luciStates = [
  'starting',
  'idle',
  'working',
  'needs_you',
  'stuck',
  'stopped',
  'offline',
  'unavailable',
] as const
export type LuciState = (typeof luciStates)[number]

export type LuciStatus = {
  state: LuciState
  /** ISO time since which it is so. */
  since: string
  profile: ProfileName
  turnId: string | null
  /** What she asks, in a turn or without one (at her first start, say); null when nothing. */
  asks: Prompt | null
  queued: number
  /** What is wrong, or why a message waits, in words; null while all is well. */
  problem: string | null
  hint: string | null
  tmuxSocket: string
  attachCommand: string
  panePid: number | null
  /** Agent programs on the PATH that could be attached. */
  found: { profile: ProfileName; command: string }[]
}

export type LuciEvent =
  | { type: 'turn'; turn: Turn }
  | { type: 'text'; turnId: string; from: number; text: string }
  | { type: 'status'; status: LuciStatus }

/** How the process is, as the session knows it. */
export type SessionState = 'unavailable' | 'stopped' | 'offline' | 'starting' | 'up'

/** What a person should see, from what the session and the turn in hand say. */
export const luciState = (
  session: SessionState,
  driving: {
    ready: boolean
    begun: boolean
    turn: Turn | null
    asks: Prompt | null
    stuck: boolean
    held: boolean
  },
): LuciState => {
  const { ready, begun, turn, stuck, held } = driving
  if (session !== 'up') return session
  if (driving.asks) return 'needs_you'
  if (stuck) return 'stuck'
  if (turn) return 'working'
  if (held) return 'needs_you'
  if (ready) return 'idle'
  return begun ? 'working' : 'starting'
}

/** Keeps since when it is so, and tells when anything of it changed. The first look tells nobody. */
export const watchStatus = (
  clock: Clock,
  emit: (event: LuciEvent) => void,
  look: () => Omit<LuciStatus, 'since'>,
) => {
  let last: LuciStatus | null = null
  const now = (): LuciStatus => {
    const before = last
    const seen = look()
    const since = before?.state === seen.state ? before.since : isoTime(clock.now())
    last = { ...seen, since }
    if (before && JSON.stringify(before) !== JSON.stringify(last))
      emit({ type: 'status', status: last })
    return last
  }
  return { now, refresh: (): void => void now() }
}
