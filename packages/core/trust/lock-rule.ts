/** One thing done by herself, as far as the rule looks at it. */
export type Judged = {
  /** A proposal that was carried out is one decision of hers, however many steps it had. */
  decision: string
  /** When a person objected; null: nobody did. */
  objectedAt: string | null
}

/** Of so many done last, */
export const LOOKED_AT = 20
/** so many objections lock the class, */
export const OBJECTIONS_MAX = 3
/** and so many on one UTC day. */
export const OBJECTIONS_A_DAY_MAX = 2

/**
 * Why a class is locked again, in words; null: it stays as it is. `last`: what was done by herself
 * since it was unlocked, the newest first. Pure.
 */
export const whyLock = (last: readonly Judged[], today: string): string | null => {
  const objected = last.slice(0, LOOKED_AT).filter((one) => one.objectedAt !== null)
  const countOf = (some: readonly Judged[]) => new Set(some.map((one) => one.decision)).size
  const objections = countOf(objected)
  const onThisDay = countOf(objected.filter((one) => one.objectedAt?.startsWith(today)))
  if (objections >= OBJECTIONS_MAX)
    return `${objections} of the last ${Math.min(last.length, LOOKED_AT)} were undone or called wrong`
  if (onThisDay >= OBJECTIONS_A_DAY_MAX)
    return `${onThisDay} were undone or called wrong on one day`
  return null
}
