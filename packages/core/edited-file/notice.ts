import { spanOf } from '../alerts/span.ts'
import type { NewItem } from '../inbox/item.ts'

const MESSAGE_CHARS_MAX = 8_000

/** `id` names it for good, `name` is its path; `now` says what follows once it is good again. */
export type EditedFile = { id: string; name: string; what: string; now: string }

/** What the desk hears of a file with mistakes. */
export const mistakesItem = (
  source: string,
  file: EditedFile,
  problems: readonly string[],
): NewItem => ({
  source,
  sourceId: file.id,
  kind: 'failed',
  message: [
    `${file.what} has ${problems.length === 1 ? 'a mistake' : `${problems.length} mistakes`}`,
    `The last good set of ${file.name} keeps running.`,
    ...problems,
  ]
    .join('\n')
    .slice(0, MESSAGE_CHARS_MAX),
  fingerprint: file.id,
  detail: {
    task: file.id,
    status: 'failed',
    cause: problems[0]?.slice(0, 300) ?? '',
    excerpt: problems.join('\n').slice(0, 2_000),
    consecutiveFailures: 1,
    sameFingerprint: 1,
  },
})

/** The file is good again, after mistakes since `since` (ISO time). */
export const mistakesGoneItem = (
  source: string,
  file: EditedFile,
  since: string,
  now: Date,
): NewItem => ({
  source,
  sourceId: file.id,
  kind: 'ok',
  priority: 'low',
  message: `${file.what} ${file.name} is good again after ${spanOf(since, now)}\n${file.now}`,
  detail: {
    task: file.id,
    status: 'ok',
    consecutiveFailures: 0,
    // A mistake is no failed run: none are counted.
    recoveredFrom: { fingerprints: [file.id], failures: 0, since },
  },
})
