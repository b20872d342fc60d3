import type { Item, VerdictAction } from '../inbox/item.ts'
import { type History, noHistory } from './history.ts'
import { outcomeOf } from './outcome.ts'
import { first, type Opinion, type Rule, rules } from './rules.ts'
import type { Trouble } from './trouble.ts'
import { actionOf, both } from './verdict.ts'

/** Decided by a rule: what becomes of the item, by which rule, and why. */
export type Decided = { action: VerdictAction; rule: string; reason: string; trouble?: Trouble }
/** No rule decided, or one said so: Luci is asked, and may not go below the floor. */
export type Ask = { action: 'ask'; reason: string; floor: VerdictAction; rule?: string }
export type Triage = Decided | Ask

/** The whole list: ours about what cannot be handled, what people wrote, then ours. */
export const listWith = (written: readonly Rule[]): readonly Rule[] =>
  written.length === 0 ? ours : [...first, ...written, ...rules]

const ours: readonly Rule[] = [...first, ...rules]

/**
 * The first rule with an opinion decides; without one Luci is asked. Nothing is less than the
 * item's floor, but by a rule in which a person said so.
 */
export const triage = (
  item: Item,
  history: History = noHistory(item.createdAt),
  list: readonly Rule[] = ours,
): Triage => {
  for (const { name, decide } of list) {
    const opinion = decide(item, history)
    if (opinion) return verdictOf(item, name, opinion)
  }
  return { action: 'ask', reason: 'No rule knows it', floor: floorFor(item) }
}

const verdictOf = (item: Item, rule: string, opinion: Opinion): Triage => {
  const { action, reason, trouble, belowFloor } = opinion
  const floor = floorFor(item)
  if (action === 'ask') return { action, reason, rule, floor }
  const asked = belowFloor ? 'silent' : floor
  const raised = both(both(action, asked), toldAlready(item))
  return {
    action: raised,
    rule,
    reason: raised === action ? reason : `${reason}; ${why(item, asked)}`,
    ...(trouble ? { trouble } : {}),
  }
}

const why = (item: Item, floor: VerdictAction): string =>
  floor === 'silent' ? `${item.source} has told it directly` : item.priority

/** What is critical reaches a person, whoever decides; what went well interrupts nobody. */
export const floorFor = (item: Item): VerdictAction =>
  item.priority === 'critical' && item.kind !== 'ok' ? 'alert' : 'silent'

/** What its poster did cannot be taken back: no verdict says less. */
const toldAlready = (item: Item): VerdictAction => {
  const { told } = outcomeOf(item)
  return told.length === 0 || item.kind === 'ok' ? 'silent' : actionOf(told)
}
