import { plural } from '../frame/format.ts'
import type { Need, NeedKind } from './present.ts'
import { LOOKED_AT } from './waiting.ts'

const NEEDS_MAX = 5

/** What is not shown, kind by kind, each with the page that has all of it. */
export type Rest = { title: string; parts: { text: string; href: string }[] }

/** As many as a glance takes in, and in words what they leave out; null: nothing. */
export const shorten = (needs: readonly Need[]): { shown: Need[]; rest: Rest | null } => {
  if (needs.length <= NEEDS_MAX) return { shown: [...needs], rest: null }
  const shown = needs.slice(0, NEEDS_MAX - 1)
  const hidden = needs.slice(NEEDS_MAX - 1)
  const kinds = [...new Set(hidden.map(({ kind }) => kind))]
  const isMore = kinds.some((kind) => hasMore(needs, kind))
  return {
    shown,
    rest: {
      title: `${isMore ? 'At least ' : ''}${hidden.length} more`,
      parts: kinds.map((kind) => {
        const ofKind = hidden.filter((need) => need.kind === kind)
        const text = words[kind](ofKind.length)
        return {
          text: hasMore(needs, kind) ? text.replace(/^\d+/, '$&+') : text,
          // The place of a question is in the thread; there are never many.
          href: pages[kind] ?? ofKind[0]?.href ?? '/',
        }
      }),
    },
  }
}

/** Of some kinds only so many are looked at: there may be more. */
const hasMore = (needs: readonly Need[], kind: NeedKind): boolean =>
  needs.filter((need) => need.kind === kind).length >= (LOOKED_AT[kind] ?? Number.POSITIVE_INFINITY)

const words: Record<NeedKind, (count: number) => string> = {
  question: (count) => plural(count, 'question'),
  mistakes: () => 'mistakes in the tasks file',
  proposal: (count) => plural(count, 'proposal'),
  alert: (count) => plural(count, 'alert'),
  review: (count) => `${count} in review`,
  held_up: (count) => `${count} held up`,
}

const pages: Partial<Record<NeedKind, string>> = {
  mistakes: '/schedules',
  proposal: '/proposals?state=open',
  alert: '/alerts',
  review: '/board?status=review',
  held_up: '/board?status=blocked',
}
