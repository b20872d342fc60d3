import { crossings } from '@mc/core/graph/crossings.ts'
import type { Edge } from '@mc/core/graph/dag.ts'
import { type Layout, layOut } from '@mc/core/graph/layout.ts'
import t from 'tap'
import fc from '../../support/fast-check.ts'

const sizes = { width: 200, height: 60, across: 20, down: 40 }
const draw = (ids: readonly string[], edges: readonly Edge[]) => layOut(ids, edges, sizes)
const chain = (...ids: string[]): Edge[] =>
  ids.slice(1).map((to, at) => ({ from: ids[at] as string, to }))

/** Up to 60 nodes; each may come after some of those named before it. */
const aGraph = fc
  .array(fc.array(fc.nat(60), { maxLength: 4 }), { minLength: 1, maxLength: 60 })
  .map((after) => ({
    ids: after.map((_, at) => `n${at}`),
    edges: after.flatMap((all, at) =>
      all.filter((one) => one < at).map((one) => ({ from: `n${one}`, to: `n${at}` })),
    ),
  }))

const at = (layout: Layout, id: string) => {
  const node = layout.nodes.find((one) => one.id === id)
  if (!node) throw new Error(`There is no ${id}`)
  return node
}

const reaches = (edges: readonly Edge[], from: string, to: string): boolean =>
  from === to || edges.some((edge) => edge.from === from && reaches(edges, edge.to, to))

t.test('no node lies on another or outside of the drawing', async () => {
  fc.assert(
    fc.property(aGraph, ({ ids, edges }) => {
      const layout = draw(ids, edges)
      const { nodes } = layout
      return (
        nodes.length === ids.length &&
        nodes.every(
          (a, n) =>
            a.x >= 0 &&
            a.y >= 0 &&
            a.x + sizes.width <= layout.width &&
            a.y + sizes.height <= layout.height &&
            nodes
              .slice(n + 1)
              .every(
                (b) =>
                  Math.abs(a.x - b.x) >= sizes.width + sizes.across - 1 ||
                  Math.abs(a.y - b.y) >= sizes.height + sizes.across,
              ),
        )
      )
    }),
    { numRuns: 60 },
  )
})

t.test('every edge goes downward, from its node to its node, and through no other', async () => {
  fc.assert(
    fc.property(aGraph, ({ ids, edges }) => {
      const layout = draw(ids, edges)
      return layout.edges.every(({ from, to, points }) => {
        const [a, b] = [at(layout, from), at(layout, to)]
        const [first, last] = [points[0], points.at(-1)]
        if (!first || !last) return false
        const isIn = ([x]: [number, number], node: { x: number }) =>
          x > node.x && x < node.x + sizes.width
        const meets = points
          .slice(1, -1)
          .some(([x, y]) =>
            layout.nodes.some((node) => isIn([x, y], node) && y >= node.y && y <= node.y + 60),
          )
        return (
          isIn(first, a) &&
          isIn(last, b) &&
          first[1] === a.y + sizes.height &&
          last[1] === b.y &&
          points.every(([, y], n) => n === 0 || y > (points[n - 1]?.[1] ?? 0)) &&
          !meets
        )
      })
    }),
    { numRuns: 60 },
  )
})

t.test('what is drawn says as much as what was given', async () => {
  fc.assert(
    fc.property(aGraph, ({ ids, edges }) => {
      const drawn = draw(ids.slice(0, 14), edges).edges
      const given = edges.filter(({ to }) => ids.indexOf(to) < 14)
      return (
        given.every(({ from, to }) => reaches(drawn, from, to)) &&
        drawn.every(({ from, to }) => given.some((one) => one.from === from && one.to === to))
      )
    }),
    { numRuns: 40 },
  )
})

t.test('the same graph is drawn the same each time', async (t) => {
  const ids = ['a', 'b', 'c', 'd']
  const edges = [...chain('a', 'b', 'd'), ...chain('a', 'c', 'd')]
  t.same(draw(ids, edges), draw([...ids], [...edges]))
})

t.test('what can begin at once is the first row', async (t) => {
  const layout = draw(['late', 'x', 'y'], [...chain('x', 'late'), ...chain('y', 'late')])
  t.same(
    layout.nodes.map(({ id, y }) => [id, y]),
    [
      ['late', 100],
      ['x', 0],
      ['y', 0],
    ],
  )
  t.equal(at(layout, 'late').x, 110, 'in the middle below the two')
})

t.test('an edge that goes without saying is left out', async (t) => {
  const { edges } = draw(['a', 'b', 'c'], [...chain('a', 'b', 'c'), ...chain('a', 'c')])
  t.same(
    edges.map(({ from, to }) => from + to),
    ['ab', 'bc'],
  )
})

t.test('a circle, a loop and an edge to nowhere do no harm', async (t) => {
  const { nodes, edges } = draw(
    ['a', 'b'],
    [...chain('a', 'b', 'a'), ...chain('a', 'a'), ...chain('a', 'gone')],
  )
  t.equal(nodes.length, 2)
  t.same(
    edges.map(({ from, to }) => from + to),
    ['ab'],
  )
  t.same(draw([], []), { width: 0, height: 0, nodes: [], edges: [] })
})

t.test('what hangs together is put so that its edges do not cross', async (t) => {
  const ids = ['a', 'b', 'c', 'x', 'y', 'z']
  const { nodes } = draw(ids, [...chain('a', 'z'), ...chain('b', 'y'), ...chain('c', 'x')])
  const row = (y: number) =>
    nodes
      .filter((node) => node.y === y)
      .sort((a, b) => a.x - b.x)
      .map(({ id }) => id)
      .join('')
  t.equal(`${row(0)} ${row(100)}`, 'abc zyx')
})

t.test('crossings are counted one by one', async (t) => {
  const below = [[3, 4], [2], [], [], []]
  t.equal(
    crossings(
      [
        [0, 1],
        [2, 3, 4],
      ],
      below,
    ),
    2,
  )
  t.equal(
    crossings(
      [
        [1, 0],
        [2, 3, 4],
      ],
      below,
    ),
    0,
  )
  t.equal(
    crossings(
      [
        [0, 1],
        [2, 3, 4],
      ],
      [[2], [2], [], [], []],
    ),
    0,
    'a shared end is none',
  )
})

t.test('nodes without an edge stand below, side by side', async (t) => {
  const ids = ['a', 'b', 'p', 'q', 'r', 's', 't']
  const layout = draw(ids, chain('a', 'b'))
  t.same(
    ['p', 'q', 's', 't'].map((id) => [at(layout, id).x, at(layout, id).y]),
    [
      [0, 200],
      [220, 200],
      [660, 200],
      [0, 280],
    ],
  )
})
