import { stringify } from 'yaml'
import type { Item, VerdictAction } from '../inbox/item.ts'
import { outcomeOf } from '../triage/outcome.ts'

/** So often the same correction is no accident. */
export const REPEATED = 2

/**
 * What a rule of one's own would say, for `ops/triage.yaml`; a person copies it, or not. Null while
 * the same was not said often enough, or when nothing tells this trouble from others.
 */
export const suggestRule = (item: Item, right: VerdictAction, times: number): string | null => {
  const { task } = outcomeOf(item)
  const about = task ?? item.sourceId
  if (times < REPEATED || !about) return null
  const match = task
    ? { task }
    : { source: item.sourceId ? `${item.source}/${item.sourceId}` : item.source }
  const rule = {
    name: nameOf(about, right),
    match: { ...match, ...(item.kind ? { kind: item.kind } : {}) },
    // biome-ignore lint/suspicious/noThenProperty: it is the file's word, and no promise
    then: right,
    reason: `Corrected ${times} times to ${right}`,
  }
  return stringify([rule], { lineWidth: 0 })
}

const nameOf = (about: string, right: VerdictAction): string =>
  `${about} ${right}`
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-+|-+$/g, '')
    .slice(0, 60)
