import type { NewItem } from '../inbox/item.ts'

/** What the inbox is told when Luci was started again without anybody's asking. */
export const selfHealItem = (what: 'agent' | 'tmux', facts: object): NewItem => ({
  source: 'self_heal',
  sourceId: 'luci',
  kind: 'self_heal',
  fingerprint: `self_heal:luci:${what}`,
  message:
    what === 'agent'
      ? "Luci's program ended by itself and was started again."
      : "Luci's tmux server was gone; a new session was started.",
  detail: { what, ...facts },
})
