import type { Paused } from '@mc/core/trust/pause.ts'
import { Command } from 'commander'
import { atDesk } from './desk.ts'

/** Stops all that begins by itself but the scheduler and the rules. */
export const pauseCommand = (): Command =>
  new Command('pause')
    .description('stop all autonomous action at once: digests, workers, what Luci does by herself')
    .argument('[reason...]', 'why, for whoever asks')
    .option('--workers', 'cancel also the workers that you ordered')
    .addHelpText(
      'after',
      '\nChat with Luci, scheduled tasks and rules go on. Tasks are paused by: mc task pause --all',
    )
    .action(
      atDesk(async (desk, reason: string[], { workers }: { workers?: boolean }) => {
        const paused = await desk.client.post<Paused>('/api/v1/autonomy/pause', {
          ...(reason.length > 0 ? { reason: reason.join(' ') } : {}),
          ...(workers ? { workers } : {}),
        })
        desk.show(paused, () =>
          [
            `Autonomous action is paused${paused.reason === '' ? '' : `: ${paused.reason.replace(/\.$/, '')}`}. mc resume goes on.`,
            ...(paused.cancelled.length > 0
              ? [`Told to end: ${paused.cancelled.map((id) => `run ${id}`).join(', ')}`]
              : []),
          ].join('\n'),
        )
      }),
    )

export const resumeCommand = (): Command =>
  new Command('resume').description('go on with what waited since mc pause').action(
    atDesk(async (desk) => {
      const { resumed } = await desk.client.post<{ resumed: boolean }>('/api/v1/autonomy/resume')
      desk.show({ resumed }, () =>
        resumed ? 'No longer paused.' : 'Autonomous action was not paused.',
      )
    }),
  )
