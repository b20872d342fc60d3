import type { Layout, PlacedEdge, Sizes } from '@mc/core/graph/layout.ts'
import { icon } from '../frame/icons.ts'
import { toLines } from './lines.ts'
import type { GraphNode } from './present.ts'

/** In pixels; the stylesheet's letters (13 px) are measured for them. */
export const sizes: Sizes = { width: 212, height: 70, across: 22, down: 38 }
const LETTERS = 24
const MARGIN = 6
/** A drawing with more stops for the tab key than the page has is a trap. */
const NOT_BY_TAB = 'tabindex="-1"'

/**
 * A layout as SVG. All text is escaped here; colours are the stylesheet's, by class. For eyes: the
 * list beside it says the same, with the same links. A group, for an image may hold no links.
 */
export const drawGraph = (
  { width, height, nodes, edges }: Layout,
  byId: ReadonlyMap<string, GraphNode>,
  { name, label, description }: { name: string; label: string; description: string },
): string => {
  const [w, h] = [width + 2 * MARGIN, height + 2 * MARGIN]
  return [
    `<svg class="graph" role="group" aria-labelledby="${name}-title" aria-describedby="${name}-desc" width="${w}" height="${h}" viewBox="${-MARGIN} ${-MARGIN} ${w} ${h}">`,
    `<title id="${name}-title">${escapeText(label)}</title><desc id="${name}-desc">${escapeText(description)}</desc>`,
    `<g class="graph-edges">${edges.map(drawEdge).join('')}</g>`,
    ...nodes.map(({ id, x, y }) => {
      const node = byId.get(id)
      return node ? drawNode(node, x, y) : ''
    }),
    '</svg>',
  ].join('')
}

const drawNode = (node: GraphNode, x: number, y: number): string => {
  const lines = toLines(node.title, LETTERS, 2).map(
    (line, at) =>
      `<text class="graph-title" x="${x + 12}" y="${y + 40 + at * 17}">${escapeText(line)}</text>`,
  )
  const sign = icon(node.icon).replace('<svg ', `<svg x="${x + 11}" y="${y + 8}" `)
  return [
    `<a class="graph-node ${node.tone}${node.isFaint ? ' faint' : ''}${node.isHere ? ' here' : ''}" href="${escapeText(node.href)}" ${NOT_BY_TAB}>`,
    `<title>${escapeText(`${node.key} ${node.title}: ${node.words}`)}</title>`,
    `<rect x="${x}" y="${y}" width="${sizes.width}" height="${sizes.height}" rx="9"/>`,
    sign,
    `<text class="graph-words" x="${x + 32}" y="${y + 20}">${escapeText(node.words)}</text>`,
    `<text class="graph-key" x="${x + sizes.width - 12}" y="${y + 20}" text-anchor="end">${escapeText(node.key)}</text>`,
    ...lines,
    '</a>',
  ].join('')
}

/** The head of the arrow, which always points down. */
const HEAD = 6

const drawEdge = ({ points }: PlacedEdge): string => {
  const [[x0, y0] = [0, 0], ...rest] = points
  let path = `M${x0} ${y0}`
  let [, from] = [x0, y0]
  let x = x0
  for (const [at, [nextX, y]] of rest.entries()) {
    const isLast = at === rest.length - 1
    const end = isLast ? y - HEAD : y
    const half = (from + end) / 2
    path += at % 2 === 0 ? `C${x} ${half} ${nextX} ${half} ${nextX} ${end}` : `V${y}`
    from = y
    x = nextX
  }
  const [tipX, tipY] = points.at(-1) ?? [x0, y0]
  return `<path d="${path}"/><path class="graph-head" d="M${tipX} ${tipY}l-4 -${HEAD + 1}h8z"/>`
}

const signs: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}
const escapeText = (text: string): string => text.replace(/[&<>"']/g, (sign) => signs[sign] ?? sign)
