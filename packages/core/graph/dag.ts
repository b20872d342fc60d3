/** Of two nodes, `from` is done before `to`. */
export type Edge = { from: string; to: string }

/** Nodes by number, each with those right before it; every edge goes from a lower layer to a higher. */
export type Dag = {
  before: number[][]
  /** From 0, which has nothing before it: the longest way there. */
  layerOf: number[]
}

/**
 * What is to be drawn of a graph. Edges to nodes that are not there and an edge that closes a
 * circle are left out, and so is what goes without saying: `a → c` beside `a → b → c`.
 */
export const toDag = (ids: readonly string[], edges: readonly Edge[]): Dag => {
  const numberOf = new Map(ids.map((id, number) => [id, number]))
  const before = ids.map(() => new Set<number>())
  for (const { from, to } of edges) {
    const a = numberOf.get(from)
    const b = numberOf.get(to)
    if (a !== undefined && b !== undefined && a !== b) before[b]?.add(a)
  }
  const order = inOrder(before)
  const all: Set<number>[] = []
  const layerOf: number[] = []
  const direct: number[][] = []
  for (const node of order) {
    const near = [...(before[node] ?? [])]
    const far = new Set(near.flatMap((one) => [...(all[one] ?? [])]))
    all[node] = new Set([...near, ...far])
    direct[node] = near.filter((one) => !far.has(one)).sort((a, b) => a - b)
    layerOf[node] = Math.max(-1, ...near.map((one) => layerOf[one] ?? 0)) + 1
  }
  return { before: direct, layerOf }
}

/** Each after those before it. In a circle the first of it goes first, and what made it wait is cut. */
const inOrder = (before: Set<number>[]): number[] => {
  const order: number[] = []
  const done = new Set<number>()
  while (order.length < before.length) {
    const left = [...before.keys()].filter((node) => !done.has(node))
    let free = left.filter((node) => [...(before[node] ?? [])].every((one) => done.has(one)))
    if (free.length === 0) {
      const [cut = 0] = left
      for (const one of left) before[cut]?.delete(one)
      free = [cut]
    }
    for (const node of free) {
      order.push(node)
      done.add(node)
    }
  }
  return order
}
