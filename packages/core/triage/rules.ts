import type { Item, VerdictAction } from '../inbox/item.ts'
import { failsOften, isFlapping } from './flapping.ts'
import type { History, PastTicket } from './history.ts'
import { fingerprintFor, headlineOf, isFailureKind, outcomeOf } from './outcome.ts'
import {
  downtimeTrouble,
  flappingTrouble,
  floodTrouble,
  nameOf,
  type Trouble,
  taskTrouble,
} from './trouble.ts'
import { actionOf } from './verdict.ts'

export type Opinion = {
  /** ask: Luci shall say. */
  action: VerdictAction | 'ask'
  reason: string
  /** What it is a part of; without, it is a trouble of its own. */
  trouble?: Trouble
  /** A person wrote that this may be less than what critical items are given otherwise. */
  belowFloor?: true
}

/** A rule in a list: its sentence is what people read of it. Null when it has no opinion. */
export type Rule = {
  name: string
  sentence: string
  decide(item: Item, history: History): Opinion | null
}

/** An item whose lease expired so often kills who handles it, or never ends. */
export const TRIES_MAX = 5
/** From the third in a row on it is no accident. */
export const IN_A_ROW = 3
/** From so many like rows within ten minutes on it is a flood. */
export const FLOOD_AT = 10
/** A flood that went on within this time goes on. */
const FLOOD_ENDS_AFTER_MS = 3_600_000
/** So many tasks that missed their fires at once say that nobody was there. */
export const TOGETHER_AT = 3
/** So many fires of one task. */
const MANY_FIRES = 3

/**
 * Before what people wrote: an item that cannot be handled must end, whatever it says, and what a
 * person has just done by hand is no news to them, whatever a rule says of its task.
 */
export const first: readonly Rule[] = [
  {
    name: 'set_aside',
    sentence: `An item that ${TRIES_MAX} tries could not end is set aside, with an alert.`,
    decide: ({ tries }) =>
      tries >= TRIES_MAX
        ? { action: 'alert', reason: `Set aside: ${tries} tries to handle it did not end` }
        : null,
  },
  {
    name: 'cancelled',
    sentence: 'A scheduled run that a person stopped is silent: it is no failure.',
    decide: ({ source, kind, detail }) =>
      source === 'scheduler' && kind === 'note' && detail.status === 'cancelled'
        ? { action: 'silent', reason: 'A person stopped it' }
        : null,
  },
]

/** In this order, after what people wrote. The first with an opinion decides. */
export const rules: readonly Rule[] = [
  {
    name: 'auth',
    sentence: 'A refused credential alerts at once, once for all that use it.',
    decide: ({ kind }) =>
      kind === 'auth'
        ? { action: 'alert', reason: 'A credential was refused; only a person can renew it' }
        : null,
  },
  {
    name: 'already_told',
    sentence: 'What its poster has told a person directly is not told again.',
    decide: (item) => {
      const { told } = outcomeOf(item)
      return told.length > 0 && item.kind !== 'ok'
        ? { action: actionOf(told), reason: `${item.source} has told it directly` }
        : null
    },
  },
  {
    name: 'delegated',
    sentence:
      'Delegated work that is done or was cancelled is silent; work that failed alerts who asked for it, and its ticket says so.',
    decide: (item) => {
      const { ticket } = outcomeOf(item)
      if (item.source !== 'pickup' || !ticket) return null
      const status = typeof item.detail.ticketStatus === 'string' ? item.detail.ticketStatus : null
      if (item.kind === 'ok')
        return {
          action: 'silent',
          reason: `Its ticket ${ticket} is ${status === 'done' ? 'done' : `in ${status ?? 'review'}`}`,
        }
      return item.kind === 'note'
        ? { action: 'silent', reason: `Somebody cancelled the work on ${ticket}` }
        : {
            action: 'alert+ticket',
            reason: `Somebody asked for ${ticket}; it is back in ${status ?? 'todo'}`,
          }
    },
  },
  {
    name: 'silent_worker',
    sentence: 'A part of Mission Control that stopped alerts.',
    decide: ({ kind, detail }) =>
      kind === 'self_heal' && detail.state === 'stale'
        ? { action: 'alert', reason: 'A part of Mission Control has stopped' }
        : null,
  },
  {
    name: 'file_mistakes',
    sentence: 'A rules file with mistakes alerts.',
    decide: (item) =>
      isRulesFile(item) && item.kind === 'failed'
        ? {
            action: 'alert',
            reason: 'Only a person can mend it',
            trouble: { fingerprint: fingerprintFor(item), title: headlineOf(item) },
          }
        : null,
  },
  {
    name: 'wont_fix',
    sentence:
      'Trouble whose ticket was closed as won’t fix, duplicate or cancelled is silent for a week, unless it is critical.',
    decide: (item, history) => {
      if (item.kind === 'ok' || item.priority === 'critical') return null
      const ticket =
        mutedTicket(history, fingerprintFor(item)) ?? mutedTicket(history, taskTrouble(item))
      return ticket && { action: 'silent', reason: whyMuted(ticket) }
    },
  },
  {
    name: 'flapping',
    sentence:
      'What keeps failing and recovering is one ticket without a message each time, and an alert too when five of its last ten failed.',
    decide: (item, { outcomes, ...history }) => {
      if (!isFlapping(outcomes)) return null
      if (item.kind === 'ok')
        return { action: 'silent', reason: 'It flaps: that it works again may not last' }
      const trouble = flappingTrouble(item)
      const ticket = mutedTicket(history, trouble.fingerprint)
      if (ticket) return { action: 'silent', reason: whyMuted(ticket) }
      const failures = outcomes.filter(Boolean).length
      return {
        action: failsOften(outcomes) ? 'alert+ticket' : 'ticket',
        reason: `It flaps: ${failures} of its last ${outcomes.length} times failed, with successes between`,
        trouble,
      }
    },
  },
  {
    name: 'recovered',
    sentence: 'What works again ends its alert, and who was told hears so once.',
    decide: (item) => {
      const { recoveredFrom } = outcomeOf(item)
      return item.kind === 'ok' && recoveredFrom
        ? { action: 'silent', reason: worksAgain(recoveredFrom.failures) }
        : null
    },
  },
  {
    name: 'still_failing',
    sentence: 'What was acknowledged a day ago and still fails is told again.',
    decide: (item, { acknowledgedAt }) =>
      isFailureKind(item.kind) && acknowledgedAt !== null
        ? {
            action: inARowOf(item) >= IN_A_ROW ? 'alert+ticket' : 'alert',
            reason: `It still fails, a day after it was acknowledged (${acknowledgedAt.slice(0, 16)}Z)`,
          }
        : null,
  },
  {
    name: 'repeated_failure',
    sentence: 'The third failure in a row, of the task or of the same trouble, is a ticket.',
    decide: (item) => {
      const inARow = inARowOf(item)
      return isFailureKind(item.kind) && inARow >= IN_A_ROW
        ? { action: 'ticket', reason: `Failed ${inARow} times in a row` }
        : null
    },
  },
  {
    name: 'often_failing',
    sentence: 'Five failures of the last ten alert, even when they alternate with successes.',
    decide: (item, { outcomes }) =>
      isFailureKind(item.kind) && failsOften(outcomes)
        ? { action: 'alert', reason: 'Five or more of its last ten times failed' }
        : null,
  },
  {
    name: 'missed_together',
    sentence:
      'Fires that several tasks missed at once, as when the machine was off, are one ticket.',
    decide: ({ kind }, { missedTogether, ...history }) => {
      if (kind !== 'missed' || missedTogether < TOGETHER_AT) return null
      const ticket = mutedTicket(history, downtimeTrouble.fingerprint)
      return ticket
        ? { action: 'silent', reason: whyMuted(ticket) }
        : {
            action: 'ticket',
            reason: 'Several tasks missed their fires at once',
            trouble: downtimeTrouble,
          }
    },
  },
  {
    name: 'missed',
    sentence: 'Three or more fires that one task missed are a ticket.',
    decide: (item) => {
      const fires = firesOf(item)
      return item.kind === 'missed' && fires >= MANY_FIRES
        ? { action: 'ticket', reason: `It missed ${fires} fires` }
        : null
    },
  },
  {
    name: 'missed_on_purpose',
    sentence:
      'A fire or two that a task with `catch_up: skip` missed are silent, unless it is critical.',
    decide: ({ kind, detail }) =>
      kind === 'missed' && detail.catchUp === 'skip'
        ? { action: 'silent', reason: 'Its task says that a missed fire does not matter' }
        : null,
  },
  {
    name: 'stuck',
    sentence: 'A task whose fires keep finding the one before still running is a ticket.',
    decide: ({ kind }) =>
      kind === 'stuck'
        ? { action: 'ticket', reason: 'Its fires keep finding the one before still running' }
        : null,
  },
  {
    name: 'self_heal',
    sentence: 'What healed itself is silent; what has to heal itself three times is a ticket.',
    decide: (item) => {
      if (item.kind !== 'self_heal') return null
      return outcomeOf(item).sameFingerprint >= IN_A_ROW
        ? { action: 'ticket', reason: 'It keeps having to heal itself' }
        : { action: 'silent', reason: 'It healed itself' }
    },
  },
  {
    name: 'flood',
    sentence: `Many like rows of one poster (${FLOOD_AT} within ten minutes, numbers aside) are one ticket with a count, and one alert when a monitor outside says they fail.`,
    decide: (item, history) => {
      if (item.kind === 'ok' || history.alike === 0) return null
      const trouble = floodTrouble(item)
      const ticket = history.tickets.get(trouble.fingerprint)
      const goesOn =
        ticket?.open === true &&
        trouble.fingerprint !== item.fingerprint &&
        Date.parse(ticket.updatedAt) > history.now.getTime() - FLOOD_ENDS_AFTER_MS
      if (history.alike < FLOOD_AT && !goesOn) return null
      const muted = mutedTicket(history, trouble.fingerprint)
      return muted
        ? { action: 'silent', reason: whyMuted(muted) }
        : {
            action: isDown(item) ? 'alert+ticket' : 'ticket',
            reason: goesOn
              ? `One more of the flood that ${ticket.key} counts`
              : `${history.alike} or more like rows within ten minutes`,
            trouble: isDown(item)
              ? {
                  ...trouble,
                  title: `${webhookOf(item)} says that many fail at once`.slice(0, 200),
                }
              : trouble,
          }
    },
  },
  {
    name: 'webhook',
    sentence: 'What a monitor outside says is down alerts; its notes of low priority are silent.',
    decide: (item) => {
      if (item.source !== 'webhook' || item.kind === 'ok') return null
      if (isDown(item))
        return {
          action: 'alert',
          reason: `${webhookOf(item)} watches it from outside and says it fails`,
        }
      return item.kind === 'note' && item.priority === 'low'
        ? { action: 'silent', reason: `${webhookOf(item)} told it for the record` }
        : null
    },
  },
  {
    name: 'routine_success',
    sentence: 'A routine success is silent.',
    decide: ({ kind }) =>
      kind === 'ok' ? { action: 'silent', reason: 'It went as it should' } : null,
  },
  {
    name: 'skipped',
    sentence: 'A fire that was passed over is silent, unless its task is critical.',
    decide: ({ kind, priority }) =>
      kind === 'skipped' && priority !== 'critical'
        ? { action: 'silent', reason: 'The one before was still running or the task is paused' }
        : null,
  },
]

/** What pickup tells of the file that people write for it (see rules-keeper.ts). */
const isRulesFile = ({ source, sourceId }: Item): boolean =>
  source === 'pickup' && sourceId === 'triage-file'

/** What a monitor outside says of the world: that nobody else would tell. */
const isDown = ({ source, kind, priority }: Item): boolean =>
  source === 'webhook' && isFailureKind(kind) && priority !== 'low'

/** The name of the webhook, as a person gave it. */
const webhookOf = (item: Item): string =>
  typeof item.detail.webhook === 'string' ? item.detail.webhook : nameOf(item)

const inARowOf = (item: Item): number => {
  const { consecutiveFailures, sameFingerprint } = outcomeOf(item)
  return Math.max(consecutiveFailures, sameFingerprint)
}

const firesOf = ({ detail }: Item): number => {
  const count = (detail.fires as { count?: unknown } | null | undefined)?.count
  return typeof count === 'number' ? count : 0
}

const mutedTicket = (
  { tickets }: Pick<History, 'tickets'>,
  fingerprint: string | null,
): PastTicket | null => {
  const ticket = fingerprint === null ? undefined : tickets.get(fingerprint)
  return ticket?.mutedUntil ? ticket : null
}

const whyMuted = ({ key, mutedUntil }: PastTicket): string =>
  `${key} was closed on purpose; muted until ${mutedUntil?.slice(0, 16)}Z`

/** `failures` is 0 when nobody counted. */
const worksAgain = (failures: number): string => {
  if (failures === 0) return 'It works again'
  return failures === 1 ? 'Works again after a failure' : `Works again after ${failures} failures`
}
