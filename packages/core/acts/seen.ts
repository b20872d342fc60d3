import type { Database } from '@mc/db/database.ts'
import type { Act } from './act.ts'
import { standingsOf } from './standing.ts'
import { obstacleTo } from './undoable.ts'

/** An act as a person looks at it: with whether it can be taken back now. */
export type SeenAct = Act & {
  undoable: boolean
  /** Why it cannot be, in a few words; null: it can, nothing was done, or it is undone. */
  notUndoable: string | null
  /** Whether it is taken back when all that came of its proposal is. */
  undoableTogether: boolean
}

/** The same acts, in the same order, by what an undo would decide at this moment. */
export const seenActs = async (db: Database, acts: readonly Act[]): Promise<SeenAct[]> => {
  const stands = acts.filter(({ ref, undoneAt }) => ref !== null && undoneAt === null)
  const standings = await standingsOf(db, stands)
  const obstacles = new Map(
    stands.flatMap((act, at) => {
      const standing = standings[at]
      return standing ? [[act.id, obstacleTo(act, standing)] as const] : []
    }),
  )
  return acts.map((act) => {
    const obstacle = obstacles.get(act.id)
    return {
      ...act,
      undoable: obstacle === null,
      notUndoable: obstacle?.says ?? null,
      undoableTogether: obstacle === null || obstacle?.yields === true,
    }
  })
}
