import type { Database } from '@mc/db/database.ts'
import type { Clock } from '../clock.ts'
import { match } from './match.ts'
import { parseQuery, type Query } from './query.ts'
import { type Hit, rank, toHit } from './rank.ts'
import { type Document, sources } from './sources.ts'
import { createWordTables, type Noun, nouns } from './word-tables.ts'

export type { Hit, Noun }
export { nouns }

export type Found = {
  hits: Hit[]
  /** There may be older ones that were not looked at. */
  isMore: Record<Noun, boolean>
}

/**
 * Of each noun the newest that may answer are looked at and ranked; so many more at a time while
 * too few of them do (words in a row, a beginning that has no list). What more rows have is so
 * common that the newest are the better answer.
 */
const LOOKED_AT = [100, 300, 600]

/** Finds tickets, turns and items by their words. */
export const createSearch = (db: Database, clock: Clock) => {
  const tables = createWordTables(db)

  const documents = async (noun: Noun, ids: readonly number[]): Promise<Document[]> =>
    ids.length === 0 ? [] : sources[noun].documents(db, ids)

  const ofNoun = async (noun: Noun, query: Query, enough: number) => {
    const now = clock.now()
    const hits: Hit[] = []
    let before: number | undefined
    for (const count of LOOKED_AT) {
      const ids = await tables.lookUp(noun, query, {
        before,
        limit: count + 1,
        // Mostly the newest are enough, and found without the cost of looking closely.
        isNarrow: before !== undefined,
      })
      const looked = ids.slice(0, count)
      for (const one of await documents(noun, looked)) {
        const found = match(query, one.title, one.body)
        if (found) hits.push(toHit(one, found, now))
      }
      if (ids.length <= count) return { hits, isMore: false }
      if (hits.length >= enough) break
      before = looked.at(-1)
    }
    return { hits, isMore: true }
  }

  return {
    /**
     * The best first. `kinds`: only these nouns. `MC-12` brings that ticket first, whatever else
     * it finds. Nothing a person can type throws.
     */
    async find(
      text: string,
      { kinds = nouns, limit = 20 }: { kinds?: readonly Noun[]; limit?: number } = {},
    ): Promise<Found> {
      const query = parseQuery(text)
      const isMore = { ticket: false, turn: false, item: false }
      const hits: Hit[] = []
      if (query.terms.length > 0)
        for (const noun of kinds) {
          const found = await ofNoun(noun, query, limit)
          isMore[noun] = found.isMore
          hits.push(...found.hits)
        }
      const named = kinds.includes('ticket') ? await this.ticket(query.ticketId) : null
      const ranked = rank(hits).filter((hit) => hit.kind !== 'ticket' || hit.id !== named?.id)
      return { hits: [...(named ? [named] : []), ...ranked].slice(0, limit), isMore }
    },

    /** The ticket of that number, as a hit; null when there is none. */
    async ticket(id: number | null): Promise<Hit | null> {
      if (id === null) return null
      const [one] = await documents('ticket', [id])
      if (!one) return null
      const nothing = { terms: [], ticketId: id }
      const found = match(nothing, one.title, one.body)
      return found && toHit(one, found, clock.now())
    },
  }
}

export type Search = ReturnType<typeof createSearch>
