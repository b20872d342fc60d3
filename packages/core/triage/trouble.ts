import { createHash } from 'node:crypto'
import type { Item } from '../inbox/item.ts'
import { likenessOf } from './likeness.ts'
import { fingerprintFor, outcomeOf } from './outcome.ts'

/**
 * What an item is a part of when that is more than itself: its ticket and its alert stand under
 * this fingerprint and title, whoever of its items comes first.
 */
export type Trouble = { fingerprint: string; title: string }

/** What the outcomes of an item are counted by: its task, else its own fingerprint. */
export const subjectOf = (item: Item): string => {
  const { task } = outcomeOf(item)
  return item.source === 'scheduler' && task ? `task:${task}` : fingerprintFor(item)
}

/** How a person calls it. */
export const nameOf = (item: Item): string => outcomeOf(item).task ?? item.sourceId ?? item.source

/** A task that fails now this way, now that way is one trouble under its own name. */
export const taskTrouble = (item: Item): string | null => {
  const { task } = outcomeOf(item)
  return task ? `task:${task}` : null
}

export const flappingTrouble = (item: Item): Trouble => ({
  fingerprint: `${FLAPPING}${subjectOf(item)}`.slice(0, 200),
  title: `${nameOf(item)} keeps failing and recovering`,
})

export const FLAPPING = 'flapping:'

/**
 * Many like rows of one poster. Without a fingerprint of its own their numbers say nothing any
 * more: `item 1` to `item 9999` are one.
 */
export const floodTrouble = (item: Item): Trouble => ({
  fingerprint: item.fingerprint ?? `flood:${floodKey(item)}`,
  title: `${[item.source, item.sourceId].filter(Boolean).join('/')} floods the inbox`.slice(0, 200),
})

/** The same for rows that differ in nothing but numbers. */
export const floodKey = (row: Pick<Item, 'source' | 'sourceId' | 'kind' | 'message'>): string =>
  createHash('sha256')
    .update([row.source, row.sourceId ?? '', row.kind ?? '', withoutNumbers(row.message)].join('|'))
    .digest('hex')
    .slice(0, 32)

const withoutNumbers = (message: string): string =>
  likenessOf(message).replace(/\d+(?:[.,:]\d+)*/g, '<n>')

/** A machine that was off is one trouble, not one for each task. */
export const downtimeTrouble: Trouble = {
  fingerprint: 'missed:together',
  title: 'Many tasks missed their fires at once',
}
