/** Files that people give: how large, and how long they are kept. */
export type AttachmentSettings = {
  /** Of one file. */
  bytesMax: number
  /** Of all that are kept: the oldest go first. */
  keptBytesMax: number
  /** Older ones are not kept. */
  keptMs: number
}

const MB = 1_000_000

type Read = {
  integer(name: string, fallback: number, min: number, max: number): number
  duration(name: string, fallback: number): number
}

export const readAttachments = (read: Read): AttachmentSettings => ({
  bytesMax: read.integer('MC_ATTACHMENT_MB', 20, 1, 2_000) * MB,
  keptBytesMax: read.integer('MC_KEEP_ATTACHMENTS_MB', 2_000, 1, 1_000_000) * MB,
  keptMs: read.duration('MC_KEEP_ATTACHMENTS', 180 * 86_400_000),
})
