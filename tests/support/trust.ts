import { createDelegation } from '@mc/core/delegation/delegation.ts'
import type { ActionClass } from '@mc/core/trust/classes.ts'
import type { Database } from '@mc/db/database.ts'
import type { createTestClock } from './clock.ts'

/** A message of a person, read by nobody else before. */
export const user = { origin: 'user', author: 'person', evidence: {} } as const

/** What the environment says of autonomy. */
export const first = (trusted: readonly ActionClass[] = []) => ({
  switches: { autonomy: trusted.length > 0 ? 'trusted' : 'advisor' } as const,
  autonomy: { trusted },
})

/** Ends a run as the api does. */
export const cancelling = (clock: ReturnType<typeof createTestClock>) => ({
  cancelRun: (tx: Database, id: string, by: string) =>
    createDelegation(tx, clock, { configured: true }).cancel(id, by),
})

/** An act of which only its class and what it was done to matter. */
export const blank = { proposalId: null, step: null, turnId: null, title: 'x', before: null }
