import { usageText } from '../costs/words.ts'
import type { Run } from '../runs/run.ts'

/** Enough of the output to see how it ended; the run has the rest. */
const TAIL_CHARS = 2_000
const RESULT_CHARS = 8_000

/** How a run ended, for its ticket. What the worker said is quoted or fenced: it is data. */
export const outcomeComment = (run: Run): string => {
  const parts = [headline(run), theirCause(run), usageText(run) ?? '', saidBy(run)]
  if (run.status !== 'ok' && run.status !== 'cancelled')
    parts.push(`To have it tried again: \`mc run retry ${run.id}\`, or the button on its run.`)
  return parts.filter((part) => part !== '').join('\n\n')
}

const headline = (run: Run): string => {
  const took = run.durationMs === null ? '' : ` after ${seconds(run.durationMs)}`
  const link = `([run ${run.id}](/runs/${run.id}))`
  if (run.status === 'ok') return `The worker is done${took} ${link}.`
  if (run.status === 'cancelled')
    return run.startedAt === null
      ? `No worker begins it: ${run.cause ?? 'it was cancelled'} ${link}.`
      : `The worker was cancelled${took}: ${run.cause ?? 'no reason given'} ${link}.`
  if (run.status === 'interrupted')
    return `The worker was interrupted${took}: ${run.cause ?? 'no reason known'} ${link}. It is not started again by itself.`
  const why = isOurs(run.cause) ? `: ${run.cause ?? 'no reason known'}` : ''
  return `The worker ended ${run.status.replaceAll('_', ' ')}${took}${why} ${link}.`
}

/** The causes that are said in words of our own alone; any other may hold the worker's, or a path. */
const isOurs = (cause: string | null): boolean =>
  cause === null || /^(?:Exit code -?\d+|Ended by SIG[A-Z0-9]+|It took too long)$/.test(cause)

const theirCause = (run: Run): string =>
  (run.status === 'failed' || run.status === 'could_not_start') && !isOurs(run.cause)
    ? `What is known of why:\n\n${fenced(run.cause ?? '')}`
    : ''

const saidBy = (run: Run): string => {
  const result = run.result?.trim() ?? ''
  if (run.status === 'ok' && result !== '') {
    const shown = beginning(result, RESULT_CHARS)
    return `Its result, in its own words:\n\n${run.worker === 'own' ? fenced(shown) : quoted(shown)}`
  }
  const output = (run.output ?? '').trim()
  if (output === '') return run.startedAt === null ? '' : 'It printed nothing.'
  return `Its output ended with:\n\n${fenced(output.length > TAIL_CHARS ? `…${output.slice(-TAIL_CHARS).toWellFormed()}` : output)}`
}

const seconds = (ms: number): string =>
  ms < 120_000 ? `${Math.round(ms / 1_000)} s` : `${Math.round(ms / 60_000)} min`

const beginning = (text: string, max: number): string =>
  text.length > max ? `${text.slice(0, max).toWellFormed()} […]` : text

/** Every line of it: nothing in the text can leave the quotation. */
export const quoted = (text: string): string =>
  text
    .split('\n')
    .map((line) => `> ${line}`)
    .join('\n')

/** A fence longer than any in the text, so that output cannot leave it. */
export const fenced = (text: string): string => {
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map((match) => match[0].length))
  const fence = '`'.repeat(longest + 1)
  return `${fence}\n${text}\n${fence}`
}
