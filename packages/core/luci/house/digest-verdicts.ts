import { readDigest } from '../../digest/digest.ts'
import type { VerdictAction } from '../../inbox/item.ts'

/**
 * The fallback table's verdict for each item of a digest (design: a failure's first time alerts,
 * its third opens a ticket, …), as the digest itself names it. Empty for a text that is no digest.
 */
export const verdictsFor = (
  digest: string,
): { item: number; action: VerdictAction; reason: string }[] =>
  readDigest(digest).map(({ item, otherwise, because }) => ({
    item,
    action: otherwise,
    reason: because,
  }))
