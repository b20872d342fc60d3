import type { Past } from '@mc/core/runs/history.ts'
import { isFailure, isOpenRun } from '@mc/core/runs/run.ts'
import { duration, plural } from '../frame/format.ts'

const HEIGHT = 28
const STEP = 5
/** A bar or two tell nothing that is not said beside them. */
const BARS_MIN = 3
/** Of the shortest bar: it is there, however short the run was. */
const LOWEST = 3

type Tone = 'good' | 'bad' | 'quiet'

/** The last runs as bars, each as high as it took long; one path for each colour. */
export const sparkline = (past: readonly Past[], slots: number): string => {
  const ended = past.filter(({ status }) => !isOpenRun(status))
  if (ended.length < BARS_MIN) return ''
  const longest = Math.max(...ended.map((run) => run.durationMs ?? 0), 1)
  const paths: Record<Tone, string> = { good: '', bad: '', quiet: '' }
  // The newest stands at the right edge, also while there are few.
  const first = Math.max(0, slots - ended.length)
  for (const [n, run] of ended.slice(-slots).entries()) {
    const x = (first + n) * STEP + STEP / 2
    const share = run.durationMs === null ? 0 : run.durationMs / longest
    const height = Math.round(LOWEST + share * (HEIGHT - LOWEST))
    paths[toneOf(run)] += `M${x} ${HEIGHT}v-${height}`
  }
  const drawn = Object.entries(paths)
    .filter(([, path]) => path !== '')
    .map(([tone, path]) => `<path class="${tone}" d="${path}"/>`)
    .join('')
  const width = slots * STEP
  return `<svg class="spark" viewBox="0 0 ${width} ${HEIGHT}" width="${width}" height="${HEIGHT}" role="img" aria-label="${words(ended)}">${drawn}</svg>`
}

const toneOf = ({ status }: Past): Tone =>
  status === 'ok' ? 'good' : isFailure(status) ? 'bad' : 'quiet'

const words = (ended: readonly Past[]): string => {
  const count = (tone: Tone) => ended.filter((run) => toneOf(run) === tone).length
  const lasted = ended.flatMap(({ durationMs }) => (durationMs === null ? [] : [durationMs]))
  const [good, bad, quiet] = [count('good'), count('bad'), count('quiet')]
  const ends = [
    good > 0 ? `${good} went well` : null,
    bad > 0 ? `${bad} failed` : null,
    quiet > 0 ? `${quiet} did not run` : null,
  ].filter(Boolean)
  const took =
    lasted.length > 0
      ? `; usually ${duration(median(lasted))}, at most ${duration(Math.max(...lasted))}`
      : ''
  return `Last ${plural(ended.length, 'run')}: ${ends.join(', ')}${took}`
}

/** Of at least one number. */
export const median = (numbers: readonly number[]): number => {
  const sorted = [...numbers].sort((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)] ?? 0
}
