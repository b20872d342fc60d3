import type { Database } from '@mc/db/database.ts'
import { type Clock, isoTime } from '../clock.ts'
import { AppError } from '../errors.ts'
import { plainText } from '../redaction/plain.ts'

/** A browser that is signed in. */
export type Session = {
  id: string
  createdAt: string
  /** Within a minute; null: not since it signed in. */
  seenAt: string | null
  expiresAt: string | null
  /** What the browser calls itself (User-Agent), as it was when last seen; outside text. */
  agent: string | null
}

/** A session in use is written down this often: a page makes many requests. */
const SEEN_EACH_MS = 60_000
const AGENT_CHARS = 300

/** The browsers that are signed in: seen / end. Signing in is `credentials.redeem` or a password. */
export const createSessions = (db: Database, clock: Clock) => {
  const written = new Map<string, number>()
  const standing = () =>
    db.kysely
      .updateTable('credentials')
      .set({ revoked_at: isoTime(clock.now()) })
      .where('kind', '=', 'browser')
      .where('revoked_at', 'is', null)

  return {
    /** Notes that a session was used, once a minute at most. */
    async seen(id: string, agent: string | undefined): Promise<void> {
      const now = clock.now().getTime()
      if (now - (written.get(id) ?? Number.NEGATIVE_INFINITY) < SEEN_EACH_MS) return
      written.set(id, now)
      await db.kysely
        .updateTable('credentials')
        .set({
          seen_at: isoTime(clock.now()),
          agent: agent ? plainText(agent).slice(0, AGENT_CHARS) : null,
        })
        .where('id', '=', id)
        .execute()
    },

    /** Who is signed in now, the one used last first. */
    async list(): Promise<Session[]> {
      const rows = await db.kysely
        .selectFrom('credentials')
        .select(['id', 'created_at', 'seen_at', 'expires_at', 'agent'])
        .where('kind', '=', 'browser')
        .where('revoked_at', 'is', null)
        .where('expires_at', '>', isoTime(clock.now()))
        .execute()
      return rows
        .map((row) => ({
          id: row.id,
          createdAt: row.created_at,
          seenAt: row.seen_at,
          expiresAt: row.expires_at,
          agent: row.agent,
        }))
        .sort((a, b) => ((a.seenAt ?? a.createdAt) < (b.seenAt ?? b.createdAt) ? 1 : -1))
    },

    /** Signs one browser out. Throws `not_found` when it is none that is signed in. */
    async end(id: string): Promise<void> {
      const ended = await standing().where('id', '=', id).executeTakeFirst()
      if (ended.numUpdatedRows === 0n)
        throw new AppError('not_found', `There is no session ${id}`, {
          hint: 'It may have ended by itself. Look at the list again.',
        })
      written.delete(id)
    },

    /** Signs every browser out but `kept` (null: every one). Returns those that ended. */
    async endOthers(kept: string | null): Promise<string[]> {
      const rows = await standing()
        .where('id', '<>', kept ?? '')
        .returning('id')
        .execute()
      return rows.map(({ id }) => id)
    },
  }
}

export type Sessions = ReturnType<typeof createSessions>
