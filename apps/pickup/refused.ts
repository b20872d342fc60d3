import type { Alert } from '@mc/core/alerts/alert.ts'
import { inboxTime } from '@mc/core/clock.ts'
import { type Item, toItem } from '@mc/core/inbox/item.ts'
import { fingerprintFor, outcomeOf, plain } from '@mc/core/triage/outcome.ts'
import { refusedTasks, refusedWords } from '@mc/core/triage/refused.ts'
import { nameOf } from '@mc/core/triage/trouble.ts'
import type { Database } from '@mc/db/database.ts'
import { sql } from 'kysely'

const LOOKED_AT = 200

/**
 * What the alert of a credential says once several were refused it: our own tasks, and what other
 * programs posted since it was raised. Null when it was only one, or nobody named the credential.
 */
export const listOfRefused = async (
  tx: Database,
  item: Item,
  alert: Alert,
  text: string,
): Promise<{ title: string; text: string } | null> => {
  const { credential } = outcomeOf(item)
  if (credential === null) return null
  const rows = await tx.kysely
    // The newest first, then those of the time: no index knows when they came, and a filter that few
    // rows pass would never reach the limit.
    .selectFrom((eb) =>
      eb
        .selectFrom('orchestrator_inbox')
        .selectAll()
        // Said in as many words, SQLite takes the partial index.
        .where(sql<boolean>`kind = 'auth' and kind <> 'ok'`)
        .orderBy('id', 'desc')
        .limit(LOOKED_AT)
        .as('newest'),
    )
    .selectAll()
    .where('created_at', '>=', inboxTime(new Date(alert.createdAt)))
    .execute()
  const others = [item, ...rows.map(toItem)]
    .filter((other) => other.source !== 'scheduler' && fingerprintFor(other) === alert.fingerprint)
    .map((other) => plain(nameOf(other)).slice(0, 100))
  const names = [...new Set([...(await refusedTasks(tx, alert.fingerprint)), ...others])].sort()
  return refusedWords(plain(credential).slice(0, 100), names, text)
}
