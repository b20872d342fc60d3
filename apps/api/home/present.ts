import type { Alert } from '@mc/core/alerts/alert.ts'
import { sentences } from '@mc/core/client/sentences.ts'
import type { ItemCounts } from '@mc/core/inbox/listing.ts'
import type { Proposal } from '@mc/core/proposals/proposal.ts'
import type { Question } from '@mc/core/questions/question.ts'
import type { Run } from '@mc/core/runs/run.ts'
import { type Ticket, ticketKey } from '@mc/core/tickets/ticket.ts'
import type { Prompt, Turn } from '@mc/core/turns/turn.ts'
import type { Unclear } from '@mc/core/workers/clear.ts'
import type { WorkerHealth } from '@mc/core/workers/workers.ts'
import { statusWords } from '../board/present.ts'
import { presentPrompt } from '../composer/present.ts'
import { countUp, firstLine, plural, relative, stopwatch } from '../frame/format.ts'
import type { IconName } from '../frame/icons.ts'
import type { Tone } from '../frame/pill.ts'

export type Need = {
  /** Stays the same while it is about the same: what was told is not told anew. */
  id: string
  href: string
  icon: IconName
  title: string
  detail: string
  kind: NeedKind
}

export type NeedKind = 'question' | 'mistakes' | 'proposal' | 'alert' | 'review' | 'held_up'

/** What a person may have to react to, as it is in the tables. */
export type Waiting = {
  /** Turns in which Luci asks something, and what she asks outside of one. */
  blocked: readonly Turn[]
  asks: Prompt | null
  /** What she asked and went on without. */
  questions: readonly Question[]
  /** That Luci made and nobody has decided. */
  proposals: readonly Proposal[]
  /** The tickets that their steps are about, by key. */
  about: ReadonlyMap<string, Pick<Ticket, 'title'>>
  alerts: readonly Alert[]
  /** Of the tasks file. */
  mistakes: readonly string[]
  /** In review, and blocked; newest first. */
  tickets: readonly Ticket[]
}

/**
 * Everything that waits for the person, worst first: critical alerts, questions, mistakes,
 * proposals, other alerts, tickets.
 */
export const presentNeeds = (
  { blocked, asks, questions: open, proposals, about, alerts, mistakes, tickets }: Waiting,
  now: Date,
): Need[] => {
  const questions = blocked.map(
    (turn): Need => ({
      id: `turn-${turn.id}-${turn.prompt?.id ?? ''}`,
      href: `/#turn-${turn.id}`,
      icon: 'hand',
      title: turn.prompt ? presentPrompt(turn.prompt).title : 'Luci asks you something',
      detail: firstLine(turn.prompt?.command ?? turn.prompt?.text ?? turn.text, 80),
      kind: 'question',
    }),
  )
  if (asks)
    questions.unshift({
      id: `asks-${asks.id}`,
      href: '/#asks',
      icon: 'hand',
      title: presentPrompt(asks).title,
      detail: firstLine(asks.text, 80),
      kind: 'question',
    })
  questions.push(
    ...open.map(
      ({ id, text }): Need => ({
        id: `question-${id}`,
        href: `/#question-${id}`,
        icon: 'question',
        title: 'Luci asks you',
        detail: firstLine(text, 80),
        kind: 'question',
      }),
    ),
  )
  const [mistake] = mistakes
  const file: Need[] = mistake
    ? [
        {
          id: `tasks-file-${mistake}`,
          href: '/schedules',
          icon: 'schedules',
          title: 'The tasks file has mistakes',
          detail: firstLine(mistake, 120),
          kind: 'mistakes',
        },
      ]
    : []
  const told = (critical: boolean) =>
    alerts
      .filter(({ severity }) => (severity === 'critical') === critical)
      .sort((a, b) => b.id - a.id)
      .map((alert) => presentAlertNeed(alert, now))
  const work = tickets.map(
    (ticket): Need => ({
      id: `ticket-${ticket.id}-${ticket.status}`,
      href: `/tickets/${ticket.key}`,
      icon: statusWords[ticket.status].icon,
      title: firstLine(ticket.title, 80),
      detail: `${ticket.key} · ${ticket.status === 'review' ? 'in review' : 'held up'} · ${relative(ticket.updatedAt, now)}`,
      kind: ticket.status === 'review' ? 'review' : 'held_up',
    }),
  )
  const proposed = proposals.map(
    (proposal): Need => ({
      id: `proposal-${proposal.id}-${proposal.version}`,
      href: `/proposals/${proposal.id}`,
      icon: 'proposals',
      title: firstLine([proposal.title, ...subjectOf(proposal, about)].join(': '), 80),
      detail: `Luci proposes ${plural(proposal.content.steps.length, 'step')} · ${relative(proposal.createdAt, now)}`,
      kind: 'proposal',
    }),
  )
  return [...told(true), ...questions, ...file, ...proposed, ...told(false), ...work]
}

/** What a proposal of one step is about, when its title has but the key. */
const subjectOf = ({ content }: Proposal, about: Waiting['about']): string[] => {
  const [step, ...more] = content.steps
  const ticket = step && more.length === 0 && 'ticket' in step ? about.get(step.ticket) : undefined
  return ticket && !content.title.includes(ticket.title) ? [ticket.title] : []
}

const presentAlertNeed = (alert: Alert, now: Date): Need => {
  const undelivered = alert.state === 'undelivered' || alert.state === 'expired'
  return {
    id: `alert-${alert.id}`,
    href: `/alerts#alert-${alert.id}`,
    icon: alert.severity === 'critical' ? 'hand' : 'alerts',
    title: firstLine(alert.title, 80),
    detail: [
      alert.severity === 'critical' ? 'Critical' : null,
      undelivered ? 'not delivered' : null,
      relative(alert.createdAt, now),
    ]
      .filter(Boolean)
      .join(' · '),
    kind: 'alert',
  }
}

/** "All clear" is a claim about now: only while nothing at all speaks against it. */
export const presentCalm = (
  unclear: readonly Unclear[],
): { text: string; icon: IconName; tone: Tone } => {
  if (unclear.length === 0)
    return { text: 'All clear. Nothing waits for you.', icon: 'check', tone: 'good' }
  return {
    text: sentences(
      'Nothing is known to wait for you, but not all is clear:',
      ...unclear.map(({ words }) => words),
    ),
    icon: 'question',
    tone: 'warn',
  }
}

const states: Record<WorkerHealth['state'], { text: string; icon: IconName; tone: Tone }> = {
  alive: { text: 'beats', icon: 'check', tone: 'good' },
  stale: { text: 'no sign of life', icon: 'hand', tone: 'bad' },
  stopped: { text: 'stopped', icon: 'stop', tone: 'quiet' },
  absent: { text: 'never started', icon: 'off', tone: 'quiet' },
}

export const presentWorkers = (health: readonly WorkerHealth[], now: Date) =>
  health.map(({ name, state, worker }) => ({
    name,
    ...states[state],
    text:
      state === 'alive' && worker
        ? upFor(worker.startedAt, now)
        : worker && state === 'stale'
          ? `no sign of life since ${relative(worker.beatAt, now)}`
          : states[state].text,
  }))

/** Tickets that a worker has in hand now. */
export const presentAtWork = (runs: readonly Run[], now: Date) =>
  runs.flatMap(({ id, ticketId, status, startedAt }) =>
    ticketId !== null && status === 'running' && startedAt !== null
      ? [
          {
            key: ticketKey(ticketId),
            href: `/runs/${id}`,
            since: startedAt,
            elapsed: stopwatch(startedAt, now),
          },
        ]
      : [],
  )

/** `just started`, `for 5 h`. */
const upFor = (startedAt: string, now: Date): string => {
  const ago = relative(startedAt, now)
  return ago.endsWith(' ago') ? `up for ${ago.slice(0, -4)}` : 'just started'
}

export const presentFigures = (counts: ItemCounts) => [
  { label: 'Pending', value: countUp(counts.pending + counts.claimed), href: '/inbox?tab=pending' },
  { label: 'Handled today', value: countUp(counts.handledToday), href: '/inbox?tab=handled' },
  { label: 'Silenced today', value: countUp(counts.silencedToday), href: '/inbox?tab=silenced' },
]

export const tries = [
  'What needs me right now?',
  'How are the scheduled tasks doing?',
  'List the open tickets',
  // An intent: its first line is on the button, all of it goes into the composer.
  'Move the wiki to the new host:\n- Back up the old one\n- Copy the pages over\n- Point the name at the new host',
]
