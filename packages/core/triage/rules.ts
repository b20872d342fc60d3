import type { Item, VerdictAction } from '../inbox/item.ts'
import { isFailureKind, outcomeOf } from './outcome.ts'
import type { Effect } from './verdict.ts'

export type Opinion = { action: VerdictAction; reason: string }
export type Rule = { name: string; decide(item: Item): Opinion | null }

/** An item whose lease expired so often kills who handles it, or never ends. */
export const TRIES_MAX = 5
/** From the third in a row on it is no accident. */
export const IN_A_ROW = 3

/** In this order. Each is one short sentence about the desk, and gives its reason. */
export const rules: readonly Rule[] = [
  {
    name: 'set_aside',
    decide: ({ tries }) =>
      tries >= TRIES_MAX
        ? { action: 'alert', reason: `Set aside: ${tries} tries to handle it did not end` }
        : null,
  },
  {
    name: 'auth',
    decide: ({ kind }) =>
      kind === 'auth'
        ? { action: 'alert', reason: 'A credential was refused; only a person can renew it' }
        : null,
  },
  {
    name: 'already_told',
    decide: (item) => {
      const { told } = outcomeOf(item)
      return told.length > 0 && item.kind !== 'ok'
        ? { action: actionOf(told), reason: `${item.source} has told it directly` }
        : null
    },
  },
  {
    name: 'recovered',
    decide: (item) => {
      const { recoveredFrom } = outcomeOf(item)
      return item.kind === 'ok' && recoveredFrom
        ? {
            action: 'silent',
            reason: worksAgain(recoveredFrom.failures),
          }
        : null
    },
  },
  {
    name: 'delegated',
    decide: (item) => {
      const { ticket } = outcomeOf(item)
      if (item.source !== 'pickup' || !ticket) return null
      return item.kind === 'ok'
        ? { action: 'silent', reason: `Its ticket ${ticket} is in review` }
        : { action: 'alert', reason: `Somebody asked for ${ticket}; it is back in todo` }
    },
  },
  {
    name: 'repeated_failure',
    decide: (item) => {
      const { consecutiveFailures, sameFingerprint } = outcomeOf(item)
      const inARow = Math.max(consecutiveFailures, sameFingerprint)
      return isFailureKind(item.kind) && inARow >= IN_A_ROW
        ? { action: 'ticket', reason: `Failed ${inARow} times in a row` }
        : null
    },
  },
  {
    name: 'stuck',
    decide: ({ kind }) =>
      kind === 'stuck'
        ? { action: 'ticket', reason: 'Its fires keep finding the one before still running' }
        : null,
  },
  {
    name: 'silent_worker',
    decide: ({ kind, detail }) =>
      kind === 'self_heal' && detail.state === 'stale'
        ? { action: 'alert', reason: 'A part of Mission Control has stopped' }
        : null,
  },
  {
    name: 'self_heal',
    decide: (item) => {
      if (item.kind !== 'self_heal') return null
      return outcomeOf(item).sameFingerprint >= IN_A_ROW
        ? { action: 'ticket', reason: 'It keeps having to heal itself' }
        : { action: 'silent', reason: 'It healed itself' }
    },
  },
  {
    name: 'routine_success',
    decide: ({ kind }) =>
      kind === 'ok' ? { action: 'silent', reason: 'It went as it should' } : null,
  },
  {
    name: 'skipped',
    decide: ({ kind, priority }) =>
      kind === 'skipped' && priority !== 'critical'
        ? { action: 'silent', reason: 'The one before was still running or the task is paused' }
        : null,
  },
]

/** `failures` is 0 when nobody counted. */
const worksAgain = (failures: number): string => {
  if (failures === 0) return 'It works again'
  return failures === 1 ? 'Works again after a failure' : `Works again after ${failures} failures`
}

const actionOf = (told: readonly Effect[]): VerdictAction => {
  if (told.includes('alert')) return told.includes('ticket') ? 'alert+ticket' : 'alert'
  return 'ticket'
}
