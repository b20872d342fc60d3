import type { Item } from '@mc/core/inbox/item.ts'

/** An item with sensible defaults, for what is decided without a database. */
export const anItem = (over: Partial<Item> = {}): Item => ({
  id: 1,
  source: 'scheduler',
  sourceId: 'backup',
  message: 'backup failed with exit code 1',
  priority: 'normal',
  status: 'claimed',
  kind: 'failed',
  fingerprint: null,
  detail: {},
  runId: null,
  createdAt: new Date('2026-03-02T10:00:00.000Z'),
  processedAt: null,
  tries: 0,
  lease: '2026-03-02 10:02:00.000',
  claimedBy: 'pickup-1',
  claimedAt: new Date('2026-03-02T10:00:01.000Z'),
  digestId: null,
  verdict: null,
  decidedBy: null,
  reason: null,
  ...over,
})
