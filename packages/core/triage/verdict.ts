import type { VerdictAction } from '../inbox/item.ts'

/** What others can see of a verdict. */
export type Effect = 'ticket' | 'alert'

const effects: Record<VerdictAction, readonly Effect[]> = {
  silent: [],
  ticket: ['ticket'],
  alert: ['alert'],
  'alert+ticket': ['alert', 'ticket'],
}

export const effectsOf = (action: VerdictAction): readonly Effect[] => effects[action]

/** Whether `action` does all that `floor` asks for. */
export const covers = (action: VerdictAction, floor: VerdictAction): boolean =>
  effects[floor].every((effect) => effects[action].includes(effect))

/** The verdict that does what both do. */
export const both = (a: VerdictAction, b: VerdictAction): VerdictAction => {
  if (covers(a, b)) return a
  return covers(b, a) ? b : 'alert+ticket'
}

/** The verdict that has just these effects; silent when there are none. */
export const actionOf = (wanted: readonly Effect[]): VerdictAction => {
  if (wanted.includes('alert')) return wanted.includes('ticket') ? 'alert+ticket' : 'alert'
  return wanted.includes('ticket') ? 'ticket' : 'silent'
}
