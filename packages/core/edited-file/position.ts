import { type Document, isAlias, isMap, isNode, isScalar, isSeq, type Node } from 'yaml'
import type { Path } from './mistakes.ts'

/** Where a value, or its key, stands in the text; what came in by a merge stands where it was merged. */
export const offsetOf = (
  root: unknown,
  path: Path,
  at: 'key' | 'value',
  document: Document,
): number => {
  let node: unknown = root
  let offset = startOf(node) ?? 0
  for (const [depth, step] of path.entries()) {
    if (isAlias(node)) node = node.resolve(document)
    const last = depth === path.length - 1
    if (isMap(node)) {
      const pair = node.items.find(
        (item) => isScalar(item.key) && String(item.key.value) === String(step),
      )
      if (!pair) return offset
      const wanted = last && at === 'key' ? pair.key : (pair.value ?? pair.key)
      offset = startOf(wanted) ?? startOf(pair.key) ?? offset
      node = pair.value
    } else if (isSeq(node)) {
      node = node.items[Number(step)]
      offset = startOf(node) ?? offset
    } else return offset
  }
  return offset
}

const startOf = (node: unknown): number | null =>
  isNode(node) ? ((node as Node).range?.[0] ?? null) : null
