import type { Content } from './facts.ts'
import type { Intent } from './understand.ts'

/** Bullets as a proposal: a ticket each, for a person, one after the other when they are numbered. */
export const planOf = ({
  about,
  ordered,
  entries,
}: Extract<Intent, { kind: 'propose' }>): Content => ({
  title: about.slice(0, 200) || 'What you listed',
  steps: entries.map(({ title, body }, n) => ({
    do: 'file',
    name: String(n + 1),
    title,
    ...(body ? { body } : {}),
    ...(ordered && n > 0 ? { after: [String(n)] } : {}),
    risk: 'low',
    does: 'person',
  })),
})
