import type { AttachmentsTable } from '@mc/db/schema.ts'
import type { Selectable } from 'kysely'

export type Attachment = {
  /** Sixteen hex digits. */
  id: string
  /** As the person's machine named it; shown, never used as a path. */
  name: string
  /** Below the folder of attachments: `2026-11/<id>-<safe name>`. */
  file: string
  /** An image's as its first bytes tell; of anything else what the name says. Never trusted. */
  mediaType: string
  bytes: number
  createdAt: string
  turnId: string | null
  ticketId: number | null
}

export const toAttachment = (row: Selectable<AttachmentsTable>): Attachment => ({
  id: row.id,
  name: row.name,
  file: row.file,
  mediaType: row.media_type,
  bytes: Number(row.bytes),
  createdAt: row.created_at,
  turnId: row.turn_id,
  ticketId: row.ticket_id === null ? null : Number(row.ticket_id),
})

/** Files with one message. */
export const FILES_MAX = 10

/**
 * A name that is safe in a path, in a prompt and in a shell word: letters, digits, dot, dash and
 * underscore, no dot in front, at most 80 characters. The extension survives.
 */
export const safeName = (name: string): string => {
  const base = name.split(/[/\\]/).at(-1) ?? ''
  const plain = base
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .replace(/[^\w.-]+/g, '-')
    .replace(/-{2,}/g, '-')
    .replace(/\.{2,}/g, '.')
    .replace(/^[.-]+|[.-]+$/g, '')
  if (plain === '') return 'file'
  if (plain.length <= 80) return plain
  const extension = /\.\w{1,10}$/.exec(plain)?.[0] ?? ''
  return plain.slice(0, 80 - extension.length) + extension
}

/** One line of text of what a person's machine called it: no control bytes, at most 200 characters. */
export const shownName = (name: string): string => {
  const base = name.split(/[/\\]/).at(-1) ?? ''
  const plain = base.replace(/[\p{Cc}\p{Cf}]/gu, '')
  return plain.trim().slice(0, 200).toWellFormed() || 'file'
}

/** `480 B`, `12 kB`, `3.4 MB`. */
export const size = (bytes: number): string => {
  if (bytes < 1_000) return `${bytes} B`
  if (bytes < 1_000_000) return `${Math.round(bytes / 1_000)} kB`
  const mega = bytes / 1_000_000
  return `${mega < 10 ? mega.toFixed(1) : Math.round(mega)} MB`
}
