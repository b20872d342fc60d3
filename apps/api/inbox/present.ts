import type { EffectFact } from '@mc/core/audit/facts.ts'
import { who } from '@mc/core/audit/timeline.ts'
import { isoTime } from '@mc/core/clock.ts'
import type { Item, ItemKind, VerdictAction } from '@mc/core/inbox/item.ts'
import type { OpenAlert } from '@mc/core/inbox/listing.ts'
import { ticketKey } from '@mc/core/tickets/ticket.ts'
import { fingerprintFor, plain } from '@mc/core/triage/outcome.ts'
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
    text: 'Every outcome of a scheduled task lands here first, and any program may add to it. Pickup drains it at once. Post the first one yourself:',
  },
  handled: {
    title: 'Nothing was handled yet',
    text: 'What became an alert or a ticket is kept here, with who decided it and why. Post something that fails:',
  },
  silenced: {
    title: 'Nothing was silenced yet',
    text: 'Routine successes and what was already told end here. Silent, but never lost. Post something that went well:',
  },
}

/** What to type to see the tab filled. */
export const firstPost = (tab: Tab, base: string): string[] | null => {
  if (tab === 'needs') return null
  const kind = { pending: 'note', handled: 'failed', silenced: 'ok' }[tab]
  return [
    `npx -y pnpm@12 mc inbox post "Hello, desk" --source me --kind ${kind}`,
    `INSERT INTO orchestrator_inbox (source_type, source_id, message, kind) VALUES ('me', 'trial', 'Hello, desk', '${kind}');`,
    [
      `curl ${base}/api/v1/inbox -H "Authorization: Bearer $(cat data/credentials/cli)" \\`,
      `  -H 'Content-Type: application/json' -d '{"source": "me", "kind": "${kind}", "message": "Hello, desk"}'`,
    ].join('\n'),
  ]
}

/** How an item is called by its kind. */
export const kindWords: Record<ItemKind, Words> = {
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

/** What a worker did is noted on the ticket that was handed to it; no other is filed. */
const verdictWords = (verdict: VerdictAction, { source, detail }: Item): string => {
  const { ticket } = detail
  if (source !== 'pickup' || typeof ticket !== 'string' || !/^MC-\d{1,15}$/.test(ticket))
    return verdicts[verdict]
  if (verdict === 'ticket') return `Noted on ${ticket}`
  return verdict === 'alert+ticket' ? `You were alerted; noted on ${ticket}` : verdicts[verdict]
}

/** What a person may do with an item, as buttons: value and words. */
export const actionsOf = (item: Item): { value: string; label: string }[] => {
  const open = item.status === 'pending' || item.status === 'claimed'
  const words: [VerdictAction, string, string][] = [
    ['silent', 'Keep it silent', 'Wrong: silence was right'],
    ['ticket', 'Make a ticket', 'Wrong: make a ticket'],
    ['alert', 'Alert me', 'Wrong: alert me'],
    ['alert+ticket', 'Alert me and make a ticket', 'Wrong: alert and ticket'],
  ]
  const verdict = item.verdict ?? (open ? null : 'silent')
  const judged = words
    .filter(([action]) => action !== verdict)
    .map(([value, label, wrong]) => ({ value: value as string, label: open ? label : wrong }))
  const again =
    item.status === 'claimed'
      ? [{ value: 'again', label: 'Give it back to pickup' }]
      : item.decidedBy === 'rule:set_aside'
        ? [{ value: 'again', label: 'Try again' }]
        : []
  return [...judged, ...again]
}

export const presentItem = (item: Item) => {
  const task = typeof item.detail.task === 'string' ? item.detail.task : item.sourceId
  const excerpt = typeof item.detail.excerpt === 'string' ? item.detail.excerpt : null
  const url = typeof item.detail.url === 'string' ? item.detail.url : null
  const message = plain(item.message)
  const title = firstLine(message, 160)
  return {
    id: item.id,
    kind: kindWords[item.kind ?? 'note'],
    task: item.source === 'scheduler' ? task : null,
    source: item.source,
    sourceId: item.sourceId,
    title: title || '(no words)',
    message,
    // The first line stands above it already.
    more: message.trim() !== title || excerpt !== null,
    excerpt: excerpt === null ? null : plain(excerpt),
    url: url && /^https?:\/\//.test(url) ? url : null,
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
    verdict: item.verdict ? verdictWords(item.verdict, item) : null,
    decidedBy: item.decidedBy ? who(item.decidedBy).replace(/^the /, '') : null,
    reason: item.reason,
    actions: actionsOf(item),
  }
}
export type ItemView = ReturnType<typeof presentItem>

export type GroupView = ItemView & {
  /** Of the whole group, comma-separated: what its box chooses. */
  ids: string
  count: number
  /** The oldest of those on the page. */
  firstAt: string
  others: { id: number; at: string; title: string }[]
  /** To all that are alike, where they can be found. */
  like: string | null
  tickets: string[]
  /** Those that nobody has reacted to yet. */
  alerts: number[]
}

const acknowledge = { value: 'acknowledge', label: 'Acknowledge' }

/** Items that tell of one trouble and came to one end stand together, where the newest stands. */
export const groupItems = (
  items: readonly Item[],
  effects: readonly (EffectFact & { itemId: number })[],
  openAlerts: readonly OpenAlert[],
): GroupView[] => {
  const groups = Map.groupBy(items, (item) =>
    [fingerprintFor(item), item.status, item.verdict, item.decidedBy].join('\n'),
  )
  return [...groups.values()].map((group) => {
    const [newest, ...rest] = group as [Item, ...Item[]]
    const ids = group.map((item) => item.id)
    const alerts = openAlerts.filter(({ itemId }) => ids.includes(itemId)).map(({ id }) => id)
    const view = presentItem(newest)
    return {
      ...view,
      actions: [...(alerts.length > 0 ? [acknowledge] : []), ...view.actions],
      alerts,
      ids: ids.join(','),
      count: group.length,
      firstAt: isoTime(rest.at(-1)?.createdAt ?? newest.createdAt),
      others: rest.map((item) => ({
        id: item.id,
        at: isoTime(item.createdAt),
        title: firstLine(plain(item.message), 120),
      })),
      like: newest.fingerprint,
      tickets: [
        ...new Set(
          effects
            .filter(({ effect, itemId }) => effect === 'ticket' && ids.includes(itemId))
            .map(({ ref }) => ticketKey(Number(ref))),
        ),
      ],
    }
  })
}
