import type { Database } from '@mc/db/database.ts'
import { sql } from 'kysely'
import { type Clock, isoTime } from '../clock.ts'
import { type Correction, createCorrections } from '../corrections/corrections.ts'
import { createItemListing } from '../inbox/listing.ts'
import { plain } from '../triage/outcome.ts'
import { covers, effectsOf } from '../triage/verdict.ts'
import { createTally, type DayCount } from './tally.ts'
import type { Week } from './week.ts'

export type Sample = {
  item: number
  title: string
  decidedBy: string | null
  reason: string | null
  at: string | null
}

export type Report = {
  week: string
  /** ISO times of its Mondays. */
  from: string
  to: string
  isOver: boolean
  /** False while older items are still being counted. */
  isWhole: boolean
  settled: number
  silenced: {
    items: number
    /** Successes and fires that were passed over: nobody would have wanted to hear of them. */
    routine: number
    by: { decidedBy: string; items: number }[]
    /** Where the rest came from, most first. */
    sources: { source: string; sourceId: string; items: number }[]
    samples: Sample[]
  }
  told: number
  ticketed: number
  /** Trouble that interrupted nobody: silent, or a ticket for later. */
  sparedInterruptions: number
  /** Nobody was told, and a person said later that somebody should have been. */
  missed: Correction[]
  corrected: Correction[]
  luci: {
    digests: {
      id: string
      turnId: string | null
      at: string
      tokensIn: number | null
      tokensOut: number | null
      costUsd: number | null
    }[]
    /** Null where her program does not say. */
    tokensIn: number | null
    tokensOut: number | null
    /** Of what told a price. */
    costUsd: number | null
  }
}

const SOURCES = 5
const SAMPLES = 5
const CORRECTIONS = 50
const DIGESTS_MAX = 2_100

/** What was kept from a person in a week, and what was not. Reads counts, not items. */
export const createReport = (db: Database, clock: Clock) => ({
  async of(week: Week): Promise<Report> {
    const [{ counts, isWhole }, corrected, samples, digests] = await Promise.all([
      createTally(db, clock).days(week.firstDay, week.lastDay),
      createCorrections(db, clock).between(isoTime(week.from), isoTime(week.to), CORRECTIONS),
      samplesOf(db, clock, week),
      digestsOf(db, week),
    ])
    return {
      week: week.name,
      from: isoTime(week.from),
      to: isoTime(week.to),
      isOver: week.to <= clock.now(),
      isWhole,
      ...figuresOf(counts, samples),
      missed: corrected.filter(isMiss),
      corrected,
      luci: {
        digests,
        tokensIn: sumKnown(digests.map((one) => one.tokensIn)),
        tokensOut: sumKnown(digests.map((one) => one.tokensOut)),
        costUsd: sumKnown(digests.map((one) => one.costUsd)),
      },
    }
  },
})

export type Reports = ReturnType<typeof createReport>

/** Somebody should have been told and was not; a ticket that was missing is no miss. */
const isMiss = ({ verdict, right }: Correction): boolean =>
  covers(right, 'alert') && !covers(verdict, 'alert')

/** The numbers, from the counts alone. Pure. */
export const figuresOf = (
  counts: readonly DayCount[],
  samples: Sample[],
): Pick<Report, 'settled' | 'silenced' | 'told' | 'ticketed' | 'sparedInterruptions'> => {
  const silent = counts.filter((one) => effects(one).length === 0)
  const trouble = counts.filter((one) => !isRoutine(one))
  const loudless = silent.filter((one) => !isRoutine(one))
  return {
    settled: sum(counts),
    silenced: {
      items: sum(silent),
      routine: sum(silent.filter(isRoutine)),
      by: grouped(silent, (one) => one.decidedBy).map(([decidedBy, items]) => ({
        decidedBy,
        items,
      })),
      sources: grouped(loudless, (one) => JSON.stringify([one.source, one.sourceId]))
        .slice(0, SOURCES)
        .map(([key, items]) => {
          const [source = '', sourceId = ''] = JSON.parse(key) as string[]
          return { source, sourceId, items }
        }),
      samples,
    },
    told: sum(counts.filter((one) => effects(one).includes('alert'))),
    ticketed: sum(counts.filter((one) => effects(one).includes('ticket'))),
    sparedInterruptions: sum(trouble.filter((one) => !effects(one).includes('alert'))),
  }
}

const isRoutine = ({ kind }: DayCount): boolean => kind === 'ok' || kind === 'skipped'

/** Other programs may settle without a verdict: then nothing was done. */
const effects = ({ verdict }: DayCount) =>
  verdict === 'ticket' || verdict === 'alert' || verdict === 'alert+ticket'
    ? effectsOf(verdict)
    : []

const sum = (counts: readonly DayCount[]): number =>
  counts.reduce((total, one) => total + one.items, 0)

/** Most first. */
const grouped = (
  counts: readonly DayCount[],
  by: (one: DayCount) => string,
): [key: string, items: number][] =>
  [...Map.groupBy(counts, by)]
    .map(([key, group]): [string, number] => [key, sum(group)])
    .sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1))

/** The latest of those that were no routine. */
const samplesOf = async (db: Database, clock: Clock, week: Week): Promise<Sample[]> => {
  const { items } = await createItemListing(db, clock).settledPage('ignored', {
    from: week.from,
    to: week.to,
    trouble: true,
    limit: SAMPLES,
  })
  return items.map((item) => ({
    item: item.id,
    title: plain(item.message.slice(0, 500)).trim().split('\n')[0]?.slice(0, 160) ?? '',
    decidedBy: item.decidedBy,
    reason: item.reason,
    at: item.processedAt ? isoTime(item.processedAt) : null,
  }))
}

const digestsOf = async (db: Database, week: Week): Promise<Report['luci']['digests']> => {
  const rows = await db.kysely
    .selectFrom('digests')
    .select(['digests.id', 'digests.turn_id', 'digests.opened_at'])
    .select([
      ofItsTurns('sum(tokens_in)').as('tokens_in'),
      ofItsTurns('sum(tokens_out)').as('tokens_out'),
      ofItsTurns('sum(cost_usd)').as('cost_usd'),
    ])
    .where('digests.opened_at', '>=', isoTime(week.from))
    .where('digests.opened_at', '<', isoTime(week.to))
    .orderBy('digests.opened_at', 'desc')
    .limit(DIGESTS_MAX)
    .execute()
  return rows.map((row) => ({
    id: row.id,
    turnId: row.turn_id,
    at: row.opened_at,
    tokensIn: row.tokens_in === null ? null : Number(row.tokens_in),
    tokensOut: row.tokens_out === null ? null : Number(row.tokens_out),
    costUsd: row.cost_usd,
  }))
}

/** She may be told of a digest again, and is reminded. */
const ofItsTurns = (sum: string) =>
  sql<number | null>`(select ${sql.raw(sum)} from turns where turns.digest_id = digests.id)`

const sumKnown = (numbers: readonly (number | null)[]): number | null => {
  const known = numbers.filter((one) => one !== null)
  return known.length === 0 ? null : known.reduce((total, one) => total + one, 0)
}
