import type { Mute } from '@mc/core/alerts/mutes.ts'
import type { QuietHours } from '@mc/core/alerts/quiet-hours.ts'
import { Command } from 'commander'
import { atDesk, type Page } from './desk.ts'
import { shortTime } from './time.ts'

type Quiet = { hours: QuietHours | null; from: string; until: string | null }

/** What is not told, and until when. */
export const muteCommands = (): Command[] => [mute(), unmute(), mutes(), quiet()]

const mute = () =>
  new Command('mute')
    .description(
      'hold back all that is not urgent, or one trouble, until a time; what is still open is told then',
    )
    .argument('<until>', '4h, 1d, or 2026-03-02T18:00:00Z')
    .option('--fingerprint <fingerprint>', 'only this trouble (see mc alert show), urgent or not')
    .option('--reason <reason>', 'why')
    .action(
      atDesk(async (desk, until: string, options: { fingerprint?: string; reason?: string }) => {
        const made = await desk.client.post<Mute>('/api/v1/alerts/mutes', { until, ...options })
        desk.show(made, () => `Mute ${made.id}: ${whatOf(made)} until ${shortTime(made.until)}`)
      }),
    )

const unmute = () =>
  new Command('unmute')
    .description('end a mute; what it held back is told now')
    .argument('<mute>', 'its number, see mc alert mutes')
    .action(
      atDesk(async (desk, id: string) => {
        const path = `/api/v1/alerts/mutes/${encodeURIComponent(id)}/end`
        const ended = await desk.client.post<Mute>(path)
        desk.show(ended, () => `Mute ${ended.id} is over: ${whatOf(ended)}`)
      }),
    )

const mutes = () =>
  new Command('mutes').description('those in force').action(
    atDesk(async (desk) => {
      const page = await desk.client.get<Page<Mute>>('/api/v1/alerts/mutes')
      desk.show(page, () =>
        desk.table(
          ['mute', 'until', 'by', 'what', 'why'],
          page.items.map((one) => [one.id, shortTime(one.until), one.by, whatOf(one), one.reason]),
          'Nothing is muted.',
        ),
      )
    }),
  )

const quiet = () =>
  new Command('quiet')
    .description('quiet hours: show them, set them, "off", or "default" for the environment’s')
    .argument('[hours...]', '22:00-07:00 Europe/Berlin mon-fri')
    .action(
      atDesk(async (desk, words: string[]) => {
        const path = '/api/v1/alerts/quiet'
        const text = words.join(' ')
        const now =
          text === ''
            ? await desk.client.get<Quiet>(path)
            : await desk.client.post<Quiet>(path, text === 'default' ? {} : { hours: text })
        // It knows the calendar, which every other command does without.
        const { quietHoursText } = await import('@mc/core/alerts/quiet-hours.ts')
        desk.show(now, () => {
          const hours = now.hours ? quietHoursText(now.hours) : 'none'
          const until = now.until ? `; quiet until ${shortTime(now.until)}` : ''
          return `Quiet hours: ${hours} (${now.from === 'person' ? 'set by you' : 'from the environment'})${until}`
        })
      }),
    )

const whatOf = ({ fingerprint }: Mute): string => fingerprint ?? 'all that is not urgent'
