import type { Database } from '@mc/db/database.ts'
import { lockName } from '@mc/db/lock.ts'
import { type Static, Type } from 'typebox'
import type { Clock } from '../clock.ts'
import { AppError } from '../errors.ts'
import { type Actor, record } from './events.ts'
import { file } from './filing.ts'
import { createLinks } from './links.ts'
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

export const IMPORT_MAX = 5_000

export type Imported = {
  /** `MC-<n>` of each that was filed, beside its own key (or its place, `#3`). */
  filed: { from: string; key: string }[]
  /** Filed by an import before, and so left as they are. */
  known: { from: string; key: string }[]
}

/**
 * Files all of them or none. `source` names where they come from (`jira`): a key of it is filed
 * once, however often it is imported. Throws `invalid` that lists every mistake.
 */
export const importTickets = async (
  db: Database,
  clock: Clock,
  { source, tickets }: { source: string; tickets: readonly ImportedTicket[] },
  by: Actor,
): Promise<Imported> => {
  const problems = mistakesIn(tickets)
  if (problems.length > 0)
    throw new AppError('invalid', `Nothing was imported: ${problems.length} problem(s)`, {
      problems,
    })
  return db.transaction(async (tx) => {
    await lockName(tx, `import:${source}`)
    const known = await filedBefore(tx, source, tickets)
    const ids = new Map(known)
    const filed: Imported['filed'] = []
    const fresh = parentsFirst(tickets).filter(
      ({ ticket }) => !ticket.key || !known.has(ticket.key),
    )
    for (const { ticket, place } of fresh) {
      const parentId = ticket.parent ? ids.get(ticket.parent) : undefined
      const id = await fileOne(tx, clock, source, ticket, parentId, by)
      if (ticket.key) ids.set(ticket.key, id)
      filed.push({ from: ticket.key ?? `#${place}`, key: ticketKey(id) })
    }
    const links = createLinks(tx, clock)
    for (const { ticket } of fresh)
      for (const blocker of ticket.blockedBy ?? [])
        await links.link(ids.get(ticket.key ?? '') ?? 0, ids.get(blocker) ?? 0, by)
    return { filed, known: [...known].map(([from, id]) => ({ from, key: ticketKey(id) })) }
  })
}

/** Every mistake of the list as a whole, in words; each ticket by itself was checked by its schema. */
export const mistakesIn = (tickets: readonly ImportedTicket[]): string[] => {
  const keys = new Set<string>()
  const problems: string[] = []
  for (const [at, { key }] of tickets.entries()) {
    if (key && keys.has(key)) problems.push(`#${at + 1}: the key "${key}" is there twice`)
    if (key) keys.add(key)
  }
  for (const [at, ticket] of tickets.entries()) {
    const { parent, blockedBy = [], key } = ticket
    if (parent && !keys.has(parent))
      problems.push(`#${at + 1}: there is no key "${parent}" for its parent`)
    for (const blocker of blockedBy)
      if (!keys.has(blocker))
        problems.push(`#${at + 1}: there is no key "${blocker}" to be blocked by`)
    if (blockedBy.length > 0 && !key)
      problems.push(`#${at + 1}: what is blocked by others needs a key of its own`)
  }
  const parentOf = new Map(tickets.map(({ key, parent }) => [key, parent]))
  for (const [at, { key }] of tickets.entries())
    if (key && isOwnAncestor(key, parentOf))
      problems.push(`#${at + 1}: "${key}" is a part of itself`)
  return problems
}

const isOwnAncestor = (
  key: string,
  parentOf: ReadonlyMap<string | undefined, string | undefined>,
): boolean => {
  const seen = new Set<string>()
  for (let at = parentOf.get(key); at !== undefined && !seen.has(at); at = parentOf.get(at)) {
    if (at === key) return true
    seen.add(at)
  }
  return false
}

/** In their own order, but a parent before its parts. `place` counts from 1, as given. */
const parentsFirst = (tickets: readonly ImportedTicket[]) => {
  const byKey = new Map(tickets.map((ticket, at) => [ticket.key, { ticket, place: at + 1 }]))
  const ordered = new Set<{ ticket: ImportedTicket; place: number }>()
  const add = (entry: { ticket: ImportedTicket; place: number }): void => {
    const parent = entry.ticket.parent ? byKey.get(entry.ticket.parent) : undefined
    if (parent && !ordered.has(parent)) add(parent)
    ordered.add(entry)
  }
  for (const [at, ticket] of tickets.entries())
    add(
      ticket.key ? (byKey.get(ticket.key) ?? { ticket, place: at + 1 }) : { ticket, place: at + 1 },
    )
  return [...ordered]
}

const sourceOf = (source: string) => `import:${source}`

/** A ticket's history keeps the key under which a second import knows it again. */
const filedBefore = async (
  tx: Database,
  source: string,
  tickets: readonly ImportedTicket[],
): Promise<Map<string, number>> => {
  const keys = new Set(tickets.flatMap(({ key }) => key ?? []))
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
