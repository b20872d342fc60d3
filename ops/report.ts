import { shortTime } from '@mc/cli/time.ts'
import { sentences } from '@mc/core/client/sentences.ts'
import type { Status } from '@mc/core/client/status.ts'
import {
  attachable,
  channelsWords,
  mistakesWords,
  telegramWords,
} from '@mc/core/client/status-words.ts'

/** What `start` found, one line each: pure, from the api's own status. */
export const report = (
  status: Status,
  found: {
    url: string
    signInUrl: string | null
    dataDir: string
    /** Its argv; null: none is configured. */
    worker?: readonly string[] | null
  },
): string[] => {
  const { luci } = status
  const channels = channelsWords(status)
  const rows: [string, string][] = [
    ['Open', found.signInUrl ?? `${found.url} (sign in with "npx -y pnpm@12 mc sign-in")`],
    [
      '',
      found.signInUrl
        ? 'works once, for 10 minutes; "npx -y pnpm@12 mc sign-in" prints another'
        : '',
    ],
    ['Database', status.database === 'sqlite' ? `SQLite in ${found.dataDir}` : 'Postgres'],
    ['Luci', luciText(luci)],
    ...luci.found
      .filter(({ profile }) => profile !== luci.profile)
      .map(({ profile }): [string, string] => [
        '',
        `found ${profile}: "npx -y pnpm@12 mc luci switch ${profile}" makes it Luci; it costs what its account costs, so it is never started unasked`,
      ]),
    ['', attachable(luci) ? `look over her shoulder: ${luci.attachCommand}` : ''],
    ['Worker', workerText(found.worker ?? null)],
    [
      'Telegram',
      status.telegram.configured
        ? telegramWords(status.telegram)
        : `not configured${channels ? '' : ': alerts stay on the page'} (README: Attach Telegram)`,
    ],
    ['Channels', channels ?? ''],
    ['Tasks', tasksText(status.tasks)],
    ['', mistakesWords(status.tasks) ?? ''],
  ]
  return rows.filter(([, text]) => text !== '').map(([name, text]) => `  ${name.padEnd(9)} ${text}`)
}

const luciText = (luci: Status['luci']): string => {
  if (luci.state === 'unavailable' || luci.state === 'offline')
    return sentences(luci.problem ?? luci.state, luci.hint)
  if (luci.state === 'stopped') return 'stopped; start her with "npx -y pnpm@12 mc luci start"'
  return luci.profile === 'house'
    ? 'the house responder (built in; it is no model)'
    : `the ${luci.profile} profile`
}

/** Only the program: what follows it may be anything. */
const workerText = (argv: readonly string[] | null): string =>
  argv === null
    ? 'none: MC_WORKER_COMMAND=claude (or codex, opencode, gemini) in .env gives Luci one; start again'
    : `${argv[0]} does what is handed to a worker`

const tasksText = (tasks: Status['tasks']): string => {
  if (tasks.total === 0) return 'none loaded'
  const next = tasks.next ? `; next: ${tasks.next.id} at ${shortTime(tasks.next.at)}` : ''
  return `${tasks.total} loaded${next}`
}
