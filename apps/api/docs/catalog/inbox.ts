import type { Entries } from './entry.ts'

/** Items, the digests they go out in, and the rules. */
export const inbox: Entries = {
  'GET /api/v1/inbox': {
    id: 'listItems',
    tag: 'inbox',
    summary: 'Items, newest first',
  },
  'POST /api/v1/inbox': {
    id: 'postItem',
    tag: 'inbox',
    summary: 'Post an item',
    about:
      'Rules, or Luci, decide what becomes of it; see its verdict, decidedBy and reason later. The same `fingerprint` names the same trouble.',
    body: {
      source: 'backup',
      sourceId: 'nas',
      message: 'disk 3 is failing',
      priority: 'normal',
      kind: 'failed',
      fingerprint: 'nas:disk3',
    },
  },
  'GET /api/v1/inbox/:id': { id: 'showItem', tag: 'inbox', summary: 'One item' },
  'POST /api/v1/inbox/resolve': {
    id: 'resolveItems',
    tag: 'inbox',
    summary: 'Say what should become of items',
    about:
      'Records the verdicts; pickup performs them. A verdict may raise what the rules said, never lower it.',
    body: { verdicts: [{ item: 17, action: 'ticket', reason: 'It fails every Monday' }] },
    answer: { items: [{ item: 17, status: 'recorded' }] },
  },
  'GET /api/v1/triage/rules': {
    id: 'listTriageRules',
    tag: 'inbox',
    summary: 'The rules that decide, in their order',
  },
  'POST /api/v1/triage/try': {
    id: 'tryTriageRules',
    tag: 'inbox',
    summary: 'What rules would have done to past items, and why',
    about: 'Changes nothing.',
    body: { since: '7d' },
  },
  'GET /api/v1/inbox/:id/timeline': {
    id: 'showItemTimeline',
    tag: 'inbox',
    summary: 'The way of an item: who decided what, when and why',
  },
  'GET /api/v1/inbox/:id/corrections': {
    id: 'listCorrections',
    tag: 'inbox',
    summary: 'What a person said was wrong about an item',
  },
  'POST /api/v1/inbox/:id/corrections': {
    id: 'correctItem',
    tag: 'inbox',
    summary: 'Say that a verdict was wrong, and which is right',
    body: { right: 'silent', note: 'It happens every Monday' },
  },
  'POST /api/v1/inbox/judge': {
    id: 'judgeItems',
    tag: 'inbox',
    summary: 'Decide about many items at once',
    body: { items: [17, 18], action: 'silent' },
  },
  'POST /api/v1/inbox/:id/again': {
    id: 'lookAtItemAgain',
    tag: 'inbox',
    summary: 'Let an item that was set aside be handled again',
  },
  'GET /api/v1/inbox/accuracy': {
    id: 'showAccuracy',
    tag: 'inbox',
    summary: 'How often rules and Luci were right, by what persons corrected',
  },
  'GET /api/v1/digests': {
    id: 'listDigests',
    tag: 'inbox',
    summary: 'What was sent to Luci together, newest first',
    answer: { items: [{ id: 'd4e5f6', state: 'settled' }], next: null },
  },
  'GET /api/v1/digests/:id': {
    id: 'showDigest',
    tag: 'inbox',
    summary: 'One digest and what she said of each item',
    answer: { id: 'd4e5f6', state: 'settled' },
  },
}
