import { createHash } from 'node:crypto'
import type { Task } from '@mc/core/tasks/task.ts'
import { type Attempt, attempt } from '@mc/scheduler/attempt.ts'
import { aTask } from '../support/tasks.ts'

export const CREDENTIAL = 'crm-token'
export const MINUTE_MS = 60_000

export type MonthTask = {
  task: Task
  everyMinutes: number
  /** Its first fire of the day, in minutes. */
  offset: number
  /** How the fire goes. `expired`: its credential is. */
  goes(fire: number, expired: boolean): Attempt
}

/** From 0 to 1, the same for the same words: a month that can be played again. */
export const chance = (...words: (string | number)[]): number =>
  createHash('sha256').update(words.join('|')).digest().readUInt32BE(0) / 2 ** 32

const fails = (line: string, exitCode = 1): Attempt =>
  attempt({
    status: 'failed',
    cause: `exit code ${exitCode}: ${line}`,
    code: exitCode,
    exitCode,
    line,
    output: `starting\nworking on it\n${line}\n`,
  })
const fine = attempt({ status: 'ok', exitCode: 0, output: 'all done\n' })
const refused = attempt({
  status: 'auth',
  cause: 'HTTP 401: the token has expired',
  code: 401,
  line: 'token expired',
  output: 'HTTP/1.1 401 Unauthorized\n',
})

const lines = [
  'connection reset by peer',
  'No space left on device',
  'ETIMEDOUT while reading',
  'assertion failed: 3 rows expected',
  'Segmentation fault',
]
const lineOf = (id: string, fire: number) =>
  lines[Math.floor(chance(id, 'line', fire) * lines.length)] ?? ''

/** Fails now and then; one failure in three is the first of a few. */
const ordinary = (id: string, share: number) => (fire: number) => {
  for (let back = 0; back < 4; back++)
    if (chance(id, fire - back) < share) {
      const length = chance(id, 'length', fire - back) < 0.33 ? 4 : 1
      if (back < length) return fails(lineOf(id, fire - back))
    }
  return fine
}

const named = (id: string, over: Partial<Task> = {}): Task =>
  aTask({ id, title: id.replaceAll('-', ' '), ...over })

const of = (count: number, make: (n: number) => MonthTask): MonthTask[] =>
  Array.from({ length: count }, (_, n) => make(n + 1))

const regular = (prefix: string, count: number, everyMinutes: number, share: number) =>
  of(count, (n) => {
    const id = `${prefix}-${n}`
    const offset = Math.floor(chance(id, 'offset') * everyMinutes)
    return { task: named(id), everyMinutes, offset, goes: ordinary(id, share) }
  })

/** Sixty: 12 that share a credential, 3 noisy, 1 that flaps, and 44 as they are everywhere. */
export const monthTasks = (): MonthTask[] => [
  ...of(12, (n) => {
    const id = `crm-sync-${n}`
    const goes = ordinary(id, 0.002)
    return {
      task: named(id, { credential: CREDENTIAL }),
      everyMinutes: n <= 6 ? 60 : 360,
      offset: n * 4,
      goes: (fire, expired) => (expired ? refused : goes(fire)),
    }
  }),
  ...regular('noisy', 3, 10, 0.05),
  {
    task: named('flapping'),
    everyMinutes: 30,
    offset: 7,
    goes: (fire) => (chance('flapping', fire) < 0.5 ? fails('503 from upstream') : fine),
  },
  ...regular('quarter', 10, 15, 0.002),
  ...regular('hourly', 14, 60, 0.004),
  ...regular('six-hourly', 12, 360, 0.01),
  ...regular('daily', 8, 1_440, 0.03),
]

/** What other programs put into the inbox: without a kind, some of it critical. */
export const notesAt = (minute: number) => {
  const roll = chance('note', minute)
  if (roll > 8 / 1_440) return null
  const what = ['backup drive', 'UPS', 'certificate', 'mail queue', 'router', 'sensor'][
    Math.floor(chance('what', minute) * 6)
  ]
  const critical = chance('critical', minute) < 0.04
  const words = chance('words', minute) < 0.6 ? 'reports a routine change' : 'should be looked at'
  return {
    source: 'webhook',
    message: `The ${what} ${words} (${Math.floor(minute / 1_440)}.${minute % 1_440})`,
    ...(critical ? { priority: 'critical' as const } : {}),
  }
}
