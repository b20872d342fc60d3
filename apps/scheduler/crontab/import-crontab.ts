import { cronProblem, isTimezone } from '@mc/core/tasks/calendar.ts'
import { writtenSecrets } from '@mc/core/tasks/secrets.ts'
import type { TaskEntry } from '../task-entry.ts'
import { nameTask, uniqueName } from './name-task.ts'
import { type CrontabJob, readCrontab } from './read-crontab.ts'

export type Imported = {
  entries: { line: number; entry: TaskEntry }[]
  /** What is taken over, but not to the letter. `line` is null for what is so of all. */
  notes: { line: number | null; text: string }[]
  /** What could not be taken over. */
  left: { line: number; text: string }[]
}

/** Cron ends nothing by itself; this ends what hangs for good. */
const TIMEOUT = '1d'

/** Cron's own settings, which are no variables of the program. */
const settings = ['MAILTO', 'MAILFROM', 'SHELL', 'CRON_TZ', 'RANDOM_DELAY', 'CONTENT_TYPE']

/** The tasks of a crontab, with an account of all that is not the same here. `taken`: ids in use. */
export const importCrontab = (text: string, taken: Iterable<string> = []): Imported => {
  const { jobs, unreadable, commentedOut } = readCrontab(text)
  const imported: Imported = { entries: [], notes: [], left: [] }
  const ids = new Set(taken)
  for (const { line, text: content } of unreadable)
    imported.left.push({ line, text: `is neither a job nor a setting: ${content}` })
  for (const { line } of commentedOut)
    imported.notes.push({ line, text: 'is commented out, and was left out' })
  for (const job of jobs) {
    const problem = jobProblem(job)
    if (problem) {
      imported.left.push({ line: job.line, text: problem })
      continue
    }
    const id = uniqueName(nameTask(job.command), ids)
    ids.add(id)
    const entry = toEntry(id, job)
    imported.entries.push({ line: job.line, entry })
    for (const note of notesOf(job, entry)) imported.notes.push({ line: job.line, text: note })
  }
  imported.left.sort((a, b) => a.line - b.line)
  imported.notes.sort((a, b) => (a.line ?? 0) - (b.line ?? 0))
  if (imported.entries.length > 0) imported.notes.push(...generalNotes.map(toGeneral))
  return imported
}

const toGeneral = (text: string) => ({ line: null, text })

const generalNotes = [
  `Cron gives a job all the time it wants; here each is ended after "timeout: ${TIMEOUT}". Lower it where you can.`,
  'Cron starts a job also while it still runs; here that fire is passed over ("overlap: skip") unless you say otherwise.',
  'What was missed while this machine was off is made up for, the newest only ("catch_up: skip" is what cron does).',
  'Take the jobs out of the crontab (crontab -e), or they run twice.',
]

const jobProblem = ({ when, command, env }: CrontabJob): string | null => {
  if (when.toLowerCase() === '@reboot')
    return `@reboot has no counterpart: there is no fire at start. Something that is to keep running is a task of its own: { kind: background, command: [/bin/sh, -c, ${JSON.stringify(command)}] }`
  if (command === '') return 'has no command'
  const zone = env.CRON_TZ
  if (zone !== undefined && !isTimezone(zone)) return `CRON_TZ=${zone} is no time zone known here`
  const problem = cronProblem(toCron(when))
  return problem ? `"${when}" cannot be taken over: ${problem}` : null
}

const toEntry = (id: string, job: CrontabJob): TaskEntry => {
  const { command, input, comment, env } = job
  const line = input === null ? command : withInput(command, input)
  const shell = env.SHELL
  const own = Object.fromEntries(Object.entries(env).filter(([name]) => !settings.includes(name)))
  return {
    id,
    ...(comment === null ? {} : { description: comment.slice(0, 2_000) }),
    cron: toCron(job.when),
    ...(env.CRON_TZ === undefined ? {} : { timezone: env.CRON_TZ }),
    ...(shell === undefined || shell === '/bin/sh'
      ? { command: line, shell: true }
      : { command: [shell, '-c', line] }),
    // Where cron starts its jobs.
    cwd: env.HOME ?? `\${env:HOME}`,
    ...(Object.keys(own).length > 0 ? { env: own } : {}),
    ...(Number(env.RANDOM_DELAY) > 0 ? { jitter: `${Number(env.RANDOM_DELAY)}m` } : {}),
    timeout: TIMEOUT,
  }
}

/** Vixie asks for both days as soon as one begins with a star; here a "+" asks for both. */
const toCron = (when: string): string => {
  const fields = when.split(' ')
  const [minute, hour, day = '*', month, weekday = '*'] = fields
  if (fields.length !== 5 || !wantsBothDays(when)) return when
  return [minute, hour, day, month, `+${weekday}`].join(' ')
}

const wantsBothDays = (when: string): boolean => {
  const [, , day = '*', , weekday = '*'] = when.split(' ')
  return day !== '*' && weekday !== '*' && (day.startsWith('*') || weekday.startsWith('*'))
}

const withInput = (command: string, input: string): string => {
  let mark = 'INPUT'
  while (input.split('\n').includes(mark)) mark += '_'
  return `{ ${command}\n} <<'${mark}'\n${input}${mark}\n`
}

const notesOf = ({ when, env, input, command }: CrontabJob, entry: TaskEntry): string[] => {
  const notes: string[] = []
  if (wantsBothDays(when))
    notes.push(`both days are asked for, as Vixie cron does with "*/": written as "${entry.cron}"`)
  if (input !== null) notes.push('what stood after % is given to it as its input')
  if (env.MAILTO !== undefined)
    notes.push(
      env.MAILTO === ''
        ? 'MAILTO="" kept it silent; here each outcome is in the inbox, and failures are told'
        : `MAILTO=${env.MAILTO} is not taken over: outcomes go to the inbox, failures are told`,
    )
  if (env.CRON_TZ !== undefined)
    notes.push(`CRON_TZ became its time zone (Debian’s cron would have ignored it)`)
  if (env.TZ !== undefined && env.CRON_TZ === undefined)
    notes.push('TZ is a variable of the program; its calendar keeps this machine’s zone')
  for (const secret of namesOfSecrets(entry))
    notes.push(
      `${secret} looks like a secret: put it into .env and write "${secret}: \${env:${secret}}"`,
    )
  if (/^(?:root|www-data|nobody|daemon)\s/.test(command))
    notes.push('begins with a user’s name: is this /etc/crontab? Then take that word out')
  return notes
}

const namesOfSecrets = ({ env = {} }: TaskEntry): string[] =>
  Object.entries(env)
    .map(([name, value]): [string, string] => [name, String(value)])
    .filter(([name, value]) => writtenSecrets({ env: { [name]: value }, http: null }).length > 0)
    .map(([name]) => name)
