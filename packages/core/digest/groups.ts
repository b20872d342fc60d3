import type { Item } from '../inbox/item.ts'
import { fingerprintFor } from '../triage/outcome.ts'

/** Items of a digest that are about the same trouble, in the order they came. */
export type Group = { fingerprint: string; items: Item[]; newest: Item }

/**
 * One group per trouble, worst first: critical before normal before low, failures before the rest,
 * many before few, old before new. The order of the items given makes no difference. Pure.
 */
export const groupsOf = (items: readonly Item[]): Group[] => {
  const byFingerprint = new Map<string, Item[]>()
  for (const item of [...items].sort((a, b) => a.id - b.id)) {
    const fingerprint = fingerprintFor(item)
    const alike = byFingerprint.get(fingerprint)
    if (alike) alike.push(item)
    else byFingerprint.set(fingerprint, [item])
  }
  return [...byFingerprint]
    .map(([fingerprint, all]) => ({ fingerprint, items: all, newest: all.at(-1) as Item }))
    .sort(
      (a, b) =>
        rankOf(a) - rankOf(b) ||
        b.items.length - a.items.length ||
        (a.items[0]?.id ?? 0) - (b.items[0]?.id ?? 0),
    )
}

const ranks = { critical: 0, normal: 2, low: 4 }

const rankOf = ({ items }: Group): number =>
  Math.min(...items.map(({ priority }) => ranks[priority])) +
  (items.some(({ kind }) => kind !== null && kind !== 'note') ? 0 : 1)
