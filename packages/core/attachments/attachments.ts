import { randomBytes } from 'node:crypto'
import type { Database } from '@mc/db/database.ts'
import { type Clock, isoTime } from '../clock.ts'
import { AppError } from '../errors.ts'
import { type Attachment, FILES_MAX, safeName, shownName, toAttachment } from './attachment.ts'
import { typeOfName } from './image-type.ts'
import type { AttachmentStore } from './store.ts'

/** Where attached files belong once they are sent. */
export type Owner = { turnId: string } | { ticketId: number }

/** Files that people give with a message or a ticket. */
export const createAttachments = (db: Database, clock: Clock, store: AttachmentStore) => {
  const find = async (id: string): Promise<Attachment | null> => {
    const row = await db.kysely
      .selectFrom('attachments')
      .selectAll()
      .where('id', '=', id)
      .executeTakeFirst()
    return row ? toAttachment(row) : null
  }
  const get = async (id: string): Promise<Attachment> => {
    const found = await find(id)
    if (!found)
      throw new AppError('not_found', 'There is no such attached file', {
        hint: 'It was taken back, or kept long enough and is gone.',
      })
    return found
  }
  return {
    get,
    path: store.path,

    /** Takes a file: on the disk first, then its row. What `chunks` throws leaves nothing behind. */
    async keep(name: string, chunks: AsyncIterable<Uint8Array>): Promise<Attachment> {
      const at = isoTime(clock.now())
      const id = randomBytes(8).toString('hex')
      const file = `${at.slice(0, 7)}/${id}-${safeName(name)}`
      const { bytes, imageType } = await store.write(file, chunks)
      const row = await db.kysely
        .insertInto('attachments')
        .values({
          id,
          name: shownName(name),
          file,
          media_type: imageType ?? typeOfName(name),
          bytes,
          created_at: at,
        })
        .returningAll()
        .executeTakeFirstOrThrow()
      return toAttachment(row)
    },

    /** Those not sent yet, in the order asked for. Throws `invalid` for too many, `conflict` for sent ones. */
    async waiting(ids: readonly string[]): Promise<Attachment[]> {
      const wanted = [...new Set(ids)]
      if (wanted.length > FILES_MAX)
        throw new AppError('invalid', `Expected at most ${FILES_MAX} files, got ${wanted.length}`)
      const found: Attachment[] = []
      for (const id of wanted) {
        const one = await get(id)
        if (one.turnId !== null || one.ticketId !== null)
          throw new AppError('conflict', `${one.name} was sent already`, {
            hint: 'Attach it again.',
          })
        found.push(one)
      }
      return found
    },

    /** Makes them those of a turn or ticket. */
    async give(files: readonly Attachment[], owner: Owner): Promise<void> {
      if (files.length === 0) return
      await db.kysely
        .updateTable('attachments')
        .set('turnId' in owner ? { turn_id: owner.turnId } : { ticket_id: owner.ticketId })
        .where(
          'id',
          'in',
          files.map(({ id }) => id),
        )
        .execute()
    },

    /** Takes back what was not sent. Throws `conflict` once it was. */
    async remove(id: string): Promise<void> {
      const [one] = await this.waiting([id])
      if (!one) return
      const { numDeletedRows } = await db.kysely
        .deleteFrom('attachments')
        .where('id', '=', id)
        .where('turn_id', 'is', null)
        .where('ticket_id', 'is', null)
        .executeTakeFirst()
      // Sent this very moment: it is said why.
      if (numDeletedRows === 0n) await this.waiting([id])
      else await store.remove(one.file)
    },

    /** Of these turns, by turn, in the order they were attached. */
    async ofTurns(turnIds: readonly string[]): Promise<Map<string, Attachment[]>> {
      const by = new Map<string, Attachment[]>()
      if (turnIds.length === 0) return by
      const rows = await db.kysely
        .selectFrom('attachments')
        .selectAll()
        .where('turn_id', 'in', [...turnIds])
        .orderBy('created_at')
        .orderBy('id')
        .execute()
      for (const row of rows) {
        const one = toAttachment(row)
        by.set(one.turnId ?? '', [...(by.get(one.turnId ?? '') ?? []), one])
      }
      return by
    },

    read: (one: Attachment) => store.read(one.file),
  }
}

export type Attachments = ReturnType<typeof createAttachments>
