import type { Database } from '@mc/db/database.ts'

const NAMED_MAX = 100

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
): { title: string; text: string } | null => {
  if (tasks.length < 2) return null
  const more = tasks.length > NAMED_MAX ? ` and ${tasks.length - NAMED_MAX} more` : ''
  return {
    title: `${credential}: not authorised (${tasks.length} tasks)`,
    text: `Tasks: ${tasks.slice(0, NAMED_MAX).join(', ')}${more}\n\n${latest}`,
  }
}
