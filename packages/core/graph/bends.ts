import { toColumns } from './columns.ts'
import { untangle } from './crossings.ts'
import type { Dag } from './dag.ts'

export type DrawnEdge = {
  from: number
  to: number
  /** Where it passes each row between the two. */
  bends: number[]
  /** Where it leaves the one and enters the other. */
  leaves: number
  enters: number
}

/** Between two edges at one side of a node. */
const PORT_GAP = 16
/** Of a node's corners, where no edge begins. */
const CORNER = 24

/**
 * The middle of each of these nodes from left to right, and the way of each edge. An edge over
 * more than one row gets a place of its own in each row between, so that it meets no node there.
 */
export const columnsOf = (
  { before, layerOf }: Dag,
  nodes: readonly number[],
  { width, gap }: { width: number; gap: number },
): { x: number[]; width: number; edges: DrawnEdge[] } => {
  if (nodes.length === 0) return { x: [], width: 0, edges: [] }
  const layers: number[][] = []
  const widthOf: number[] = before.map(() => width)
  const above: number[][] = before.map(() => [])
  const below: number[][] = before.map(() => [])
  const join = (high: number, low: number) => {
    below[high]?.push(low)
    above[low]?.push(high)
  }
  const put = (vertex: number, layer: number) => {
    const there = layers[layer] ?? []
    layers[layer] = there
    there.push(vertex)
  }
  for (const node of nodes) put(node, layerOf[node] ?? 0)
  const ways: { from: number; to: number; bends: number[] }[] = []
  for (const to of nodes)
    for (const from of before[to] ?? []) {
      const bends: number[] = []
      for (let layer = (layerOf[from] ?? 0) + 1; layer < (layerOf[to] ?? 0); layer++) {
        const bend = widthOf.push(0) - 1
        above.push([])
        below.push([])
        put(bend, layer)
        join(bends.at(-1) ?? from, bend)
        bends.push(bend)
      }
      join(bends.at(-1) ?? from, to)
      ways.push({ from, to, bends })
    }

  const x = toColumns({ layers: untangle({ layers, above, below }), above, below }, widthOf, gap)
  const at = (vertex: number) => x[vertex] ?? 0
  const port = (node: number, neighbours: number[], next: number) => {
    const sorted = [...neighbours].sort((a, b) => at(a) - at(b) || a - b)
    const apart = Math.min(PORT_GAP, (width - 2 * CORNER) / Math.max(1, sorted.length - 1))
    return Math.round(at(node) + (sorted.indexOf(next) - (sorted.length - 1) / 2) * apart)
  }
  return {
    x,
    width: Math.max(...layers.flat().map((one) => at(one) + (widthOf[one] ?? 0) / 2)),
    edges: ways.map(({ from, to, bends }) => ({
      from,
      to,
      bends: bends.map(at),
      leaves: port(from, below[from] ?? [], bends[0] ?? to),
      enters: port(to, above[to] ?? [], bends.at(-1) ?? from),
    })),
  }
}
