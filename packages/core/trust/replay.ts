import { type ActionClass, actionClasses } from './classes.ts'
import { type Judged, LOOKED_AT, whyLock } from './lock-rule.ts'
import { byClass } from './modes.ts'

/** An act as the replay reads it, in the order they came. */
export type PastAct = {
  id: number
  class: ActionClass
  proposalId: string | null
  state: string
  atOnce: boolean
  correction: string | null
  correctedAt: string | null
  createdAt: string
  decidedAt: string | null
  /** Whether it came of a person's message. */
  fromPerson: boolean
  /** Whether it waited for another reason than trust, which no policy has a say in. */
  alwaysWaits: boolean
}

/** What a policy is: which classes are unlocked, and how many a day of each. */
export type Policy = {
  trusted: readonly ActionClass[]
  caps: Readonly<Record<ActionClass, number>>
}

/** Of one class: what would have been done at once, and what became of these in truth. */
export type Replayed = {
  class: ActionClass
  trusted: boolean
  /** All there were in that time. */
  acts: number
  atOnce: number
  /** Of those done at once in the replay: */
  accepted: number
  edited: number
  refused: number
  /** nobody judged them: parked, replaced, or still waiting. */
  unjudged: number
  undone: number
  wrong: number
  /** Over the day's number, or after it would have been locked. */
  overCap: number
  /** When it would have been locked again, and why; null: it would not. */
  lockedAt: string | null
  lockedWhy: string | null
}

/**
 * Replays acts through a policy, one decision of hers (a proposal, or a single act) at a time, as
 * `may` would have decided: all its classes unlocked, under their caps of that UTC day, from a
 * person's message, and nothing else that kept it waiting. What a person then refused, undid or called wrong is the objection on which
 * a class would have been locked, from the moment it came. Pure; feed it in the order of time.
 */
export const createReplay = (policy: Policy) => {
  const views = byClass((one) => blank(one, policy.trusted.includes(one)))
  const last = byClass<Judged[]>(() => [])
  /** Objections that are known from a later moment on. */
  const pending: { at: string; class: ActionClass; judged: Judged }[] = []
  const used = byClass(() => ({ day: '', count: 0 }))

  const learnUntil = (now: string) => {
    pending.sort((a, b) => (a.at < b.at ? -1 : 1))
    while (pending[0] && pending[0].at <= now) {
      const { at, class: one, judged } = pending.shift() as (typeof pending)[number]
      judged.objectedAt = at
      const why = whyLock(last[one], at.slice(0, 10))
      const view = views[one]
      if (why === null || view.lockedAt !== null) continue
      view.lockedAt = at
      view.lockedWhy = why
    }
  }

  const usedOn = (one: ActionClass, day: string): number =>
    used[one].day === day ? used[one].count : 0

  const fits = (one: ActionClass, count: number, day: string): 'yes' | 'locked' | 'cap' => {
    if (!views[one].trusted || views[one].lockedAt !== null) return 'locked'
    return usedOn(one, day) + count <= policy.caps[one] ? 'yes' : 'cap'
  }

  const doAtOnce = (act: PastAct, day: string) => {
    const view = views[act.class]
    view.atOnce += 1
    used[act.class] = { day, count: usedOn(act.class, day) + 1 }
    const judged: Judged = { decision: act.proposalId ?? `act:${act.id}`, objectedAt: null }
    last[act.class] = [judged, ...last[act.class]].slice(0, LOOKED_AT)
    count(view, act)
    const objectedAt = objectionTo(act)
    if (objectedAt !== null) pending.push({ at: objectedAt, class: act.class, judged })
  }

  return {
    /** One decision: all acts of a proposal, or a single one. */
    decide(acts: readonly PastAct[]): void {
      const [first] = acts
      if (!first) return
      learnUntil(first.createdAt)
      const day = first.createdAt.slice(0, 10)
      for (const act of acts) views[act.class].acts += 1
      if (!first.fromPerson || first.alwaysWaits) return
      const classes = actionClasses
        .map((one) => ({ one, count: acts.filter((act) => act.class === one).length }))
        .filter((each) => each.count > 0)
      const verdicts = classes.map(({ one, count }) => fits(one, count, day))
      if (verdicts.every((verdict) => verdict === 'yes')) for (const act of acts) doAtOnce(act, day)
      else if (!verdicts.includes('locked')) for (const act of acts) views[act.class].overCap += 1
    },
    /** What it comes to; the last objections included. */
    end(): Replayed[] {
      learnUntil('9999')
      return actionClasses.map((one) => views[one])
    },
  }
}

const blank = (one: ActionClass, trusted: boolean): Replayed => ({
  class: one,
  trusted,
  acts: 0,
  atOnce: 0,
  accepted: 0,
  edited: 0,
  refused: 0,
  unjudged: 0,
  undone: 0,
  wrong: 0,
  overCap: 0,
  lockedAt: null,
  lockedWhy: null,
})

const count = (view: Replayed, act: PastAct): void => {
  if (act.correction === 'wrong') view.wrong += 1
  else if (act.correction === 'undone') view.undone += 1
  else if (act.state === 'accepted' || act.state === 'done') view.accepted += 1
  else if (act.state === 'edited') view.edited += 1
  else if (act.state === 'refused') view.refused += 1
  else view.unjudged += 1
}

/** When a person said that they did not want it; null: they did, or never said. */
const objectionTo = (act: PastAct): string | null =>
  act.correction !== null ? act.correctedAt : act.state === 'refused' ? act.decidedAt : null
