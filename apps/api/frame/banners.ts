import type { BrokenChannel } from '@mc/core/alerts/channel-health.ts'
import { configuredChannels } from '@mc/core/alerts/channels.ts'
import { sentences } from '@mc/core/client/sentences.ts'
import type { Config } from '@mc/core/config.ts'
import type { Luci } from '@mc/core/luci/luci.ts'
import type { Pause } from '@mc/core/tasks/task.ts'
import type { Held } from '@mc/core/trust/held.ts'
import type { WorkerHealth } from '@mc/core/workers/workers.ts'
import * as format from './format.ts'

/** What stands above a page until it is over. */
export type Banner = {
  tone: 'warn' | 'bad'
  text: string
  hint: string | null
  href?: string
  /** What ends it, as a form's button. */
  verb?: { label: string; action: string }
}

/** What is wrong with Luci or the workers. */
export const presentHealth = (
  status: ReturnType<Luci['status']>,
  health: readonly WorkerHealth[],
): Banner[] => {
  const banners: Banner[] = []
  if (status.problem)
    banners.push({ tone: 'warn', text: sentences(`Luci: ${status.problem}`), hint: status.hint })
  const gone = health.filter((one) => one.state === 'stale').map((one) => one.name)
  if (gone.length > 0)
    banners.push({
      tone: 'bad',
      text: `No sign of life from ${format.enumerate(gone)}.`,
      hint: 'What is shown here may be old. Start it again: npx -y pnpm@12 start',
    })
  return banners
}

/** On every page, since nothing happens by itself meanwhile. */
export const presentPause = (held: Held | null): Banner[] =>
  held?.by === 'pause'
    ? [
        {
          tone: 'warn',
          text: `${held.reason}.`,
          hint: 'Rules decide alone, and no worker starts. What you say to Luci goes on.',
          href: '/settings#autonomy',
          verb: { label: 'Resume', action: '/api/v1/autonomy/resume' },
        },
      ]
    : []

/** On the page of alerts it stands in full. */
export const presentBrokenChannel = (broken: BrokenChannel | null): Banner[] =>
  broken
    ? [
        {
          tone: 'bad',
          text: `${broken.label} refuses our messages: ${format.firstLine(broken.problem)}.`,
          hint: broken.standIn
            ? `Meanwhile ${broken.standIn} takes them. Check ${broken.settings}.`
            : `Alerts reach you on their page alone. Check ${broken.settings}.`,
          href: '/alerts',
        },
      ]
    : []

/** Talking with her goes on; what that costs is the person's to decide. */
export const presentOverCap = (over: string | null, isThere: boolean): Banner[] =>
  over === null
    ? []
    : [
        {
          tone: 'warn',
          text: `${over}.`,
          hint: 'No digest is sent and no worker starts; rules go on, and Luci still answers you.',
          ...(isThere ? {} : { href: '/costs' }),
        },
      ]

/** On the page of schedules itself the mistakes stand in full. */
export const presentScheduleBanners = (
  mistakes: readonly string[],
  allPaused: Pause | null,
  isThere: boolean,
): Banner[] => [
  ...(mistakes.length > 0 && !isThere
    ? [
        {
          tone: 'bad' as const,
          text: `The tasks file has ${format.plural(mistakes.length, 'mistake')}; the last good set runs on.`,
          hint: format.firstLine(mistakes[0] ?? '', 240),
          href: '/schedules',
        },
      ]
    : []),
  ...(allPaused
    ? [
        {
          tone: 'warn' as const,
          text: 'All tasks are paused.',
          hint: [
            `By ${allPaused.by === 'person' ? 'you' : allPaused.by}`,
            allPaused.reason ? `: ${allPaused.reason}` : '',
            allPaused.until ? ` (until ${format.local(allPaused.until)})` : '',
          ].join(''),
          ...(isThere ? {} : { href: '/schedules' }),
        },
      ]
    : []),
]

/** What is not set up, said once and quietly. */
export const presentFootnotes = (config: Config): string[] =>
  configuredChannels(config).length > 0
    ? []
    : [
        'Telegram is not configured: alerts stay on this page. Set MC_TELEGRAM_TOKEN and MC_TELEGRAM_CHAT_ID.',
      ]
