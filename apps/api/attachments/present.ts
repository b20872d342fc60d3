import { type Attachment, size } from '@mc/core/attachments/attachment.ts'

const shown = ['image/png', 'image/jpeg', 'image/gif', 'image/webp']

/** Whether a browser may show it in a page; its type was read from its bytes. */
export const isShown = ({ mediaType }: Attachment): boolean => shown.includes(mediaType)

export const presentAttachment = (one: Attachment) => ({
  id: one.id,
  name: one.name,
  mediaType: one.mediaType,
  bytes: one.bytes,
  size: size(one.bytes),
  url: `/attachments/${one.id}`,
  isImage: isShown(one),
})

export type AttachmentView = ReturnType<typeof presentAttachment>
