import { sentences } from '@mc/core/client/sentences.ts'
import type { LuciStatus } from '@mc/core/luci/luci.ts'
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

/** Luci's state in words, a sign and a colour; never by colour alone. */
export const presentPill = (status: LuciStatus, now: Date): Pill => {
  const face = faces[status.state]
  const since = status.state === 'working' ? status.since : null
  return {
    ...face,
    since,
    elapsed: since ? stopwatch(since, now) : null,
    title: sentences(status.problem, status.hint) || `Profile: ${status.profile}`,
  }
}
