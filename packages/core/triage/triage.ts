import type { Item, VerdictAction } from '../inbox/item.ts'
import { rules } from './rules.ts'
import { both } from './verdict.ts'

/** Decided by a rule: what becomes of the item, by which rule, and why. */
export type Decided = { action: VerdictAction; rule: string; reason: string }
/** No rule decided: Luci is asked, and may not go below the floor. */
export type Ask = { action: 'ask'; reason: string; floor: VerdictAction }
export type Triage = Decided | Ask

/** The first rule with an opinion decides; without one Luci is asked. */
export const triage = (item: Item, list = rules): Triage => {
  for (const { name, decide } of list) {
    const opinion = decide(item)
    if (opinion) return { ...opinion, rule: name }
  }
  return { action: 'ask', reason: 'No rule knows it', floor: floorFor(item) }
}

/** What is critical reaches a person, whoever decides. */
export const floorFor = (item: Item): VerdictAction =>
  item.priority === 'critical' ? 'alert' : 'silent'

/** A verdict is never below what the rules ask for. */
export const atLeast = (action: VerdictAction, floor: VerdictAction): VerdictAction =>
  both(action, floor)
