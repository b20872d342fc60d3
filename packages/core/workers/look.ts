import type { Database } from '@mc/db/database.ts'
import { missingMigrations } from '@mc/db/migrate.ts'
import { sql } from 'kysely'
import { lookAtChannels } from '../alerts/channel-health.ts'
import { pausedWords } from '../client/status-words.ts'
import { type Clock, parseTime } from '../clock.ts'
import type { Config } from '../config.ts'
import { readBreaker } from '../digest/breaker.ts'
import type { LuciState } from '../luci/status.ts'
import { createSettings } from '../settings/settings.ts'
import { readSwitch } from '../settings/switches.ts'
import { createPauseAll } from '../tasks/pause-all.ts'
import { type RulesFileState, rulesFileState } from '../triage/rules-setting.ts'
import type { DeskLook } from './clear.ts'
import { createWorkers } from './workers.ts'

export type LookDeps = {
  db: Database
  clock: Clock
  config: Pick<Config, 'switches' | 'telegram' | 'alerting'>
  /** Where she is known at first hand; by default as the api's beat tells it. */
  luci?: () => { state: LuciState; problem: string | null }
}

/**
 * Looks at the desk: a dozen reads by index, whatever the size of the tables, and one write that
 * changes nothing. Never throws: a database that is away is what it tells.
 */
export const lookAtDesk = async (deps: LookDeps): Promise<DeskLook> => {
  try {
    return await look(deps)
  } catch (error) {
    const said = error instanceof Error ? error.message : String(error)
    return { ...nothingKnown, databaseProblem: `The database does not answer: ${said}` }
  }
}

const nothingKnown: DeskLook = {
  databaseProblem: null,
  migrationsMissing: [],
  workers: [],
  inbox: { oldestAgeMs: null, oldestLowAgeMs: null, lapsedMs: null },
  luci: null,
  channels: [],
  pausedWords: null,
  pickup: 'orchestrate',
  rulesWords: null,
  breakerWords: null,
}

const look = async ({ db, clock, config, luci }: LookDeps): Promise<DeskLook> => {
  const settings = createSettings(db, clock)
  const { switches } = config
  await mustTakeWrites(db)
  const workers = await createWorkers(db, clock).health()
  const pickup = await readSwitch(settings, switches, 'pickup')
  const chat = await readSwitch(settings, switches, 'chat')
  const stopped = (await settings.get<string>('luci.wanted'))?.value === 'stopped'
  const api = workers.find(({ name }) => name === 'api')
  const seen =
    luci?.() ??
    (api?.state === 'alive'
      ? { state: (api.worker?.doing ?? 'idle') as LuciState, problem: null }
      : null)
  return {
    databaseProblem: null,
    migrationsMissing: await missingMigrations(db),
    workers,
    inbox: await inboxAges(db, clock.now()),
    luci: seen && { ...seen, wanted: chat !== 'off' && !stopped },
    channels: await lookAtChannels(settings, config),
    pausedWords: pausedWords(await createPauseAll(settings, clock).get()),
    pickup,
    rulesWords: rulesWords(await rulesFileState(settings)),
    breakerWords: await breakerWords(db, clock),
  }
}

const rulesWords = (state: RulesFileState | null): string | null => {
  const count = state?.problems.length ?? 0
  if (!state || count === 0) return null
  const what = count === 1 ? 'a mistake' : `${count} mistakes`
  return `The rules file has ${what}, its last good rules go on: ${state.problems[0]}`
}

const breakerWords = async (db: Database, clock: Clock): Promise<string | null> => {
  const breaker = await readBreaker(db, clock)
  return breaker.state === 'closed'
    ? null
    : `Luci let ${breaker.silent} digests in a row go by, so rules and the fallback decide`
}

/** A read-only file or server, or one whose write lock is never free, is found here. */
const mustTakeWrites = (db: Database): Promise<void> =>
  db.transaction(async (tx) => {
    // No row has this key, and nobody's bell rings for this table.
    await tx.kysely
      .updateTable('idempotency_keys')
      .set({ status: null })
      .where('key', '=', '')
      .execute()
  })

const inboxAges = async (db: Database, now: Date): Promise<DeskLook['inbox']> => {
  const oldest = (rank: number) => sql`(
    select created_at from orchestrator_inbox
    where status = 'pending'
      and (case priority when 'critical' then 0 when 'low' then 2 else 1 end) = ${sql.lit(rank)}
    order by id limit 1)`
  const { rows } = await sql<Record<'critical' | 'normal' | 'low' | 'lapsed', string | null>>`
    select ${oldest(0)} as critical, ${oldest(1)} as normal, ${oldest(2)} as low,
      (select min(claim_expires_at) from orchestrator_inbox where status = 'claimed') as lapsed`.execute(
    db.kysely,
  )
  const age = (text: string | null | undefined): number | null => {
    const time = parseTime(text ?? null)
    return time && now.getTime() - time.getTime()
  }
  const waiting = [age(rows[0]?.critical), age(rows[0]?.normal)].filter((ms) => ms !== null)
  return {
    oldestAgeMs: waiting.length > 0 ? Math.max(...waiting) : null,
    oldestLowAgeMs: age(rows[0]?.low),
    lapsedMs: age(rows[0]?.lapsed),
  }
}
