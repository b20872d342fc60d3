import { isoTime } from '@mc/core/clock.ts'
import type { Item } from '@mc/core/inbox/item.ts'

/** An item as JSON: its times as text like every other noun's. */
export const itemResource = (item: Item) => ({
  ...item,
  createdAt: isoTime(item.createdAt),
  processedAt: item.processedAt ? isoTime(item.processedAt) : null,
  claimedAt: item.claimedAt ? isoTime(item.claimedAt) : null,
})
