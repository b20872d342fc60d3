import type { ItemTraits } from '@mc/core/inbox/filter.ts'
import { itemKinds, priorities, verdictActions } from '@mc/core/inbox/item.ts'
import { type Static, Type } from 'typebox'
import { tabs } from './present.ts'

/** A form that is sent with GET sends its empty fields too. */
const orEmpty = <T extends readonly string[]>(values: T) =>
  Type.Optional(Type.Enum([...values, ''] as [...T, '']))

const Day = Type.Optional(Type.String({ pattern: '^(\\d{4}-\\d\\d-\\d\\d)?$' }))

export const InboxQuery = Type.Object({
  tab: Type.Optional(Type.Enum(tabs.map((tab) => tab.id))),
  source: Type.Optional(Type.String({ maxLength: 200 })),
  kind: orEmpty([...itemKinds, 'trouble'] as const),
  priority: orEmpty(priorities),
  text: Type.Optional(Type.String({ maxLength: 200 })),
  verdict: orEmpty(verdictActions),
  effect: orEmpty(['ticket', 'alert'] as const),
  decided: Type.Optional(Type.String({ maxLength: 100 })),
  like: Type.Optional(Type.String({ maxLength: 200 })),
  from: Day,
  to: Day,
  cursor: Type.Optional(Type.String({ pattern: '^(c|\\d{1,16})(\\.\\d{1,16})?$' })),
  before: Type.Optional(Type.Integer({ minimum: 1 })),
})
export type InboxQuery = Static<typeof InboxQuery>

/** What the address asks for. `scheduler/backup` is a source and what it is about there. */
export const traitsOf = (query: InboxQuery): ItemTraits => {
  const [source, ...rest] = (query.source ?? '').trim().split('/')
  const sourceId = rest.join('/')
  const text = query.text?.trim()
  return {
    ...(source ? { source } : {}),
    ...(sourceId ? { sourceId } : {}),
    ...(query.kind === 'trouble' ? { trouble: true } : query.kind ? { kind: query.kind } : {}),
    ...(query.priority ? { priority: query.priority } : {}),
    ...(query.verdict ? { verdict: query.verdict } : {}),
    ...(query.effect ? { effect: query.effect } : {}),
    ...(query.decided ? { decidedBy: query.decided } : {}),
    ...(query.like ? { fingerprint: query.like } : {}),
    ...(text ? { text } : {}),
  }
}

/** From the first moment of `from` to the last of `to`, on this machine's clock. */
export const rangeOf = ({ from, to }: InboxQuery): { from?: Date; to?: Date } => {
  const day = (text: string, add = 0) => {
    const [year = 0, month = 1, date = 1] = text.split('-').map(Number)
    return new Date(year, month - 1, date + add)
  }
  return { ...(from ? { from: day(from) } : {}), ...(to ? { to: day(to, 1) } : {}) }
}

/** The address of the same list with some of it changed; an empty value takes it out. */
export const addressOf = (
  query: InboxQuery,
  change: Record<string, string | undefined>,
): string => {
  const { cursor: _cursor, before: _before, ...kept } = query
  const all = { ...kept, ...change }
  const params = new URLSearchParams()
  for (const [name, value] of Object.entries(all)) if (value) params.set(name, String(value))
  const text = params.toString()
  return text === '' ? '/inbox' : `/inbox?${text}`
}

export type Chip = { text: string; without: string }

/** What the fields above the list do not show: each may be taken off. */
export const chipsOf = (query: InboxQuery): Chip[] => {
  const words: [keyof InboxQuery, string | undefined][] = [
    ['like', query.like && 'alike'],
    ['decided', query.decided && `decided by ${query.decided.replace(/^rule:/, 'rule ')}`],
    ['verdict', query.verdict && `verdict ${query.verdict}`],
    ['effect', query.effect && `with ${query.effect}`],
    ['from', query.from && `from ${query.from}`],
    ['to', query.to && `to ${query.to}`],
  ]
  return words.flatMap(([name, text]) =>
    text ? [{ text, without: addressOf(query, { [name]: '' }) }] : [],
  )
}
