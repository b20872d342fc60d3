/**
 * What stays of a message when it is asked whether another says the same. Pure.
 *
 * Programs that give no fingerprint put into their words which thing they mean: `disk 3`,
 * `version 1.05`, `10.0.0.7`, `/dev/sdb`. These are kept: two things are two troubles. What says
 * only when, how long, how much or which attempt becomes its kind, so that a flood stays one:
 * times, durations, amounts (%, bytes), process ids, UUIDs, hex, long mixed ids, and numbers of
 * five digits or more (`job 48213`).
 *
 * The kinds are those of Sentry's message parameterization (`sentry/grouping/parameterization.py`);
 * ours parts from it, and from the fingerprints of our own tasks (`runs/fingerprint.ts`), in the
 * numbers, hosts and paths: there the task says already which thing it is about.
 */
export const likenessOf = (message: string): string => {
  let text = message.slice(0, MESSAGE_CHARS)
  for (const [pattern, kind] of kinds) text = text.replace(pattern, kind)
  return text.replace(/\s+/g, ' ').trim().toLowerCase()
}

/** As much as may be posted. */
const MESSAGE_CHARS = 16_384

const month = '(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]*\\.?'
const clock = '(?:[01]?\\d|2[0-3]):[0-5]\\d(?::[0-5]\\d(?:[.,]\\d+)?)?'
const zone = '(?:Z|[+-]\\d\\d:?\\d\\d)?'
const number = '(?<![\\w.,])\\d+(?:[.,]\\d+){0,3}'

/** In this order: what is longest first, so that none finds a piece of another. */
const kinds: readonly [pattern: RegExp, kind: string][] = [
  // 2026-03-02, 2026/03/02T10:00:00.123Z, 2026-03-02_10-00-00
  [
    new RegExp(
      `(?<!\\d)\\d{4}([-/.])\\d\\d\\1\\d\\d(?:[T _-](?:${clock}|\\d\\d-\\d\\d(?:-\\d\\d)?))?${zone}(?!\\d)`,
      'g',
    ),
    '<time>',
  ],
  // 02.03.2026, 3/2/2026
  [/(?<![\d.])\d\d?([./])\d\d?\1\d{4}(?!\d)/g, '<time>'],
  // Mon Mar 2, Mar 2 2026, 2 March 2026
  [
    new RegExp(
      `(?:\\b(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]*,?\\s+)?(?:\\b${month}\\s+\\d\\d?(?:,?\\s+\\d{4})?|\\b\\d\\d?\\s+${month}\\s+\\d{4})\\b`,
      'g',
    ),
    '<time>',
  ],
  // 10:00, 10:00:00.123: neither a port nor a piece of an address
  [new RegExp(`(?<![\\w.:])${clock}${zone}(?![\\w:]|\\.\\d)`, 'g'), '<time>'],
  [/(?<![0-9a-z])[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}(?![0-9a-z])/gi, '<id>'],
  [/(?<![0-9a-z])0x[0-9a-f]+/gi, '<id>'],
  // A commit, a container: digits and letters of hex, seven or more
  [/(?<![0-9a-z])(?=[a-f]*\d)(?=\d*[a-f])[0-9a-f]{7,}(?![0-9a-z])/gi, '<id>'],
  // A ULID, a request's id: long, with many digits
  [/(?<![0-9a-z])(?=(?:[a-z]*\d){4})[0-9a-z]{16,}(?![0-9a-z])/gi, '<id>'],
  // The process as syslog writes it, backup[4711], and pid 4711
  [/(?<=\w)\[\d{3,}\]/g, '[<id>]'],
  [/\bpid([ =:]{1,2})\d+/gi, 'pid$1<id>'],
  [
    new RegExp(
      `${number} ?(?:ms|µs|us|ns|s|secs?|seconds?|m|mins?|minutes?|h|hrs?|hours?|d|days?|weeks?)(?![\\w-])`,
      'gi',
    ),
    '<duration>',
  ],
  [new RegExp(`${number} ?(?:%|(?:[kmgtp]i?)?b(?![\\w-])|bytes?(?![\\w-]))`, 'gi'), '<amount>'],
  [/\d{5,}/g, '<id>'],
]
