import { randomHex } from '@mc/core/ids.ts'
import type { Database } from '@mc/db/database.ts'
import type { TestClock } from './clock.ts'

export type DayOf = {
  silenced: number
  handled: number
  digests: number
  turns: number
  alerts: number
  /** How many tasks there are. */
  tasks?: number
}

const sqlTime = (date: Date) => date.toISOString().replace('T', ' ').replace('Z', '')
const chunks = <T>(all: T[], size: number): T[][] =>
  Array.from({ length: Math.ceil(all.length / size) }, (_, n) =>
    all.slice(n * size, (n + 1) * size),
  )

/**
 * A day of a desk as its rows are at the end of it: everything settled, nobody needed. Twice on
 * one clock are two days.
 */
export const liveADay = async (db: Database, clock: TestClock, day: DayOf): Promise<void> => {
  const at = clock.now().toISOString()
  const text = 'x'.repeat(400)
  const { tasks = 60 } = day
  await db.transaction(async (tx) => {
    const item = (n: number, over: object) => ({
      source_type: 'scheduler',
      source_id: `task-${n % tasks}`,
      message: `Task ${n % tasks} went well`,
      priority: 'low',
      status: 'ignored',
      created_at: sqlTime(clock.now()),
      processed_at: sqlTime(clock.now()),
      kind: 'ok',
      detail: JSON.stringify({ task: `task-${n % tasks}`, excerpt: text }),
      verdict: 'silent',
      decided_by: 'rule:routine_success',
      reason: 'It went well',
      ...over,
    })
    for (const rows of chunks(
      Array.from({ length: day.silenced }, (_, n) => item(n, {})),
      500,
    ))
      await tx.kysely.insertInto('orchestrator_inbox').values(rows).execute()
    for (let d = 0; d < day.digests; d++) {
      const [digest, turn] = [randomHex(6), randomHex(4)]
      const settled = { state: 'settled', opened_at: at, due_at: at, sealed_at: at, settled_at: at }
      await tx.kysely
        .insertInto('digests')
        .values({ id: digest, ...settled, turn_id: turn, text: text.repeat(5) })
        .execute()
      await addTurns(tx, at, [{ id: turn, origin: 'digest', digest_id: digest }])
      const handled = Array.from({ length: Math.ceil(day.handled / day.digests) }, (_, n) =>
        item(n, {
          kind: 'failed',
          status: 'processed',
          fingerprint: `v1:${d % 7}`,
          digest_id: digest,
          verdict: 'alert',
          decided_by: 'luci',
        }),
      )
      const ids = await tx.kysely
        .insertInto('orchestrator_inbox')
        .values(handled)
        .returning('id')
        .execute()
      await tx.kysely
        .insertInto('verdicts')
        .values(
          ids.map(({ id }) => ({
            item_id: id,
            digest_id: digest,
            action: 'alert',
            reason: 'It matters',
            decided_by: 'luci',
            at,
            performed_at: at,
          })),
        )
        .execute()
    }
    await addTurns(
      tx,
      at,
      Array.from({ length: day.turns }, () => ({
        id: randomHex(4),
        origin: 'user',
        digest_id: null,
      })),
    )
    for (let n = 0; n < day.alerts; n++)
      await tx.kysely
        .insertInto('alerts')
        .values({
          fingerprint: `v1:${randomHex(4)}`,
          severity: 'normal',
          kind: 'failed',
          title: 'A task failed',
          text,
          state: 'resolved',
          created_at: at,
          due_at: at,
          sent_at: at,
          resolved_at: at,
        })
        .execute()
  })
}

const addTurns = async (
  tx: Database,
  at: string,
  turns: { id: string; origin: string; digest_id: string | null }[],
): Promise<void> => {
  for (const rows of chunks(turns, 200))
    await tx.kysely
      .insertInto('turns')
      .values(
        rows.map((turn) => ({
          ...turn,
          text: 'What needs me?',
          state: 'answered',
          reply: 'Nothing waits for you. '.repeat(60),
          evidence: '{}',
          tokens_in: 900,
          tokens_out: 120,
          created_at: at,
          ended_at: at,
        })),
      )
      .execute()
}
