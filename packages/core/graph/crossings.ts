/** Vertices layer by layer, and the neighbours of each in the layer above and in the one below. */
export type Layered = { layers: number[][]; above: number[][]; below: number[][] }

const SWEEPS_MAX = 12

/**
 * The layers in an order in which few edges cross: each vertex goes where the middle of its
 * neighbours is (barycentre), down and up in turns; the best that was seen is kept.
 */
export const untangle = ({ layers, above, below }: Layered): number[][] => {
  let best = layers
  let least = crossings(layers, below)
  let current = layers
  for (let sweep = 0; sweep < SWEEPS_MAX && least > 0; sweep++) {
    current = sweep % 2 === 0 ? sweepOver(current, above) : sweepUp(current, below)
    const count = crossings(current, below)
    if (count >= least) continue
    least = count
    best = current
  }
  return best
}

const sweepUp = (layers: number[][], below: number[][]): number[][] =>
  sweepOver([...layers].reverse(), below).reverse()

/** Each layer by the one before it, which is in order already. */
const sweepOver = (layers: number[][], neighbours: number[][]): number[][] => {
  const placeOf = new Map<number, number>()
  return layers.map((layer) => {
    const sorted = layer
      .map((vertex, at) => ({ vertex, middle: middle(neighbours[vertex] ?? [], placeOf) ?? at }))
      .sort((a, b) => a.middle - b.middle)
      .map(({ vertex }) => vertex)
    for (const [at, vertex] of sorted.entries()) placeOf.set(vertex, at)
    return sorted
  })
}

const middle = (neighbours: number[], placeOf: Map<number, number>): number | null => {
  if (neighbours.length === 0) return null
  let sum = 0
  for (const one of neighbours) sum += placeOf.get(one) ?? 0
  return sum / neighbours.length
}

/** How often edges between neighbouring layers cross. */
export const crossings = (layers: number[][], below: number[][]): number => {
  let count = 0
  for (const [at, layer] of layers.entries()) {
    const placeOf = new Map((layers[at + 1] ?? []).map((vertex, place) => [vertex, place]))
    // Ends of the edges so far, sorted: those beyond an edge's own end cross it.
    const ends: number[] = []
    for (const vertex of layer) {
      const own = (below[vertex] ?? []).map((one) => placeOf.get(one) ?? 0)
      for (const end of own) count += ends.length - firstAfter(ends, end)
      for (const end of own) ends.splice(firstAfter(ends, end), 0, end)
    }
  }
  return count
}

/** The first place in a sorted list of a number that is greater. */
const firstAfter = (sorted: number[], number: number): number => {
  let low = 0
  let high = sorted.length
  while (low < high) {
    const half = (low + high) >> 1
    if ((sorted[half] ?? 0) > number) high = half
    else low = half + 1
  }
  return low
}
