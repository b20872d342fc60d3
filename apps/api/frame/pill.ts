import { sentences } from '@mc/core/client/sentences.ts'
import type { LuciStatus } from '@mc/core/luci/luci.ts'
import type { Held } from '@mc/core/trust/held.ts'
import { stopwatch } from './format.ts'
import type { IconName } from './icons.ts'

export type Tone = 'good' | 'busy' | 'warn' | 'bad' | 'quiet'

export type Pill = {
  text: string
  icon: IconName
  tone: Tone
  /** Set while the time it has taken is shown. */
  since: string | null
  elapsed: string | null
  title: string
}

const faces: Record<LuciStatus['state'], { text: string; icon: IconName; tone: Tone }> = {
  starting: { text: 'starting', icon: 'dots', tone: 'busy' },
  idle: { text: 'idle', icon: 'check', tone: 'good' },
  working: { text: 'working', icon: 'dots', tone: 'busy' },
  needs_you: { text: 'needs you', icon: 'hand', tone: 'warn' },
  stuck: { text: 'stuck', icon: 'hand', tone: 'bad' },
  stopped: { text: 'stopped', icon: 'stop', tone: 'quiet' },
  offline: { text: 'offline', icon: 'off', tone: 'bad' },
  unavailable: { text: 'unavailable', icon: 'off', tone: 'bad' },
}

const pausedFace = (state: LuciStatus['state']): (typeof faces)[LuciStatus['state']] =>
  state === 'idle'
    ? { text: 'paused', icon: 'pause', tone: 'warn' }
    : { ...faces[state], text: `paused, ${faces[state].text}` }

/** Luci's state in words, a sign and a colour; never by colour alone. Paused, it says so first. */
export const presentPill = (status: LuciStatus, now: Date, held: Held | null = null): Pill => {
  const face = held?.by === 'pause' ? pausedFace(status.state) : faces[status.state]
  const since = status.state === 'working' ? status.since : null
  return {
    ...face,
    since,
    elapsed: since ? stopwatch(since, now) : null,
    title: sentences(status.problem, status.hint) || `Profile: ${status.profile}`,
  }
}
