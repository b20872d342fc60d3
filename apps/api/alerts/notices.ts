import type { Notice } from '../forms.ts'
import { plural } from '../frame/format.ts'

const minute = (at: Date): string => `${at.toISOString().slice(0, 16).replace('T', ' ')} UTC`

/** What a person is told after they did something. */
export const alertWords = {
  acknowledged: 'Acknowledged: you are left alone about it for a day',
  snoozed: (until: Date) => `Snoozed until ${minute(until)}`,
  muted: (fingerprint: string | null, until: Date) =>
    `${fingerprint === null ? 'All that is not urgent is' : 'It is'} muted until ${minute(until)}; then you are told what is still open`,
  unmuted: 'No longer muted: what was held back is told now',
  bulk: (action: string, count: number): Notice =>
    count === 0
      ? { tone: 'warn', text: 'Nothing was chosen' }
      : {
          tone: 'good',
          text: `${plural(count, 'alert')} ${{ acknowledge: 'acknowledged', snooze: 'snoozed' }[action] ?? 'resolved'}`,
        },
}
