import type { Turn } from '../turns/turn.ts'
import { type ActionClass, actionClasses } from './classes.ts'
import type { Held } from './held.ts'
import type { Autonomy } from './modes.ts'
import { capital, doing } from './words.ts'

export type May = {
  atOnce: boolean
  /** In a sentence, for the person. */
  reason: string
}

export type Facts = Pick<Autonomy, 'main' | 'modes' | 'caps'> & {
  held: Held | null
  /** Done by herself on this UTC day. */
  used: Record<ActionClass, number>
}

/** So many alerts a day are told at once though the class is not unlocked. */
export const FREE_ALERTS = 5

/** The author of a turn in which pickup hands her a ticket; a person's yes was to that alone. */
export const HANDED_OVER = 'pickup'

/** What is looked at of the turn that it is wanted in. */
export type Judged = Pick<Turn, 'origin' | 'author' | 'evidence'>

const persons: readonly Turn['origin'][] = ['user', 'telegram', 'api']

/**
 * Whether Luci may do all of it now, or a person must say so first. `classes` names one class per
 * step of that class, so that several count against the day's cap. Pure.
 */
export const decide = (classes: readonly ActionClass[], turn: Judged, facts: Facts): May => {
  const no = (reason: string): May => ({ atOnce: false, reason })
  if (!persons.includes(turn.origin))
    return no('Nothing is done at once but in answer to a person’s own message')
  if (turn.author === HANDED_OVER)
    return no('She does a ticket in this turn, and nobody asked her for more')
  if (turn.evidence.swayed)
    return no('She read a text that gives her orders, so this waits for you')
  if (facts.held) return no(`It waits for you: ${facts.held.reason}`)
  const counts = actionClasses
    .map((one) => ({ one, count: classes.filter((other) => other === one).length }))
    .filter(({ count }) => count > 0)
  if (counts.length === 0) return no('There is nothing to do')
  for (const { one, count } of counts) {
    const why = whyNot(one, count, facts)
    if (why !== null) return no(why)
  }
  return { atOnce: true, reason: whyAtOnce(counts, facts) }
}

const isUnlocked = (one: ActionClass, { main, modes }: Facts): boolean =>
  main === 'trusted' && modes[one].mode === 'trusted'

const whyNot = (one: ActionClass, count: number, facts: Facts): string | null => {
  const { locked, mode } = facts.modes[one]
  const used = facts.used[one]
  if (locked !== null && mode !== 'trusted')
    return `${capital(doing[one])} waits for you: it was locked again, as ${locked}`
  const unlocked = isUnlocked(one, facts)
  if (!unlocked && one !== 'alert')
    return facts.main === 'advisor' && mode === 'trusted'
      ? `${capital(doing[one])} waits for you: Autonomy is set to Advise`
      : `${capital(doing[one])} waits for you: you have not unlocked it`
  const cap = unlocked ? facts.caps[one] : Math.min(FREE_ALERTS, facts.caps[one])
  if (used + count <= cap) return null
  const room = `${used} of ${cap} a day are used up`
  return used >= cap
    ? `${capital(doing[one])} waits for you: ${room}`
    : `${capital(doing[one])} waits for you: it would be ${count} more, and ${used} of ${cap} a day are used`
}

const whyAtOnce = (counts: readonly { one: ActionClass; count: number }[], facts: Facts) => {
  const told = counts.map(({ one, count }) => {
    const unlocked = isUnlocked(one, facts)
    const cap = unlocked ? facts.caps[one] : Math.min(FREE_ALERTS, facts.caps[one])
    const day = `${facts.used[one] + count} of ${cap} today`
    return unlocked
      ? `you unlocked ${doing[one]} (${day})`
      : `a few alerts a day need no unlocking (${day})`
  })
  return `Done at once: ${told.join(', ')}`
}
