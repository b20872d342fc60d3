import type { Database, Statement } from '@mc/db/database.ts'
import type { KyselyPlugin } from 'kysely'

export class Died extends Error {}

/** Counts statements, and dies at one: from then on nothing is done any more, as in a dead process. */
export type Death = { left: number; dead: boolean }

/**
 * The database of a process that dies between any two statements, in a transaction too: what was
 * not committed is undone, and whatever the dead code still tries comes to nothing.
 */
export const dyingDatabase = (db: Database, death: Death): Database => {
  const step = () => {
    if (!death.dead && --death.left < 0) death.dead = true
    if (death.dead) throw new Died('The process died here')
  }
  const plugin: KyselyPlugin = {
    transformQuery: ({ node }) => {
      step()
      return node
    },
    transformResult: async ({ result }) => result,
  }
  const wrap = (inner: Database): Database => {
    const stepping = <Row>(statement: Statement<Row>): Statement<Row> => ({
      all: async (params) => {
        step()
        return statement.all(params)
      },
      run: async (params) => {
        step()
        return statement.run(params)
      },
    })
    const self: Database = {
      ...inner,
      kysely: inner.kysely.withPlugin(plugin),
      transaction: (work) =>
        inner.inTransaction
          ? work(self)
          : inner.transaction(async (tx) => {
              const result = await work(wrap(tx))
              // Before the commit; what comes after it is before the next statement.
              step()
              return result
            }),
      statement: (name, build) => stepping(inner.statement(name, build)),
      grouped: (name, build) => stepping(inner.grouped(name, build)),
    }
    return self
  }
  return wrap(db)
}
