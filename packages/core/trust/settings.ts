import { type ActionClass, type AutonomyMode, actionClasses } from './classes.ts'

/** What reading the environment offers, as far as it is used here. */
type Read = {
  text(name: string): string | null
  refuse(name: string, expected: string): void
}

/** `main`: the switch; `trusted`: the classes that are unlocked until a person says otherwise. */
export type AutonomyFirst = { main: AutonomyMode; trusted: readonly ActionClass[] }

/** `MC_AUTONOMY`: advisor (nothing), trusted (all classes), or the names of classes. */
export const readAutonomyFirst = (read: Read): AutonomyFirst => {
  const nothing: AutonomyFirst = { main: 'advisor', trusted: [] }
  const value = read.text('MC_AUTONOMY')
  if (value === null || value === 'advisor') return nothing
  if (value === 'trusted') return { main: 'trusted', trusted: actionClasses }
  const names = value.split(',').map((name) => name.trim())
  const trusted = actionClasses.filter((one) => names.includes(one))
  if (names.every((name) => (actionClasses as readonly string[]).includes(name)))
    return { main: 'trusted', trusted }
  read.refuse(
    'MC_AUTONOMY',
    `advisor, trusted, or some of ${actionClasses.join(', ')} with commas between`,
  )
  return nothing
}
