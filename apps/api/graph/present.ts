import type { Edge } from '@mc/core/graph/dag.ts'
import { layOut } from '@mc/core/graph/layout.ts'
import { enumerate, plural } from '../frame/format.ts'
import type { IconName } from '../frame/icons.ts'
import type { Tone } from '../frame/pill.ts'
import { drawGraph, sizes } from './svg.ts'

export type GraphNode = {
  id: string
  href: string
  /** `MC-12`, or what a step is. */
  key: string
  title: string
  /** Its state in a word or two, beside the sign. */
  words: string
  icon: IconName
  tone: Tone
  /** What is left out, or not a part of it. */
  isFaint?: boolean
  /** It is what the page is about. */
  isHere?: boolean
}

export type GraphView = {
  svg: string
  /** The same as a text: each node, and what it comes after. */
  list: (GraphNode & { after: GraphNode[] })[]
  isWide: boolean
}

/** What fits a page's column without scrolling. */
const WIDE_PX = 700

/**
 * What waits for what, as a drawing and as a list. Null when nothing waits for anything: then
 * there is nothing to draw. `name` sets its ids apart from those of others on the page.
 */
export const presentGraph = (
  name: string,
  label: string,
  nodes: readonly GraphNode[],
  edges: readonly Edge[],
): GraphView | null => {
  const byId = new Map(nodes.map((node) => [node.id, node]))
  const among = edges.filter(({ from, to }) => byId.has(from) && byId.has(to) && from !== to)
  if (among.length === 0) return null
  const layout = layOut([...byId.keys()], among, sizes)
  const list = [...byId.values()].map((node) => ({
    ...node,
    after: among.flatMap(({ from, to }) => (to === node.id ? (byId.get(from) ?? []) : [])),
  }))
  const first = list.filter(({ after }) => after.length === 0)
  const description = `${plural(list.length, 'box', 'boxes')}, ${plural(among.length, 'link')}. First: ${enumerate(first.map(({ title }) => title))}.`
  return {
    svg: drawGraph(layout, byId, { name, label, description }),
    list,
    isWide: layout.width > WIDE_PX,
  }
}
