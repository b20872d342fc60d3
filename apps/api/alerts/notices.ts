import type { Notice } from '../forms.ts'
import { plural } from '../frame/format.ts'

/** What a person is told after they did something. */
export const alertWords = {
  acknowledged: 'Acknowledged: you are left alone about it for a day',
  snoozed: (until: Date): Notice => ({
    tone: 'good',
    text: 'Snoozed until',
    at: until.toISOString(),
  }),
  muted: (fingerprint: string | null, until: Date): Notice => ({
    tone: 'good',
    text: `${fingerprint === null ? 'All that is not urgent is' : 'It is'} muted; you are told what is still open on`,
    at: until.toISOString(),
  }),
  unmuted: 'No longer muted: what was held back is told now',
  bulk: (action: string, count: number): Notice =>
    count === 0
      ? { tone: 'warn', text: 'Nothing was chosen' }
      : {
          tone: 'good',
          text: `${plural(count, 'alert')} ${{ acknowledge: 'acknowledged', snooze: 'snoozed' }[action] ?? 'resolved'}`,
        },
}
