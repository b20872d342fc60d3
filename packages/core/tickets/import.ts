import type { Database } from '@mc/db/database.ts'
import { lockName } from '@mc/db/lock.ts'
import { type Static, Type } from 'typebox'
import type { Clock } from '../clock.ts'
import { AppError } from '../errors.ts'
import { type Actor, record } from './events.ts'
import { file } from './filing.ts'
import { NewTicket, resolutions, ticketKey } from './ticket.ts'

/** A ticket that comes from elsewhere. */
export const ImportedTicket = Type.Object(
  {
    ...Type.Omit(NewTicket, ['fingerprint', 'parentId']).properties,
    key: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 100,
        description:
          'Its name where it comes from: what parent and blockedBy mean, and how a second import knows it again',
      }),
    ),
    parent: Type.Optional(
      Type.String({ maxLength: 100, description: 'Key of another in this import' }),
    ),
    blockedBy: Type.Optional(
      Type.Array(Type.String({ maxLength: 100 }), {
        maxItems: 50,
        description: 'Keys of others in this import',
      }),
    ),
    resolution: Type.Optional(Type.Enum(resolutions)),
    createdAt: Type.Optional(Type.String({ format: 'date-time' })),
    closedAt: Type.Optional(Type.String({ format: 'date-time' })),
  },
  { additionalProperties: false },
)
export type ImportedTicket = Static<typeof ImportedTicket>

/** At once: a second of the write lock, for which others wait. */
export const IMPORT_MAX = 2_000

export type Imported = {
  /** `MC-<n>` of each that was filed, beside its own key (or its place, `#3`). */
  filed: { from: string; key: string }[]
  /** Filed by an import before, and so left as they are. */
  known: { from: string; key: string }[]
}

/**
 * Files all of them or none. `source` names where they come from (`jira`): a key of it is filed
 * once, however often it is imported, and may be named by those that come later. Throws `invalid`
 * that lists every mistake.
 */
export const importTickets = (
  db: Database,
  clock: Clock,
  { source, tickets }: { source: string; tickets: readonly ImportedTicket[] },
  by: Actor,
): Promise<Imported> =>
  db.transaction(async (tx) => {
    await lockName(tx, `import:${source}`)
    const before = await filedBefore(tx, source, tickets)
    const problems = mistakesIn(tickets, new Set(before.keys()))
    if (problems.length > 0)
      throw new AppError('invalid', `Nothing was imported: ${problems.length} problem(s)`, {
        problems,
      })
    const ids = new Map(before)
    const filed: Imported['filed'] = []
    const fresh = neededFirst(tickets).filter(
      ({ ticket }) => !ticket.key || !before.has(ticket.key),
    )
    for (const { ticket, place } of fresh) {
      const parentId = ticket.parent ? ids.get(ticket.parent) : undefined
      const id = await fileOne(tx, clock, source, ticket, parentId, by)
      if (ticket.key) ids.set(ticket.key, id)
      filed.push({ from: ticket.key ?? `#${place}`, key: ticketKey(id) })
      for (const blocker of new Set(ticket.blockedBy))
        await drawNew(tx, clock, id, ids.get(blocker) ?? 0, by)
    }
    const own = new Set(tickets.map(({ key }) => key))
    const known = [...before].filter(([key]) => own.has(key))
    return { filed, known: known.map(([from, id]) => ({ from, key: ticketKey(id) })) }
  })

/**
 * Every mistake of the list as a whole, in words; each ticket by itself was checked by its schema.
 * `known`: keys that may be named though they are not in the list.
 */
export const mistakesIn = (
  tickets: readonly ImportedTicket[],
  known: ReadonlySet<string> = new Set(),
): string[] => {
  const keys = new Set<string>()
  const problems: string[] = []
  for (const [at, { key }] of tickets.entries()) {
    if (key && keys.has(key)) problems.push(`#${at + 1}: the key "${key}" is there twice`)
    if (key) keys.add(key)
  }
  const isThere = (key: string) => keys.has(key) || known.has(key)
  for (const [at, { parent, blockedBy = [], key }] of tickets.entries()) {
    if (parent && !isThere(parent))
      problems.push(`#${at + 1}: there is no key "${parent}" for its parent`)
    for (const blocker of blockedBy)
      if (!isThere(blocker))
        problems.push(`#${at + 1}: there is no key "${blocker}" to be blocked by`)
    if (blockedBy.length > 0 && !key)
      problems.push(`#${at + 1}: what is blocked by others needs a key of its own`)
  }
  const parents = new Map(tickets.map(({ key, parent }) => [key, parent ? [parent] : []]))
  for (const key of inCircles(parents)) problems.push(`"${key}" is a part of itself`)
  const blockers = new Map(tickets.map(({ key, blockedBy = [] }) => [key, blockedBy]))
  for (const key of inCircles(blockers))
    problems.push(`"${key}" is blocked by itself, by way of others`)
  return problems
}

/** The keys from which the arrows lead back to them; one look at each arrow. */
const inCircles = (arrows: ReadonlyMap<string | undefined, readonly string[]>): string[] => {
  // What nothing open is needed for is taken away, again and again; circles are what is left.
  const needs = new Map<string, number>()
  const neededBy = new Map<string, string[]>()
  for (const [key, to] of arrows) {
    if (key === undefined) continue
    const inside = to.filter((one) => arrows.has(one))
    needs.set(key, inside.length)
    for (const one of inside) neededBy.set(one, [...(neededBy.get(one) ?? []), key])
  }
  const free = [...needs].filter(([, count]) => count === 0).map(([key]) => key)
  for (let key = free.pop(); key !== undefined; key = free.pop()) {
    needs.delete(key)
    for (const one of neededBy.get(key) ?? []) {
      const left = (needs.get(one) ?? 0) - 1
      needs.set(one, left)
      if (left === 0) free.push(one)
    }
  }
  return [...needs.keys()]
}

/** In their own order, but what is named by others before them. `place` counts from 1, as given. */
export const neededFirst = (tickets: readonly ImportedTicket[]) => {
  const entries = tickets.map((ticket, at) => ({ ticket, place: at + 1 }))
  const byKey = new Map(entries.map((entry) => [entry.ticket.key, entry]))
  const ordered = new Set<(typeof entries)[number]>()
  for (const entry of entries) {
    // Without recursion: a chain may be as long as the list.
    const way = [entry]
    for (let at = way.at(-1); at; at = way.at(-1)) {
      const missing = [at.ticket.parent, ...(at.ticket.blockedBy ?? [])]
        .map((key) => (key === undefined ? undefined : byKey.get(key)))
        .find((needed) => needed !== undefined && !ordered.has(needed) && !way.includes(needed))
      if (missing) way.push(missing)
      else {
        ordered.add(at)
        way.pop()
      }
    }
  }
  return [...ordered]
}

/** Nothing waits for a ticket that is new, so no circle can be closed and none is looked for. */
const drawNew = async (tx: Database, clock: Clock, id: number, blockedBy: number, by: Actor) => {
  await tx.kysely
    .insertInto('ticket_links')
    .values({ ticket_id: id, blocked_by_id: blockedBy })
    .execute()
  await record(tx, clock, id, by, { kind: 'linked', after: ticketKey(blockedBy) })
}

const sourceOf = (source: string) => `import:${source}`

/** A ticket's history keeps the key under which a second import knows it again. */
const filedBefore = async (
  tx: Database,
  source: string,
  tickets: readonly ImportedTicket[],
): Promise<Map<string, number>> => {
  const named = tickets.flatMap(({ key, parent, blockedBy = [] }) => [key, parent, ...blockedBy])
  const keys = new Set(named)
  const rows = await tx.kysely
    .selectFrom('ticket_events')
    .innerJoin('tickets', 'tickets.id', 'ticket_events.ticket_id')
    .select(['tickets.id', 'ticket_events.body'])
    .where('tickets.source', '=', sourceOf(source))
    .where('ticket_events.kind', '=', 'imported')
    .execute()
  return new Map(
    rows.flatMap(({ id, body }) => (body !== null && keys.has(body) ? [[body, id] as const] : [])),
  )
}

const fileOne = async (
  tx: Database,
  clock: Clock,
  source: string,
  ticket: ImportedTicket,
  parentId: number | undefined,
  by: Actor,
): Promise<number> => {
  const { key, parent, blockedBy, resolution, createdAt, closedAt, ...rest } = ticket
  const filed = await file(
    tx,
    clock,
    { ...rest, ...(parentId === undefined ? {} : { parentId }) },
    { ...by, source: sourceOf(source) },
  )
  if (key) await record(tx, clock, filed.id, by, { kind: 'imported', body: key, after: source })
  const past = {
    ...(createdAt ? { created_at: inUtc(createdAt) } : {}),
    ...(filed.closedAt && closedAt ? { closed_at: inUtc(closedAt) } : {}),
    ...(filed.closedAt && resolution ? { resolution } : {}),
  }
  if (Object.keys(past).length > 0)
    await tx.kysely.updateTable('tickets').set(past).where('id', '=', filed.id).execute()
  return filed.id
}

const inUtc = (time: string): string => new Date(time).toISOString()
