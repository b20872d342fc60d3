import { createHmac, randomBytes } from 'node:crypto'
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Database } from '@mc/db/database.ts'
import { lockName } from '@mc/db/lock.ts'
import { type Clock, isoTime } from '../clock.ts'
import { AppError } from '../errors.ts'
import { randomHex } from '../ids.ts'
import type { ShapeName } from '../webhooks/shapes.ts'
import { isSignedBy } from '../webhooks/signature.ts'
import { hashToken, newToken } from './credentials.ts'

export type WebhookCredential = {
  id: string
  name: string
  /** The one shape it may post; null: any that comes with a bearer token. */
  shape: ShapeName | null
  createdAt: string
  /** The day and minute it was last used, roughly; null: never. */
  usedAt: string | null
}

/** Each signed delivery is tried with each secret: so many are no work. */
const SIGNING_MAX = 20
const NOTED_EVERY_MS = 60_000

/**
 * Credentials of programs that post events. A token is known here only by its hash. GitHub signs
 * instead of sending one, so its secret is derived from a key in a file of the data folder: the
 * database alone, or a copy of it, signs nothing.
 */
export const createWebhookCredentials = (
  db: Database,
  clock: Clock,
  signingKey: () => Promise<Buffer>,
) => {
  const secretOf = async (id: string): Promise<string> =>
    `mc_webhook_${createHmac('sha256', await signingKey())
      .update(id)
      .digest('base64url')}`

  const rows = () =>
    db.kysely
      .selectFrom('credentials')
      .select(['id', 'label', 'shape', 'created_at', 'used_at'])
      .where('kind', '=', 'webhook')
      .where('revoked_at', 'is', null)

  const list = async (): Promise<WebhookCredential[]> =>
    (await rows().orderBy('created_at').orderBy('id').execute()).map((row) => ({
      id: row.id,
      name: row.label ?? row.id,
      shape: row.shape as ShapeName | null,
      createdAt: row.created_at,
      usedAt: row.used_at,
    }))

  return {
    /** Oldest first; revoked ones are not there. */
    list,

    /** The token is told here, once. Names are told apart; a revoked one's is free again. */
    create: (
      name: string,
      shape: ShapeName | null,
    ): Promise<{ webhook: WebhookCredential; token: string }> =>
      db.transaction(async (tx) => {
        await lockName(tx, 'webhooks')
        const all = await createWebhookCredentials(tx, clock, signingKey).list()
        if (all.some((other) => other.name === name))
          throw new AppError('conflict', `There is a webhook "${name}" already`, {
            hint: 'Revoke it first, or take another name.',
          })
        if (shape === 'github' && all.filter((one) => one.shape === shape).length >= SIGNING_MAX)
          throw new AppError('invalid', `There are ${SIGNING_MAX} webhooks for GitHub already`, {
            hint: 'One secret may serve several repositories.',
          })
        const id = `webhook-${randomHex(6)}`
        const token = shape === 'github' ? await secretOf(id) : newToken('webhook')
        const createdAt = isoTime(clock.now())
        await tx.kysely
          .insertInto('credentials')
          .values({
            id,
            kind: 'webhook',
            hash: hashToken(token),
            label: name,
            shape,
            created_at: createdAt,
          })
          .execute()
        return { webhook: { id, name, shape, createdAt, usedAt: null }, token }
      }),

    /** By id or name. Throws `not_found`. */
    async revoke(named: string): Promise<WebhookCredential> {
      const found = (await list()).find((one) => one.id === named || one.name === named)
      if (!found) throw new AppError('not_found', `There is no webhook "${named}"`)
      await db.kysely
        .updateTable('credentials')
        .set({ revoked_at: isoTime(clock.now()) })
        .where('id', '=', found.id)
        .execute()
      return found
    },

    /** The webhook whose secret signed these very bytes; null when none did. */
    async bySignature(body: Buffer, header: string): Promise<WebhookCredential | null> {
      let signer: WebhookCredential | null = null
      for (const one of await list())
        if (one.shape === 'github' && isSignedBy(await secretOf(one.id), body, header)) signer = one
      return signer
    },

    /** That it was used, to the minute. */
    async noteUse(id: string): Promise<void> {
      const now = clock.now()
      await db.kysely
        .updateTable('credentials')
        .set({ used_at: isoTime(now) })
        .where('id', '=', id)
        .where((eb) =>
          eb.or([
            eb('used_at', 'is', null),
            eb('used_at', '<', isoTime(new Date(now.getTime() - NOTED_EVERY_MS))),
          ]),
        )
        .execute()
    },
  }
}

export type WebhookCredentials = ReturnType<typeof createWebhookCredentials>

/** The key in `<dataDir>/credentials/webhook-key`, mode 0600; made when it is first asked for. */
export const webhookSigningKey = (dataDir: string): (() => Promise<Buffer>) => {
  const path = join(dataDir, 'credentials', 'webhook-key')
  const read = async () => Buffer.from((await readFile(path, 'utf8')).trim(), 'hex')
  let key: Promise<Buffer> | undefined
  const make = async (): Promise<Buffer> => {
    await mkdir(join(dataDir, 'credentials'), { recursive: true, mode: 0o700 })
    try {
      await writeFile(path, `${randomBytes(32).toString('hex')}\n`, { mode: 0o600, flag: 'wx' })
    } catch (error) {
      // Made before: that one stays.
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    }
    await chmod(path, 0o600)
    const found = await read()
    if (found.length !== 32)
      throw new AppError('unavailable', `Expected 64 hex digits in ${path}, found something else`, {
        hint: 'Remove the file; webhooks for GitHub must then be made anew.',
      })
    return found
  }
  return () => {
    key ??= make().catch((error) => {
      // Asked for again, it is tried again.
      key = undefined
      throw error
    })
    return key
  }
}
