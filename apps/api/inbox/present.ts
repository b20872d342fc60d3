import { isoTime } from '@mc/core/clock.ts'
import type { Item, ItemKind, VerdictAction } from '@mc/core/inbox/item.ts'
import { firstLine } from '../frame/format.ts'
import { outcomeWords, type Words } from '../frame/outcome-words.ts'

export const tabs = [
  { id: 'needs', label: 'Needs you' },
  { id: 'pending', label: 'Pending' },
  { id: 'handled', label: 'Handled' },
  { id: 'silenced', label: 'Silenced' },
] as const
export type Tab = (typeof tabs)[number]['id']

export const emptyTexts: Record<Tab, { title: string; text: string }> = {
  needs: {
    title: 'Nothing needs you',
    text: 'When something happens that you can do something about, and that is neither passing nor already told, it stands here until you react.',
  },
  pending: {
    title: 'Nothing waits',
    text: 'Every outcome of a scheduled task lands here first, and any program may add to it: INSERT INTO orchestrator_inbox (source_type, source_id, message). Pickup drains it at once.',
  },
  handled: {
    title: 'Nothing was handled yet',
    text: 'What became an alert or a ticket is kept here, with who decided it and why.',
  },
  silenced: {
    title: 'Nothing was silenced yet',
    text: 'Routine successes and what was already told end here. Silent, but never lost.',
  },
}

const kinds: Record<ItemKind, Words> = {
  ...outcomeWords,
  stuck: { label: 'Stuck', icon: 'hand', tone: 'warn' },
  self_heal: { label: 'Self-heal', icon: 'dots', tone: 'warn' },
  note: { label: 'Note', icon: 'dot', tone: 'quiet' },
}

const verdicts: Record<VerdictAction, string> = {
  silent: 'Kept silent',
  ticket: 'Became a ticket',
  alert: 'You were alerted',
  'alert+ticket': 'You were alerted, and it became a ticket',
}

/** `rule:routine` → `rule “routine”`. */
const decider = (decidedBy: string | null): string | null => {
  if (!decidedBy) return null
  const rule = /^rule:(.*)$/.exec(decidedBy)?.[1]
  if (rule) return `rule “${rule.replaceAll(/[-_]/g, ' ')}”`
  return { luci: 'Luci', person: 'you', fallback: 'the fallback table' }[decidedBy] ?? decidedBy
}

export const presentItem = (item: Item) => {
  const task = typeof item.detail.task === 'string' ? item.detail.task : item.sourceId
  const excerpt = typeof item.detail.excerpt === 'string' ? item.detail.excerpt : null
  return {
    id: item.id,
    kind: item.kind ? kinds[item.kind] : kinds.note,
    task: item.source === 'scheduler' ? task : null,
    source: item.source,
    sourceId: item.sourceId,
    title: firstLine(item.message, 160),
    message: item.message,
    // The first line stands above it already.
    more: item.message.trim() !== firstLine(item.message, 160) || excerpt !== null,
    excerpt,
    priority: item.priority,
    at: isoTime(item.createdAt),
    processedAt: item.processedAt ? isoTime(item.processedAt) : null,
    runId: item.runId,
    waiting:
      item.status === 'claimed'
        ? item.digestId
          ? 'Luci is being asked'
          : 'Being looked at'
        : item.status === 'pending'
          ? 'Waits to be picked up'
          : null,
    verdict: item.verdict ? verdicts[item.verdict] : null,
    decidedBy: decider(item.decidedBy),
    reason: item.reason,
  }
}
export type ItemView = ReturnType<typeof presentItem>
