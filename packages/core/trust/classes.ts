/** What Luci may be trusted with, one by one. */
export const actionClasses = [
  'file_ticket',
  'delegate_low_risk',
  'delegate',
  'alert',
  'close',
] as const
export type ActionClass = (typeof actionClasses)[number]

/** advisor: she proposes, a person acts. trusted: it is done at once and can be taken back. */
export const autonomyModes = ['advisor', 'trusted'] as const
export type AutonomyMode = (typeof autonomyModes)[number]
