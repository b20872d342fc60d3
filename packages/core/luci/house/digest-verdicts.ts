import { type DigestEntry, readDigest } from '../../digest/digest.ts'
import type { VerdictAction } from '../../inbox/item.ts'
import { isFailureKind } from '../../triage/outcome.ts'

/**
 * The fallback table's verdict for each item of a digest (design: a failure's first time alerts,
 * its third opens a ticket, …), as the digest itself names it. Empty for a text that is no digest.
 */
export const verdictsFor = (
  digest: string,
): { item: number; action: VerdictAction; reason: string }[] =>
  readDigest(digest).map((entry) => ({
    item: entry.item,
    action: entry.otherwise,
    reason: reasonFor(entry),
  }))

/** In the words of the fallback table (see triage/fallback.ts). */
const reasonFor = ({ kind, failures, told, otherwise }: DigestEntry): string => {
  if (!isFailureKind(kind)) return 'Nobody knows it, so a person should look'
  if (failures <= 1) return 'Failed for the first time'
  const inARow = `Failed ${failures} times in a row`
  return told && otherwise === 'silent' ? `${inARow}; it was told already` : inARow
}
