import { createHash, randomBytes } from 'node:crypto'
import type { Database } from '@mc/db/database.ts'
import { type Clock, isoTime } from '../clock.ts'
import { randomHex } from '../ids.ts'

/** sign_in: a link, once. browser: a cookie. cli, agent and metrics: files under the data folder. */
export type CredentialKind = 'sign_in' | 'browser' | 'cli' | 'agent' | 'webhook' | 'metrics'

export type Credential = {
  id: string
  kind: CredentialKind
  label: string | null
  /** Of a webhook: the one shape it may post; null: any. */
  shape: string | null
}

export type Issued = { id: string; token: string; expiresAt: string | null }

export const SIGN_IN_LINK_MS = 10 * 60_000
export const SESSION_MS = 30 * 86_400_000

/** The secret itself is never stored: 32 random bytes need no slow hash. */
export const hashToken = (token: string): string => createHash('sha256').update(token).digest('hex')

export const newToken = (kind: CredentialKind): string =>
  `mc_${kind}_${randomBytes(32).toString('base64url')}`

/** Who may come in: issue, verify, redeem, revoke. Tokens leave this module once, when issued. */
export const createCredentials = (db: Database, clock: Clock) => {
  const now = () => isoTime(clock.now())

  const insert = async (
    kind: CredentialKind,
    token: string,
    { label, ttlMs }: { label?: string | undefined; ttlMs?: number | undefined },
  ): Promise<Issued> => {
    const id = `${kind}-${randomHex(6)}`
    const expiresAt = ttlMs === undefined ? null : isoTime(new Date(clock.now().getTime() + ttlMs))
    await db.kysely
      .insertInto('credentials')
      .values({
        id,
        kind,
        hash: hashToken(token),
        label: label ?? null,
        created_at: now(),
        expires_at: expiresAt,
      })
      .execute()
    return { id, token, expiresAt }
  }

  return {
    issue: (kind: CredentialKind, options: { label?: string; ttlMs?: number } = {}) =>
      insert(kind, newToken(kind), options),

    /**
     * Takes in a token that already exists, e.g. a file that outlived its database. False when it
     * was known before (and so is revoked or of another kind): nothing is changed then.
     */
    async adopt(kind: CredentialKind, token: string): Promise<boolean> {
      const known = await db.kysely
        .selectFrom('credentials')
        .select('id')
        .where('hash', '=', hashToken(token))
        .executeTakeFirst()
      if (known) return false
      await insert(kind, token, {})
      return true
    },

    /** Null when the token is unknown, of another kind, expired or revoked. */
    async verify(token: string, kinds: readonly CredentialKind[]): Promise<Credential | null> {
      const row = await db.kysely
        .selectFrom('credentials')
        .select(['id', 'kind', 'label', 'shape', 'expires_at'])
        .where('hash', '=', hashToken(token))
        .where('kind', 'in', kinds)
        .where('revoked_at', 'is', null)
        .executeTakeFirst()
      if (!row || (row.expires_at && row.expires_at <= now())) return null
      return { id: row.id, kind: row.kind as CredentialKind, label: row.label, shape: row.shape }
    },

    /** Trades a sign-in link's token for a browser session, once. Null when it is used or old. */
    redeem: (token: string): Promise<Issued | null> =>
      db.transaction(async (tx) => {
        const used = await tx.kysely
          .updateTable('credentials')
          .set({ used_at: now() })
          .where('hash', '=', hashToken(token))
          .where('kind', '=', 'sign_in')
          .where('used_at', 'is', null)
          .where('revoked_at', 'is', null)
          .where('expires_at', '>', now())
          .executeTakeFirst()
        if (used.numUpdatedRows === 0n) return null
        return createCredentials(tx, clock).issue('browser', { ttlMs: SESSION_MS })
      }),

    async revoke(id: string): Promise<void> {
      await db.kysely
        .updateTable('credentials')
        .set({ revoked_at: now() })
        .where('id', '=', id)
        .execute()
    },

    /** Every credential of a kind, e.g. before a new one takes its place. */
    async revokeAll(kind: CredentialKind): Promise<void> {
      await db.kysely
        .updateTable('credentials')
        .set({ revoked_at: now() })
        .where('kind', '=', kind)
        .where('revoked_at', 'is', null)
        .execute()
    },

    /** Links used or expired and sessions expired before `before` are dropped. */
    async forget(before: Date): Promise<void> {
      await db.kysely
        .deleteFrom('credentials')
        .where('kind', 'in', ['sign_in', 'browser'])
        .where('expires_at', '<', isoTime(before))
        .execute()
    },
  }
}

export type Credentials = ReturnType<typeof createCredentials>
