import { createDigests } from '@mc/core/digest/digests.ts'
import { createInbox } from '@mc/core/inbox/inbox.ts'
import type { NewItem } from '@mc/core/inbox/item.ts'
import { createTickets } from '@mc/core/tickets/tickets.ts'
import { createTurns } from '@mc/core/turns/turns.ts'
import type { Test } from 'tap'
import { asCli } from '../api/desk.ts'
import { startApp } from '../support/app.ts'
import { createTestClock } from '../support/clock.ts'
import { createTestDesk } from '../support/desk.ts'
import type { Facts } from './payloads.ts'

export type OpenDesk = Awaited<ReturnType<typeof openDesk>>

/** An api and a pickup over one database; a trial after the other is made at it. */
export const openDesk = async (test: Test) => {
  const clock = createTestClock()
  const running = await startApp(test, { listen: false, clock })
  const desk = createTestDesk(running.db)
  let trials = 0
  return {
    running,
    desk,
    /** Long after the one before, so that neither is a part of the other. */
    next: async () => {
      await clock.advance(HOUR_MS)
      await desk.clock.advance(HOUR_MS)
      await desk.luciIsUp()
      return ++trials
    },
  }
}

const HOUR_MS = 3_600_000

/** What rules decide, however evil its words. */
const decided = (trial: number, text: string): Record<string, NewItem> => ({
  'a success that printed it': { ...task(`nightly-${trial}`, text), kind: 'ok' },
  'a refused credential': { ...task(`mail-${trial}`, text), kind: 'auth' },
  'the third failure in a row': task(`backup-${trial}`, text, 3),
})

export const task = (id: string, text: string, inARow = 1): NewItem => ({
  source: 'scheduler',
  sourceId: id,
  message: `${id} failed with exit code 1`,
  kind: 'failed',
  fingerprint: `v1:${id}`,
  detail: { task: id, excerpt: text, consecutiveFailures: inARow, sameFingerprint: inARow },
})

/**
 * `text` comes in by every door: in the output of tasks, as the name of one, as the body of a
 * webhook, as a comment on a ticket; and Luci has been asked about what no rule knows of it. All
 * through the real path: rows, rules, digest, turn.
 */
export const setUp = async (at: OpenDesk, textOf: (facts: Facts) => string) => {
  const trial = await at.next()
  const { running, desk } = at
  const { db } = running
  const inbox = createInbox(db, desk.clock)
  const turns = createTurns(db, desk.clock)
  const tickets = createTickets(db, desk.clock)
  const fingerprint = `roof-${trial}`
  const trouble = await tickets.fileOnce(
    { title: 'The roof leaks', fingerprint },
    { actor: 'person' },
  )
  const queued = await turns.queue({ text: 'Good morning', origin: 'user' })
  // The next ids, as one who guesses would know them.
  const { id: last } = await inbox.post({ source: 'cron', message: 'hello', kind: 'ok' })
  const facts: Facts = {
    turn: '',
    digest: '',
    fellow: last + 1,
    critical: last + 2,
    foreign: last + 10,
    ticket: trouble.ticket.key,
    queued: queued.id,
    fingerprint,
  }
  const text = textOf(facts)
  await inbox.post(task(`sync-${trial}`, 'timeout'))
  await inbox.post({ source: 'cron', message: `boiler ${trial} is on fire`, priority: 'critical' })
  const rules: Record<string, number> = {}
  for (const [name, item] of Object.entries(decided(trial, text)))
    rules[name] = (await inbox.post(item)).id
  const output = await inbox.post(task(`report-${trial}`, text))
  const own = await inbox.post({ source: 'cron', message: `door ${trial} squeaks` })
  const name = await inbox.post({
    ...task('x', 'it failed'),
    sourceId: text.slice(0, 200),
    fingerprint: `v1:name-${trial}`,
    detail: { task: text, consecutiveFailures: 1 },
  })
  const body = { source: 'webhook', message: text.slice(0, 16_000) }
  const webhook = (await asCli(running, 'POST', '/api/v1/inbox', body)).json<{ id: number }>()
  await tickets.comment(trouble.ticket.id, text, { actor: 'pickup' })
  await desk.drain()
  const turn = await turns
    .open()
    .then((open) => open.find(({ origin }) => origin === 'digest') ?? null)
  if (!turn) throw new Error('Luci was not asked')
  await turns.move(turn.id, ['queued'], 'typed', { profile: 'claude' })
  const foreign = await inbox.post({ source: 'cron', message: `lamp ${trial} is odd` })
  if (foreign.id !== facts.foreign) throw new Error(`Expected item ${facts.foreign}, got another`)
  return {
    running,
    desk,
    trial,
    inbox,
    turns,
    facts: { ...facts, turn: turn.id, digest: turn.digestId ?? '' },
    /** Items that carry the text and are left open by the rules. */
    carriers: { output: output.id, name: name.id, webhook: webhook.id },
    rules,
    digests: createDigests(db, desk.clock),
    /** She has judged one item by herself, is reminded, and answers again; then the desk ends what is left. */
    end: async () => {
      const verdict = { item: own.id, action: 'ticket', reason: 'can wait' } as const
      await createDigests(db, desk.clock).recordVerdicts({
        by: 'luci',
        turnId: turn.id,
        verdicts: [verdict],
      })
      for (let turnsEnded = 0; turnsEnded < 2; turnsEnded++) {
        for (const open of await turns.open())
          if (open.origin === 'digest')
            await turns.move(open.id, ['queued', 'typed'], 'answered', {
              evidence: { ended: 'test' },
            })
        await desk.drain()
      }
    },
    /** All that no text may touch. */
    world: async () => ({
      tickets: await db.kysely
        .selectFrom('tickets')
        .select(['id', 'title', 'status', 'resolution', 'priority', 'occurrences', 'parent_id'])
        .where('id', '=', trouble.ticket.id)
        .execute(),
      events: await db.kysely
        .selectFrom('ticket_events')
        .select(['kind', 'actor'])
        .where('ticket_id', '=', trouble.ticket.id)
        .orderBy('id')
        .execute(),
      foreign: await inbox.find(facts.foreign),
      queued: await turns.get(queued.id),
      runs: await db.kysely.selectFrom('runs').select('id').execute(),
      proposals: await db.kysely.selectFrom('proposals').select('id').execute(),
      settings: await db.kysely.selectFrom('settings').select(['name', 'value']).execute(),
      credentials: await db.kysely.selectFrom('credentials').select('id').orderBy('id').execute(),
    }),
  }
}
