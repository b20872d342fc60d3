import type { Layered } from './crossings.ts'

const SWEEPS = 8
/** A bend of a long edge is held harder than a node, so that long edges are straight. */
const BEND_WEIGHT = 4

/**
 * The middle of each vertex from left to right: as near to the middle of its neighbours as the
 * order of its layer lets it be. `widthOf`: how wide each is; 0 is a bend of an edge.
 */
export const toColumns = (
  { layers, above, below }: Layered,
  widthOf: readonly number[],
  gap: number,
): number[] => {
  const x: number[] = []
  for (const layer of layers) place(layer, x, widthOf, gap, () => 0)
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    const down = sweep % 2 === 0
    const neighbours = down ? above : below
    for (const layer of down ? layers : [...layers].reverse())
      place(layer, x, widthOf, gap, (vertex) => mean(neighbours[vertex] ?? [], x) ?? x[vertex] ?? 0)
  }
  const drawn = layers.flat()
  const left = Math.min(...drawn.map((one) => (x[one] ?? 0) - (widthOf[one] ?? 0) / 2))
  return x.map((middle) => Math.round(middle - left))
}

const mean = (vertices: number[], x: number[]): number | null =>
  vertices.length === 0
    ? null
    : vertices.reduce((sum, one) => sum + (x[one] ?? 0), 0) / vertices.length

/**
 * Puts a layer where it wants to be and nobody stands closer than the gap, with the least sum of
 * squares: neighbours that would overlap are pooled and move as one ("pool adjacent violators").
 */
const place = (
  layer: number[],
  x: number[],
  widthOf: readonly number[],
  gap: number,
  wanted: (vertex: number) => number,
): void => {
  // Where each would stand if the first stood at 0 and all stood as close as they may.
  const offsets: number[] = []
  for (const [at, vertex] of layer.entries()) {
    const last = layer[at - 1]
    const apart = last === undefined ? 0 : ((widthOf[last] ?? 0) + (widthOf[vertex] ?? 0)) / 2 + gap
    offsets.push((offsets.at(-1) ?? 0) + apart)
  }
  const pools: { weight: number; at: number; count: number }[] = []
  for (const [at, vertex] of layer.entries()) {
    let pool = {
      weight: widthOf[vertex] === 0 ? BEND_WEIGHT : 1,
      at: wanted(vertex) - (offsets[at] ?? 0),
      count: 1,
    }
    for (let last = pools.at(-1); last && last.at > pool.at; last = pools.at(-1)) {
      pools.pop()
      const weight = last.weight + pool.weight
      pool = {
        weight,
        at: (last.at * last.weight + pool.at * pool.weight) / weight,
        count: last.count + pool.count,
      }
    }
    pools.push(pool)
  }
  let next = 0
  for (const { at, count } of pools)
    for (const end = next + count; next < end; next++)
      x[layer[next] as number] = at + (offsets[next] ?? 0)
}
