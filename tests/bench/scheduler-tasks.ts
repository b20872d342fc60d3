/** 10,000 tasks: at rest none of them fires; under load a hundred do each second. */
export const TASKS = 10_000
const FIRING = 6_000

export type Load = 'rest' | 'load' | 'spread'

/** Seconds first. Under load a hundred tasks share each second; the others fire once a year. */
export const cronOf = (n: number, load: Load): string =>
  load !== 'rest' && n < FIRING
    ? load === 'spread'
      ? '0 * * * * *'
      : `${n % 60} * * * * *`
    : `${n % 60} ${n % 59} ${n % 24} ${1 + (n % 28)} 1 *`

/** Spread: all are meant for the full minute, and each starts at its own moment of it. */
export const tasksFile = (load: Load, command: string): string =>
  `timezone: UTC\ntasks:\n${Array.from({ length: TASKS }, (_, n) => {
    const jitter = load === 'spread' && n < FIRING ? ', jitter: 60s' : ''
    return `  - { id: task-${n}, cron: '${cronOf(n, load)}', command: [${command}]${jitter} }\n`
  }).join('')}`
