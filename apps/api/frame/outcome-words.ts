import type { ItemKind } from '@mc/core/inbox/item.ts'
import type { RunStatus } from '@mc/core/runs/run.ts'
import type { IconName } from './icons.ts'
import type { Tone } from './pill.ts'

export type Words = { label: string; icon: IconName; tone: Tone }

/** How an end is called and drawn, the same on a run and on its item in the inbox. */
export const outcomeWords: Record<ItemKind & RunStatus, Words> = {
  ok: { label: 'Went well', icon: 'check', tone: 'good' },
  failed: { label: 'Failed', icon: 'cross', tone: 'bad' },
  auth: { label: 'Credential refused', icon: 'hand', tone: 'bad' },
  timeout: { label: 'Took too long', icon: 'clock', tone: 'bad' },
  missed: { label: 'Missed', icon: 'question', tone: 'warn' },
  skipped: { label: 'Skipped', icon: 'pause', tone: 'quiet' },
  stuck: { label: 'Stuck', icon: 'hand', tone: 'warn' },
  interrupted: { label: 'Interrupted', icon: 'stop', tone: 'warn' },
  could_not_start: { label: 'Could not start', icon: 'cross', tone: 'bad' },
}
