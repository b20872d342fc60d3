import type { Database } from '@mc/db/database.ts'
import type { Content } from './proposal.ts'

/** The folders that a proposal names for workers. */
export const foldersIn = ({ steps }: Content): ReadonlySet<string> =>
  new Set(steps.flatMap((step) => ('folder' in step && step.folder ? [step.folder] : [])))

/** Whether Luci named the folder in that proposal, and not a person who edited it. */
export const isProposedFolder = async (
  db: Database,
  proposalId: string,
  folder: string,
): Promise<boolean> => {
  const row = await db.kysely
    .selectFrom('proposals')
    .select('content')
    .where('id', '=', proposalId)
    .executeTakeFirst()
  // Gone with the years: it may have been hers.
  return row === undefined || foldersIn(JSON.parse(row.content) as Content).has(folder)
}
