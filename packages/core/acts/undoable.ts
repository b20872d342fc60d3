import { isClosed } from '../tickets/ticket.ts'
import type { Act } from './act.ts'
import type { Standing } from './standing.ts'

/** Why what was done cannot be taken back as it stands now. */
export type Obstacle = {
  /** In a few words, without a full stop. */
  says: string
  /** What a person can do instead. */
  hint?: string
  /** It goes when all that came of its proposal is taken back, the last first. */
  yields?: true
}

/** Null: it can be taken back. What was not done, or was undone, is not asked about. Pure. */
export const obstacleTo = (act: Act, now: Standing): Obstacle | null => {
  if (act.class === 'alert') return toWithdrawing(act, now)
  if (!now.ticket) return { says: `There is no ticket ${act.ref ?? ''} any more` }
  if (act.class === 'file_ticket') return toUnfiling(act, now, now.ticket)
  if (act.class === 'close') return toReopening(act, now.ticket)
  return isLucis(act, now) ? toTakingFromLuci(now.ticket) : toUndelegating(act, now, now.ticket)
}

type Its = NonNullable<Standing['ticket']>

/** Whether what was handed over was for Luci to do, so that there is no run of it. */
export const isLucis = ({ before }: Act, { ticket }: Standing): boolean =>
  ticket?.does === 'luci' && !before?.run

/** Whether what was delegated was worked on, so that it stands. */
export const hasBegun = ({ ownRun, ticket }: Standing): boolean =>
  ownRun ? ownRun.status !== 'cancelled' : ticket?.handedAt != null

const toUnfiling = (
  act: Act,
  { openParts, openRun, writtenAt }: Standing,
  { key, status }: Its,
): Obstacle | null => {
  if (isClosed(status)) return { says: `${key} is ${status} already` }
  if (openParts.length > 0)
    return {
      says: `${openParts.join(', ')} of ${key} ${openParts.length === 1 ? 'goes' : 'go'} on`,
      hint: 'Close these first.',
      yields: true,
    }
  if (writtenAt !== null && writtenAt > (act.decidedAt ?? act.createdAt))
    return {
      says: `A person has written on ${key} since`,
      hint: 'Cancel the ticket yourself if it should go.',
    }
  if (openRun && openRun.status !== 'queued')
    return {
      says: `Work on ${key} has begun (run ${openRun.id})`,
      hint: 'Cancel that run first.',
      yields: true,
    }
  if (!openRun && (status === 'doing' || status === 'review'))
    return { says: `${key} is ${status} by now`, hint: 'Move it yourself if it should go.' }
  return null
}

const toUndelegating = (
  { before }: Act,
  { openRun, ownRun }: Standing,
  { key }: Its,
): Obstacle | null => {
  if (openRun && (!before?.run || openRun.id === before.run)) return null
  // Stopped already, by a person or a pause: what is left is where the ticket stands.
  if (!openRun && ownRun?.status === 'cancelled') return null
  if (!openRun && !before?.run)
    return {
      says: `No worker was given ${key} then`,
      hint: 'Move the ticket yourself, or cancel it, if it should not be done.',
    }
  return {
    says: openRun
      ? `Another run of ${key} goes on (run ${openRun.id})`
      : `The worker of ${key} is done with it`,
    hint: 'What it did is told on the ticket; nobody can take that back from here.',
  }
}

const toTakingFromLuci = ({ key, handedAt }: Its): Obstacle | null =>
  handedAt === null ? null : { says: `Luci was told to do ${key} already` }

const toReopening = ({ before }: Act, { key, status, version }: Its): Obstacle | null => {
  if (!isClosed(status)) return { says: `${key} is ${status} by now` }
  return version === (before?.version ?? version)
    ? null
    : { says: `${key} was changed since`, hint: 'Move it yourself if it should be open.' }
}

const toWithdrawing = ({ before, ref }: Act, { alert }: Standing): Obstacle | null => {
  if (!alert) return { says: `There is no alert ${ref ?? ''} any more` }
  if (before?.counted)
    return {
      says: `Alert ${alert.id} had been raised before, and this was counted on it`,
      hint: 'Resolve it on Alerts if it is over.',
    }
  return alert.state === 'resolved' ? { says: `Alert ${alert.id} is over already` } : null
}
