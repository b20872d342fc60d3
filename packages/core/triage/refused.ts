import type { Database } from '@mc/db/database.ts'
import { lockName } from '@mc/db/lock.ts'
import { toldStates } from '../alerts/alert.ts'

const NAMED_MAX = 100
const AUTH = 'auth:'

/** Ids of the tasks that fail with this fingerprint now: one credential may serve many. */
export const refusedTasks = async (tx: Database, fingerprint: string): Promise<string[]> => {
  const rows = await tx.kysely
    .selectFrom('tasks')
    .select('id')
    .where('last_fingerprint', '=', fingerprint)
    .where('present', '=', 1)
    .orderBy('id')
    .execute()
  return rows.map(({ id }) => id)
}

/** The one alert of a credential that several tasks were refused; null when it was only one. */
export const refusedWords = (
  credential: string,
  tasks: readonly string[],
  latest: string,
): { title: string; text: string } | null =>
  tasks.length < 2
    ? null
    : { title: refusedTitle(credential, tasks.length), text: `${listOf(tasks)}\n\n${latest}` }

/**
 * Which of these troubles are over now that `name` works again. A credential that other tasks are
 * still refused is not: its alert lists who is left.
 */
export const troublesOver = async (
  tx: Database,
  fingerprints: readonly string[],
  name: string,
): Promise<string[]> => {
  const over: string[] = []
  for (const fingerprint of [...new Set(fingerprints)].sort()) {
    // Of two tasks that work again at once, the second must see that the first does.
    if (fingerprint.startsWith(AUTH)) await lockName(tx, `alert:${fingerprint}`)
    const left = fingerprint.startsWith(AUTH) ? await refusedTasks(tx, fingerprint) : []
    if (left.length === 0) over.push(fingerprint)
    else
      await tx.kysely
        .updateTable('alerts')
        .set({
          title: refusedTitle(fingerprint.slice(AUTH.length), left.length),
          text: `${listOf(left)}\n\n${name} works again; the others were refused when they last ran.`,
        })
        .where('fingerprint', '=', fingerprint)
        .where('state', 'in', toldStates)
        .execute()
  }
  return over
}

const refusedTitle = (credential: string, count: number): string =>
  `${credential}: not authorised (${count} ${count === 1 ? 'task' : 'tasks'})`

const listOf = (tasks: readonly string[]): string => {
  const more = tasks.length > NAMED_MAX ? ` and ${tasks.length - NAMED_MAX} more` : ''
  return `Tasks: ${tasks.slice(0, NAMED_MAX).join(', ')}${more}`
}
