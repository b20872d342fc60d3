import type { Act } from '@mc/core/acts/act.ts'
import type { ActRecord } from '@mc/core/acts/record.ts'
import type { SeenAct } from '@mc/core/acts/seen.ts'
import type { UndoneStep } from '@mc/core/acts/undo.ts'
import type { ActionClass } from '@mc/core/trust/classes.ts'
import type { AutonomyEvent } from '@mc/core/trust/history.ts'
import type { Paused } from '@mc/core/trust/pause.ts'
import type { Replayed } from '@mc/core/trust/replay.ts'
import type { Shadow } from '@mc/core/trust/shadow.ts'
import { type AutonomyView, type ClassView, RECORD_MIN } from '@mc/core/trust/trust.ts'
import { capital, classLabels } from '@mc/core/trust/words.ts'
import type { Notice } from '../forms.ts'
import { plural } from '../frame/format.ts'

/** What a person is told when they changed a class. */
export const classNotice = (
  { main, classes }: AutonomyView,
  one: ActionClass,
  what: { mode?: string | undefined; cap?: number | undefined },
): Notice | string => {
  const label = classLabels[one]
  if (what.mode === undefined) return `${label}: at most ${what.cap} a day`
  if (what.mode === 'advisor') return `${label}: Luci proposes it, and you decide`
  const view = classes.find((each) => each.class === one)
  if (main === 'advisor')
    return {
      tone: 'warn',
      text: `${label} is unlocked, but nothing is done at once while the switch “Autonomy” is set to Advise`,
    }
  return `${label} is unlocked: done at once, at most ${view?.cap ?? 0} a day, and you can undo it`
}

export const pausedNotice = ({ cancelled }: Paused): string =>
  cancelled.length > 0
    ? `Autonomous action is paused, and ${plural(cancelled.length, 'worker')} told to stop`
    : 'Autonomous action is paused'

export const undoneNotice = (steps: readonly UndoneStep[]): Notice => {
  const left = steps.filter((step) => !step.undone)
  return {
    tone: left.length > 0 ? 'warn' : 'good',
    text: steps.map(({ says }) => says).join('. '),
  }
}

/** A class as Settings shows it. */
export const presentClass = (view: ClassView) => {
  const { record } = view
  return {
    class: view.class,
    label: classLabels[view.class],
    unlocked: view.mode === 'trusted',
    state: stateOf(view),
    locked: view.locked === null ? null : capital(view.locked),
    cap: view.cap,
    today: `${view.used} of ${view.acts || view.free === 0 ? view.cap : view.free} today`,
    free: view.free,
    figures: [
      { label: 'Proposed', value: record.proposed },
      { label: 'Waiting', value: record.waiting },
      { label: 'Accepted unchanged', value: record.accepted },
      { label: 'Edited', value: record.edited },
      { label: 'Refused', value: record.refused },
      { label: 'Parked', value: record.parked },
      { label: 'Replaced or taken back', value: replacedOf(record) },
      { label: 'Done at once', value: record.atOnce },
      { label: 'Done as asked', value: record.asked },
      { label: 'Undone', value: record.undone },
      { label: 'Wrong', value: record.wrong },
    ].filter(({ value }) => value > 0),
    right: record.right,
    thin:
      record.proposed + record.atOnce < RECORD_MIN
        ? `There is hardly a record: ${plural(record.proposed + record.atOnce, 'act')} in 90 days.`
        : null,
  }
}

/** Nobody judged these: something else took their place. */
const replacedOf = (record: ActRecord): number =>
  record.proposed -
  [record.waiting, record.accepted, record.edited, record.refused, record.parked].reduce(
    (sum, count) => sum + count,
    0,
  )

const stateOf = (view: ClassView): { tone: string; text: string } => {
  if (view.locked !== null) return { tone: 'bad', text: 'Locked again' }
  if (view.acts) return { tone: 'good', text: 'Done at once' }
  if (view.mode === 'trusted') return { tone: 'warn', text: 'Unlocked, but Autonomy is on Advise' }
  return view.free > 0
    ? { tone: 'quiet', text: `${view.free} a day at once, the rest proposed` }
    : { tone: 'quiet', text: 'Proposed' }
}

const eventWords: Record<AutonomyEvent['kind'], string> = {
  unlocked: 'unlocked',
  advised: 'taken back',
  locked: 'locked again by corrections',
  cap: 'cap changed',
  paused: 'paused',
  resumed: 'resumed',
}

export const presentEvent = (event: AutonomyEvent) => ({
  at: event.at,
  what: `${event.class === null ? 'All autonomous action' : classLabels[event.class]}: ${eventWords[event.kind]}`,
  by: event.kind === 'locked' ? null : event.by === 'person' ? 'you' : event.by,
  reason: event.reason,
})

/** One thing that was done, with what a person can do about it. */
export const presentAct = (act: SeenAct) => ({
  id: act.id,
  title: act.title,
  what: capital(doneOf(act)),
  ref: act.ref === null ? null : refOf(act),
  at: act.decidedAt ?? act.createdAt,
  atOnce: act.atOnce,
  proposalId: act.proposalId,
  undoable: act.undoable,
  /** Why it cannot be undone by now; null: it can, or it is. */
  notUndoable: act.notUndoable,
  /** What a person said of it. */
  objection:
    act.undoneAt !== null
      ? `Undone${act.correctedBy === 'person' ? ' by you' : ''}`
      : act.correction === 'wrong'
        ? 'Called wrong'
        : null,
  canBeWrong: act.correction === null,
})

const doneWords: Record<ActionClass, string> = {
  file_ticket: 'filed',
  delegate_low_risk: 'handed to a worker',
  delegate: 'handed to a worker',
  alert: 'told you',
  close: 'closed',
}

/** Parked, for Luci herself or with no worker configured, no run came of handing it over. */
const doneOf = ({ class: one, before }: Act): string =>
  (one === 'delegate' || one === 'delegate_low_risk') && !before?.run
    ? 'to be worked on'
    : doneWords[one]

const refOf = ({ class: one, ref }: Act): { label: string; href: string } =>
  one === 'alert'
    ? { label: `alert ${ref}`, href: `/alerts/${ref}` }
    : { label: ref ?? '', href: `/tickets/${ref}` }

/** Those that a person can take back together. */
export const presentTogether = (
  acts: readonly SeenAct[],
): { proposalId: string; count: number }[] => {
  const counts = new Map<string, { count: number; first: boolean }>()
  for (const { proposalId, undoable, undoableTogether } of acts) {
    if (proposalId === null || !undoableTogether) continue
    const { count, first } = counts.get(proposalId) ?? { count: 0, first: false }
    counts.set(proposalId, { count: count + 1, first: first || undoable })
  }
  return [...counts]
    .filter(([, { count, first }]) => first && count > 1)
    .map(([proposalId, { count }]) => ({ proposalId, count }))
}

/** What the view of acts takes; `where` keeps its ids apart from those of another on the page. */
export const presentActs = (acts: readonly SeenAct[], where: string) => ({
  acts: acts.map(presentAct),
  actsTogether: presentTogether(acts),
  where,
})

const stateWords: Record<Act['state'], string> = {
  proposed: 'waits for you',
  accepted: 'accepted unchanged',
  edited: 'accepted, edited',
  refused: 'refused',
  parked: 'parked',
  superseded: 'replaced or taken back',
  done: 'done as asked',
}

/** One line of all that there is. */
export const presentAnyAct = (act: SeenAct) => ({
  title: act.title,
  label: classLabels[act.class],
  became: [
    act.atOnce ? 'done at once' : stateWords[act.state],
    ...(act.undoneAt ? ['undone'] : []),
    ...(act.correction === 'wrong' ? ['wrong'] : []),
  ].join(', '),
  at: act.decidedAt ?? act.createdAt,
  proposalId: act.proposalId,
  note: act.note,
  act: act.ref === null ? null : presentAct(act),
})

/** What the shadow run says of each class that would have been unlocked. */
export const presentShadow = (shadow: Shadow) => ({
  days: shadow.days,
  lines:
    shadow.trusted.length === 0
      ? [{ label: 'Nothing', text: 'no class was chosen' }]
      : shadow.classes.filter((one) => one.trusted).map(shadowLine),
})

const shadowLine = (one: Replayed) => {
  const became = [
    [one.accepted, 'as you wanted it'],
    [one.edited, 'you edited'],
    [one.refused, 'you refused'],
    [one.undone, 'you took back'],
    [one.wrong, 'you called wrong'],
    [one.unjudged, 'you did not judge'],
  ]
    .filter(([count]) => count !== 0)
    .map(([count, words]) => `${count} ${words}`)
  return {
    label: classLabels[one.class],
    text: [
      one.acts === 0
        ? 'there was none'
        : `${one.atOnce} of ${one.acts} would have been done at once`,
      ...(became.length > 0 ? [became.join(', ')] : []),
      ...(one.overCap > 0 ? [`${one.overCap} were over the cap of a day`] : []),
      ...(one.lockedAt
        ? [`it would have locked on ${one.lockedAt.slice(0, 10)}: ${one.lockedWhy}`]
        : []),
    ].join('; '),
  }
}
