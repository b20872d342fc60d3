import type { Database } from '@mc/db/database.ts'
import { type Clock, isoTime } from '../clock.ts'
import { AppError } from '../errors.ts'
import type { Item, VerdictAction } from '../inbox/item.ts'
import { ticketKey } from '../tickets/ticket.ts'
import { type AlertFact, effectsFor, type Facts, gatherFacts } from './facts.ts'

export const stepKinds = [
  'posted',
  'repeated',
  'claimed',
  'tried',
  'asked',
  'said',
  'decided',
  'ticket',
  'alert',
  'message',
  'corrected',
] as const
export type StepKind = (typeof stepKinds)[number]

/** One step of an item's way, in words a person reads. */
export type Step = {
  /** ISO time; null when only the order is known. */
  at: string | null
  kind: StepKind
  text: string
  /** Why, where somebody said why. */
  why: string | null
  /** A path of ours, to what it speaks of. */
  href: string | null
}

export type Timeline = { item: Item; steps: Step[]; facts: Facts }

/** The whole way of an item: posted, claimed, asked about, decided, told, corrected. */
export const createTimeline = (db: Database, clock: Clock) => ({
  /** Throws `not_found`. */
  async of(id: number): Promise<Timeline> {
    const facts = await gatherFacts(db, clock, id)
    if (!facts) throw new AppError('not_found', `There is no item ${id}`)
    return { item: facts.item, steps: tellSteps(facts), facts }
  },

  /** What was done for these, for a list. */
  effectsOf: (ids: readonly number[]) => effectsFor(db, ids),
})

/** The facts as a story, in order. Pure. */
export const tellSteps = (facts: Facts): Step[] => {
  const steps = [
    ...arrival(facts),
    ...asking(facts),
    ...decision(facts),
    ...effects(facts),
    ...facts.alerts.flatMap(delivery),
    ...facts.corrections.map(
      (one): Step => ({
        at: one.at,
        kind: 'corrected',
        text: `${sentence(who(one.by))} said: wrong, ${whatItIs[one.right]} was right${one.supersededAt ? ' (said otherwise later)' : ''}`,
        why: one.note,
        href: null,
      }),
    ),
  ]
  return inOrder(steps)
}

export const whatItIs: Record<VerdictAction, string> = {
  silent: 'silence',
  ticket: 'a ticket',
  alert: 'an alert',
  'alert+ticket': 'an alert and a ticket',
}

/** `rule:routine_success` → `the rule “routine success”`. */
export const who = (decidedBy: string | null): string => {
  if (!decidedBy) return 'somebody'
  const own = /^rule:user:(.*)$/.exec(decidedBy)?.[1]
  if (own) return `your rule “${own}”`
  const rule = /^rule:(.*)$/.exec(decidedBy)?.[1]
  if (rule) return `the rule “${rule.replaceAll(/[-_]/g, ' ')}”`
  return { luci: 'Luci', person: 'you', fallback: 'the fallback table' }[decidedBy] ?? decidedBy
}

const step = (at: string | null, kind: StepKind, text: string, more: Partial<Step> = {}): Step => ({
  at,
  kind,
  text,
  why: null,
  href: null,
  ...more,
})

const arrival = ({ item, told }: Facts): Step[] => {
  const from = [item.source, item.sourceId].filter(Boolean).join(' / ')
  const ahead = item.priority === 'normal' ? '' : `, priority ${item.priority}`
  return [
    step(isoTime(item.createdAt), 'posted', `Posted by ${from}${ahead}`, {
      href: item.runId ? `/runs/${encodeURIComponent(item.runId)}` : null,
    }),
    ...(told && told.times > 1
      ? [step(told.lastAt, 'repeated', `Told again by its sender, ${told.times} times in all`)]
      : []),
    ...(item.claimedAt
      ? [
          step(
            afterPost(item, item.claimedAt),
            'claimed',
            `Picked up${item.claimedBy ? ` by ${item.claimedBy}` : ''}`,
          ),
        ]
      : []),
    ...(item.tries > 0
      ? [
          step(
            item.claimedAt ? afterPost(item, item.claimedAt) : null,
            'tried',
            `${item.tries === 1 ? 'One try' : `${item.tries} tries`} before did not end`,
          ),
        ]
      : []),
  ]
}

/** Not before it was there: another process claims it, by a clock it read a moment earlier. */
const afterPost = ({ createdAt }: Item, at: Date): string =>
  isoTime(at < createdAt ? createdAt : at)

const asking = ({ item, digest, turns, verdicts, corrections }: Facts): Step[] => {
  // What a correction asked for is told as the correction.
  const said = personal(
    item,
    corrections.length > 0 ? verdicts.filter((one) => one.decidedBy !== 'person') : verdicts,
  )
  if (!digest) return said
  return [
    step(
      afterPost(item, item.claimedAt ?? new Date(digest.openedAt)),
      'asked',
      `No rule decided: it joined digest ${digest.id}`,
    ),
    ...turns.map((turn, index) =>
      step(
        turn.typedAt ?? turn.createdAt,
        'asked',
        `${index === 0 ? 'Luci was asked' : 'Luci was asked again'} in turn ${turn.id}${endOf(turn)}`,
        { href: `/turns/${encodeURIComponent(turn.id)}` },
      ),
    ),
    ...said,
  ]
}

const endOf = ({ state, profile }: Facts['turns'][number]): string =>
  `${profile ? ` (${profile})` : ''}${state === 'answered' ? '' : `, ${state}`}`

/** What was said of it, as it was said; what came of it is told by the decision. */
const personal = (item: Item, verdicts: Facts['verdicts']): Step[] =>
  verdicts
    .filter(
      (one) => item.decidedBy === null || one.decidedBy !== item.decidedBy || one.digest === '',
    )
    .map((one) =>
      step(one.at, 'said', `${sentence(who(one.decidedBy))} said: ${whatItIs[one.action]}`, {
        why: one.reason,
      }),
    )

const decision = ({ item, corrections }: Facts): Step[] => {
  if (!item.processedAt) return []
  // A correction that raised it has changed the row: the first word is kept with it.
  const [first] = corrections
  const verdict = first?.verdict ?? item.verdict ?? 'silent'
  const by = first ? first.decidedBy : item.decidedBy
  return [
    step(
      isoTime(item.processedAt),
      'decided',
      `${sentence(who(by))} decided: ${whatItIs[verdict]}`,
      { why: first ? first.reason : item.reason },
    ),
  ]
}

const ticketWords: Record<string, string> = {
  filed: 'Filed as',
  counted: 'Counted on',
  reopened: 'Opened again:',
}

const effects = ({ effects: done, tickets }: Facts): Step[] =>
  done
    .filter(({ effect }) => effect === 'ticket')
    .map(({ ref, at, how }) => {
      const key = ticketKey(Number(ref))
      const ticket = tickets.find((one) => String(one.id) === ref)
      const words = ticketWords[how ?? ''] ?? 'Became'
      return step(at, 'ticket', `${words} ${key}${ticket ? `: ${ticket.title}` : ''}`, {
        href: `/tickets/${key}`,
      })
    })

const alertWords: Record<string, string> = {
  raised: 'was raised',
  again: 'went on and was told once more',
  worse: 'became critical',
  held: 'was held back',
  acknowledged: 'was acknowledged',
  snoozed: 'was snoozed',
  woke: 'came back after its snooze',
  ticket: 'was made a ticket',
  resolved: 'was resolved',
  undelivered: 'could not be delivered',
  expired: 'was not delivered in time',
}

const delivery = (alert: AlertFact): Step[] => {
  const href = `/alerts#alert-${alert.id}`
  const said = alert.events.map((event) =>
    step(
      event.at,
      'alert',
      `Alert #${alert.id} ${alertWords[event.kind] ?? event.kind}${event.actor ? ` by ${who(event.actor)}` : ''}`,
      { why: event.detail, href },
    ),
  )
  const raised = alert.events.some((event) => event.kind === 'raised')
    ? []
    : [step(alert.createdAt, 'alert', `Alert #${alert.id} was raised`, { href })]
  const sent = alert.deliveries.map((one) =>
    step(one.at, 'message', messageOf(one), { why: one.error, href }),
  )
  const told =
    sent.length === 0 && alert.sentAt
      ? [
          step(
            alert.sentAt,
            'message',
            `Sent${alert.channelRef ? ` as message ${alert.channelRef}` : ''}`,
            { href },
          ),
        ]
      : []
  return [...raised, ...said, ...sent, ...told]
}

const messageOf = (one: AlertFact['deliveries'][number]): string => {
  const channel = { telegram: 'Telegram', webhook: 'the webhook', email: 'e-mail' }[one.channel]
  const tries = one.tries > 1 ? `, ${one.tries} tries` : ''
  const again = one.repeated ? ', marked as perhaps a repeat' : ''
  if (one.state === 'sent')
    return `Told by ${channel ?? one.channel}${one.ref ? `, message ${one.ref}` : ''}${tries}${again}`
  if (one.state === 'sending') return `Being told by ${channel ?? one.channel}${tries}`
  if (one.state === 'unknown') return `Perhaps told by ${channel ?? one.channel}${tries}${again}`
  return `Not told by ${channel ?? one.channel}${tries}`
}

const sentence = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1)

const rank = (kind: StepKind): number => stepKinds.indexOf(kind)

/** By time; what happened in one transaction in the order of the way. */
const inOrder = (steps: Step[]): Step[] =>
  steps
    .map((one, index) => ({ one, index }))
    .sort((a, b) => {
      const [x, y] = [a.one.at ?? '', b.one.at ?? '']
      if (x !== y) return x < y ? -1 : 1
      return rank(a.one.kind) - rank(b.one.kind) || a.index - b.index
    })
    .map(({ one }) => one)
