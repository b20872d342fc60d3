import type { Run } from '../runs/run.ts'
import { isClosed, type Ticket } from '../tickets/ticket.ts'

/** What an inbox item tells of a worker's success. */
const EXCERPT_CHARS = 1_000
/** Of a failure its end is told: there a program says why. */
const LINES_TOLD = 6
const LINES_TOLD_CHARS = 600
const WAITING_NAMED_MAX = 8

/** How a worker's run ended, after the ticket's title. */
export const itemWords = ({ status, exitCode }: Run): string => {
  switch (status) {
    case 'ok':
      return 'its worker is done'
    case 'cancelled':
      return 'its worker was cancelled'
    case 'timeout':
      return 'its worker took too long'
    case 'interrupted':
      return 'its worker was interrupted'
    case 'could_not_start':
      return 'its worker could not start'
    default:
      return exitCode ? `its worker failed (exit code ${exitCode})` : 'its worker failed'
  }
}

/** Why, if the title does not say it, and what is held up by it. */
export const troubleLines = (run: Run, blocking: readonly Ticket[]): string[] => {
  const cause = run.cause ?? ''
  const held = blocking.filter(({ status }) => !isClosed(status)).map(({ key }) => key)
  const named = held.slice(0, WAITING_NAMED_MAX)
  const more = held.length - named.length
  return [
    ...(cause === '' || /^Exit code \d+$/.test(cause) ? [] : [cause]),
    ...(held.length === 0
      ? []
      : [
          `${named.join(', ')}${more > 0 ? ` and ${more} more` : ''} ${held.length === 1 ? 'waits' : 'wait'} for it.`,
        ]),
  ]
}

/** What it said in the end. */
export const excerptOf = (run: Run): string => {
  const said = run.result ?? run.output ?? ''
  if (run.status === 'ok') return said.slice(-EXCERPT_CHARS).toWellFormed()
  // A result that was cut lost its end; the output has it.
  const end = (run.output?.trim() ? run.output : said).trimEnd().split('\n').slice(-LINES_TOLD)
  return end.join('\n').slice(-LINES_TOLD_CHARS).toWellFormed()
}
