import { columnsOf } from './bends.ts'
import { type Edge, toDag } from './dag.ts'

/** In pixels, as all of a layout. */
export type Sizes = { width: number; height: number; across: number; down: number }

/** `x` and `y` are its upper left corner. */
export type PlacedNode = { id: string; x: number; y: number }

/**
 * Goes down from one row to the next by a curve and through a row by a straight line, in turns:
 * `points` are the ends of these, at least two.
 */
export type PlacedEdge = Edge & { points: [x: number, y: number][] }

export type Layout = { width: number; height: number; nodes: PlacedNode[]; edges: PlacedEdge[] }

/** Nodes without an edge stand below the others, so many beside one another at least. */
const LOOSE_BESIDE = 4

/**
 * Where nodes and edges are drawn: from top to bottom, each node in a row below those that come
 * before it. What can begin at once is the first row. The same graph is drawn the same each time.
 *
 * Our own, since what there is costs more than it gives for 60 nodes: dagre is ten times this
 * code and untyped inside, ELK a megabyte; both take tens of milliseconds for the first drawing.
 */
export const layOut = (
  ids: readonly string[],
  edges: readonly Edge[],
  { width, height, across, down }: Sizes,
): Layout => {
  const dag = toDag(ids, edges)
  const hasNext = new Set(dag.before.flat())
  const isLoose = (node: number) => dag.before[node]?.length === 0 && !hasNext.has(node)
  const numbers = [...ids.keys()]
  const tied = numbers.filter((node) => !isLoose(node))
  const loose = numbers.filter(isLoose)

  const drawn = columnsOf(dag, tied, { width, gap: across })
  const top = (row: number) => row * (height + down)
  const nodes = tied.map((node) => ({
    id: ids[node] as string,
    x: (drawn.x[node] ?? 0) - width / 2,
    y: top(dag.layerOf[node] ?? 0),
  }))
  const placed = drawn.edges.map(({ from, to, bends, leaves, enters }) => {
    const row = dag.layerOf[from] ?? 0
    const points: [number, number][] = [[leaves, top(row) + height]]
    for (const [at, bend] of bends.entries()) {
      const y = top(row + 1 + at)
      points.push([bend, y], [bend, y + height])
    }
    points.push([enters, top(dag.layerOf[to] ?? 0)])
    return { from: ids[from] as string, to: ids[to] as string, points }
  })

  const rows = Math.max(0, ...tied.map((node) => (dag.layerOf[node] ?? 0) + 1))
  const fit = Math.floor((drawn.width + across) / (width + across))
  const beside = Math.max(LOOSE_BESIDE, fit)
  for (const [at, node] of loose.entries())
    nodes.push({
      id: ids[node] as string,
      x: (at % beside) * (width + across),
      y: top(rows) + Math.floor(at / beside) * (height + across),
    })
  return {
    width: Math.max(drawn.width, ...nodes.map(({ x }) => x + width)),
    height: Math.max(0, ...nodes.map(({ y }) => y + height)),
    nodes,
    edges: placed,
  }
}
