import { type Document, isAlias, isMap, isScalar, isSeq, visit } from 'yaml'

/** A YAML text that parses and yet means nothing; `offset` is where. */
export class MeaninglessError extends Error {
  readonly offset: number
  constructor(message: string, offset: number) {
    super(message)
    this.name = 'MeaninglessError'
    this.offset = offset
  }
}

/** The value that a document without errors stands for. Throws MeaninglessError. */
export const meaningOf = (document: Document): unknown => {
  const wrong = firstWrongMerge(document)
  if (wrong !== null)
    throw new MeaninglessError(
      'expected "<<" with a mapping to merge, such as "<<: *nightly"',
      wrong,
    )
  const lost = firstLostAlias(document)
  if (lost !== null)
    throw new MeaninglessError(
      'expected an alias of an anchor that stands above it; a text that begins with "*" goes in quotes',
      lost,
    )
  try {
    return document.toJS()
  } catch (error) {
    // What the library finds only here: aliases that multiply without end, or refer to themselves.
    throw new MeaninglessError((error as Error).message, 0)
  }
}

/** Where an alias has no anchor; null when each has one. Its name may be half a secret: never told. */
const firstLostAlias = (document: Document): number | null => {
  let lost: number | null = null
  visit(document, {
    Alias: (_, alias) => {
      if (alias.resolve(document) !== undefined) return
      lost = alias.range?.[0] ?? 0
      return visit.BREAK
    },
  })
  return lost
}

/** Where something is merged that is no mapping; null when nothing is. */
const firstWrongMerge = (document: Document): number | null => {
  const wrong: number[] = []
  const isMapping = (node: unknown) => isMap(isAlias(node) ? node.resolve(document) : node)
  visit(document, {
    Pair: (_, { key, value }) => {
      if (!isScalar(key) || (key.value !== '<<' && typeof key.value !== 'symbol')) return
      const source = isAlias(value) ? value.resolve(document) : value
      const all = isSeq(source) ? source.items : [source]
      if (!all.every(isMapping)) wrong.push(key.range?.[0] ?? 0)
    },
  })
  return wrong[0] ?? null
}
