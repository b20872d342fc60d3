import { createHash } from 'node:crypto'

export type Trouble = {
  /** The task's or ticket's name. */
  task: string
  /** The kind of end: failed, timeout, could_not_start, … */
  cause: string
  /** Exit code, HTTP status or errno; null when there is none. */
  code: string | number | null
  /** The line that says what went wrong; null when nothing was said. */
  line: string | null
}

/** The same trouble has the same fingerprint, whenever and with whatever numbers it comes. */
export const fingerprintOf = ({ task, cause, code, line }: Trouble): string =>
  `v1:${createHash('sha256')
    .update([task, cause, code ?? '', line === null ? '' : normalised(line)].join('|'))
    .digest('hex')}`

/** What an auth failure is about: twenty tasks on one expired credential are one trouble. */
export const authFingerprint = (task: { id: string; credential: string | null }): string =>
  `auth:${task.credential ?? task.id}`

/** Numbers, ids, times, paths, hosts and durations become their kind; HTTP status and errno stay. */
export const normalised = (line: string): string => {
  const kept: string[] = []
  // A character of the private use area stands in for what must survive the replacements.
  const keep = (text: string) => String.fromCharCode(0xe000 + kept.push(text) - 1)
  return line
    .slice(0, 2_000)
    .replace(/\b(?:HTTP(?:\/[\d.]+)?|status(?: code)?)[ :=]+\d{3}\b/gi, (text) =>
      keep(text.replace(/\/[\d.]+/, '').toLowerCase()),
    )
    .replace(/\bE[A-Z]{3,}\w*\b/g, keep)
    .replace(/\b[a-z][a-z0-9+.-]*:\/\/[^\s"'<>)]+/gi, '<url>')
    .replace(
      /\b\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d)?(?:[.,]\d+)?)?(?:Z|[+-]\d\d:?\d\d)?/g,
      '<time>',
    )
    .replace(/\b\d\d?:\d\d(?::\d\d(?:[.,]\d+)?)?\b/g, '<time>')
    .replace(/\b[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}\b/gi, '<id>')
    .replace(/\b0x[0-9a-f]+\b/gi, '<id>')
    .replace(/\b(?=[a-f]*\d)(?=\d*[a-f])[0-9a-f]{7,}\b/gi, '<id>')
    .replace(/\b\d{1,3}(?:\.\d{1,3}){3}(?::\d+)?\b/g, '<host>')
    .replace(/\[[0-9a-f:]*:[0-9a-f:.]*\](?::\d+)?/gi, '<host>')
    .replace(/(^|[\s"'(=:])(?:~|\.{1,2})?(?:\/[\w.@%+-]+)+\/?/g, '$1<path>')
    .replace(/\b(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,}(?::\d+)\b/gi, '<host>')
    .replace(
      /\b\d+(?:[.,]\d+)*\s*(?:ms|µs|us|ns|s|m|h|d|sec(?:onds?)?|min(?:utes?)?|hours?|days?)\b/gi,
      '<duration>',
    )
    .replace(/\d+(?:[.,]\d+)*/g, '<n>')
    .replace(/\s+/g, ' ')
    .trim()
    .toLowerCase()
    .replace(/([\ue000-\uf8ff])/g, (_, index: string) => kept[index.charCodeAt(0) - 0xe000] ?? '')
    .slice(0, 500)
}

/** The line of a program's output that says best what went wrong; null when it said nothing. */
export const errorLine = (text: string): string | null => {
  const lines = text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !/^(?:at |Node\.js v\d|\^+$|[{}[\]()]+,?$)/.test(line))
  const telling = lines.findLast((line) =>
    /\b(?:error|exception|fatal|fail(?:ed|ure)?|panic|cannot|can't|denied|refused|not found|unable|no such|critical)\b|[A-Z]\w*(?:Error|Exception)\b/i.test(
      line,
    ),
  )
  return (telling ?? lines.at(-1))?.slice(0, 2_000) ?? null
}
