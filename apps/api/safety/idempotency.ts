import { createHash } from 'node:crypto'
import { type Clock, isoTime } from '@mc/core/clock.ts'
import { AppError } from '@mc/core/errors.ts'
import { ANSWERS_KEPT_MS } from '@mc/core/retention/leftovers.ts'
import type { Database } from '@mc/db/database.ts'
import type { FastifyInstance, FastifyRequest } from 'fastify'

declare module 'fastify' {
  interface FastifyRequest {
    /** The key this request holds, while its answer is not yet kept. */
    idempotencyKey: string | null
  }
}

const reads = ['GET', 'HEAD', 'OPTIONS']

/**
 * A change with `Idempotency-Key` is done once: the same key and body again gets the first answer,
 * another body is a conflict. The key is taken before the work and the answer kept after it, so
 * that a crash between them is a conflict too, never a second time.
 */
export const idempotency = (app: FastifyInstance, db: Database, clock: Clock): void => {
  app.decorateRequest('idempotencyKey', null)

  app.addHook('preHandler', async (request, reply) => {
    const given = request.headers['idempotency-key']
    if (reads.includes(request.method) || typeof given !== 'string' || !request.caller) return
    if (given.length > 200)
      throw new AppError('invalid', 'Expected an Idempotency-Key of at most 200 characters')
    // One caller's keys are not another's.
    const key = `${request.caller.credentialId}:${given}`
    const requestHash = hashRequest(request)
    const taken = await db.kysely
      .insertInto('idempotency_keys')
      .values({ key, request_hash: requestHash, created_at: isoTime(clock.now()) })
      .onConflict((conflict) => conflict.doNothing())
      .executeTakeFirst()
    if (taken.numInsertedOrUpdatedRows) {
      request.idempotencyKey = key
      return
    }
    const first = await db.kysely
      .selectFrom('idempotency_keys')
      .selectAll()
      .where('key', '=', key)
      .executeTakeFirst()
    if (first && first.request_hash !== requestHash)
      throw new AppError('conflict', 'This Idempotency-Key was used for another request', {
        hint: 'Use a new key for a new request.',
      })
    // No row: the first was let go of this very moment, since it may be tried again.
    if (!first || first.status === null)
      throw new AppError(
        'conflict',
        'The first request with this Idempotency-Key has no answer yet',
        {
          hint: 'It is under way, was cut off, or its answer held a secret and was not kept. Look at what is there before you try with a new key.',
        },
      )
    return reply
      .code(first.status)
      .header('idempotent-replay', 'true')
      .type(first.status < 400 ? 'application/json' : 'application/problem+json')
      .send(first.response)
  })

  app.addHook('onSend', async (request, reply, payload) => {
    const key = request.idempotencyKey
    if (!key) return payload
    request.idempotencyKey = null
    if (!isFinal(reply.statusCode))
      await db.kysely.deleteFrom('idempotency_keys').where('key', '=', key).execute()
    // Only a hash of a secret is ever stored; the key stays taken without the answer.
    else if (!request.routeOptions.config.secretAnswer || reply.statusCode >= 400)
      await db.kysely
        .updateTable('idempotency_keys')
        .set({ status: reply.statusCode, response: typeof payload === 'string' ? payload : '' })
        .where('key', '=', key)
        .execute()
    return payload
  })
}

/**
 * What the same request would be told for ever: done, invalid, in conflict with what is there.
 * Anything else (we failed, too many tries, not there yet) may be tried again with the same key.
 */
const isFinal = (status: number): boolean => status < 400 || status === 400 || status === 409

/** Answers older than a day are dropped. */
export const forgetAnswers = async (db: Database, now: Date): Promise<void> => {
  await db.kysely
    .deleteFrom('idempotency_keys')
    .where('created_at', '<', isoTime(new Date(now.getTime() - ANSWERS_KEPT_MS)))
    .execute()
}

const hashRequest = (request: FastifyRequest): string =>
  createHash('sha256')
    .update(
      JSON.stringify([request.method, request.url, request.caller?.turn?.id, request.body ?? null]),
    )
    .digest('hex')
