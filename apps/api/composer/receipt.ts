import { usageText } from '@mc/core/costs/words.ts'
import { isOpenTurn, type Turn, type TurnState } from '@mc/core/turns/turn.ts'
import { duration } from '../frame/format.ts'
import type { IconName } from '../frame/icons.ts'
import type { Tone } from '../frame/pill.ts'

export type Receipt = {
  text: string
  icon: IconName
  tone: Tone
  /** `in 4.2 s`; null while it goes on or when it was never typed. */
  took: string | null
  /** Since when Luci has it, while she has. */
  since: string | null
  steps: { label: string; at: string }[]
  /** What the agent itself gave as proof, and what it cost, by name. */
  evidence: { label: string; value: string }[]
}

const faces: Record<TurnState, { text: string; icon: IconName; tone: Tone }> = {
  queued: { text: 'Waiting for its turn', icon: 'clock', tone: 'quiet' },
  typed: { text: 'Typed, not yet confirmed', icon: 'dots', tone: 'busy' },
  received: { text: 'Received by Luci', icon: 'check', tone: 'busy' },
  answering: { text: 'Luci is answering', icon: 'dots', tone: 'busy' },
  answered: { text: 'Answered', icon: 'check', tone: 'good' },
  blocked: { text: 'Luci asks you something', icon: 'hand', tone: 'warn' },
  interrupted: { text: 'Interrupted', icon: 'stop', tone: 'quiet' },
  failed: { text: 'Failed', icon: 'cross', tone: 'bad' },
  lost: { text: 'Lost: not answered, and not sent again', icon: 'cross', tone: 'bad' },
  unknown: {
    text: 'Unknown: nobody can say how it went; not sent again',
    icon: 'question',
    tone: 'warn',
  },
}

/** Evidence is the machine's; a long one is cut. */
const VALUE_CHARS_MAX = 160

/** How a turn stands, how it came there, and what proves it. */
export const presentReceipt = (turn: Turn): Receipt => {
  const { typedAt, endedAt } = turn
  const open = isOpenTurn(turn.state)
  const used = usageText(turn)
  return {
    ...faces[turn.state],
    took:
      !open && typedAt && endedAt
        ? `in ${duration(Math.max(0, Date.parse(endedAt) - Date.parse(typedAt)))}`
        : null,
    since: open && turn.state !== 'blocked' ? typedAt : null,
    steps: [
      ['Queued', turn.createdAt],
      ['Typed', typedAt],
      ['Received', turn.receivedAt],
      ['Answering', turn.answeringAt],
      ['Ended', endedAt],
    ].flatMap(([label, at]) => (label && at ? [{ label, at }] : [])),
    evidence: [
      ...Object.entries(turn.evidence).map(([label, value]) => ({ label, value: asText(value) })),
      ...(used ? [{ label: 'used', value: used }] : []),
    ],
  }
}

const asText = (value: unknown): string => {
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? '')
  return text.length > VALUE_CHARS_MAX ? `${text.slice(0, VALUE_CHARS_MAX).toWellFormed()}…` : text
}
