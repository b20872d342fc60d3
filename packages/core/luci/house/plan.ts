import type { Content } from './facts.ts'
import type { Intent } from './understand.ts'

/** Bullets as a proposal: a ticket each, for a person unless it says who, one after the other when they are numbered. */
export const planOf = ({
  about,
  ordered,
  entries,
}: Extract<Intent, { kind: 'propose' }>): Content => ({
  title: about.slice(0, 200) || 'What you listed',
  steps: entries.map(({ title, body, does, risk }, n) => ({
    do: 'file',
    name: String(n + 1),
    title,
    ...(body ? { body } : {}),
    ...(ordered && n > 0 ? { after: [String(n)] } : {}),
    risk,
    does,
  })),
})
