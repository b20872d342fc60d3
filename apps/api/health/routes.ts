import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { AppError } from '@mc/core/errors.ts'
import type { Database } from '@mc/db/database.ts'
import { sql } from 'kysely'
import { Type } from 'typebox'

const Ok = Type.Object({ ok: Type.Boolean() })

/** For whoever watches the api: it runs; it can serve. Neither tells anything else. */
export const healthRoutes: FastifyPluginAsyncTypebox<{ db: Database }> = async (app, { db }) => {
  app.get('/healthz', { schema: { response: { 200: Ok } }, config: { open: true } }, async () => ({
    ok: true,
  }))

  app.get('/readyz', { schema: { response: { 200: Ok } }, config: { open: true } }, async () => {
    try {
      await sql`select 1`.execute(db.kysely)
    } catch (cause) {
      throw new AppError('unavailable', 'The database does not answer', { cause })
    }
    return { ok: true }
  })
}
