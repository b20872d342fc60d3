import type { Settings } from '../settings/settings.ts'

/** How many runs may go on at once, as the tasks file says. What is over it waits in the queue. */
export type Limits = {
  /** Over all tasks; null means the scheduler's own limit. */
  total: number | null
  /** Over the tasks that bear a tag; a tag that is not named has no limit of its own. */
  tags: Record<string, number>
}

export const noLimits: Limits = { total: null, tags: {} }

const NAME = 'task_limits'

/** The limits of the last good tasks file. */
export const readLimits = async (settings: Settings): Promise<Limits> =>
  (await settings.get<Limits>(NAME))?.value ?? noLimits

/** Written only when they differ, so that nobody is woken for nothing. */
export const keepLimits = async (settings: Settings, limits: Limits, by: string): Promise<void> => {
  const before = await settings.get<Limits>(NAME)
  if (JSON.stringify(before?.value ?? noLimits) === JSON.stringify(limits)) return
  await settings.set(NAME, limits, by)
}
