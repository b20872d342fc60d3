import { isMap, parseDocument } from 'yaml'
import type { TaskEntry } from '../task-entry.ts'

/**
 * The tasks as they are to stand in a file with this text, so that each fires at the hour at which
 * this machine's cron ran it: where the file's zone is another, or none, each names the machine's.
 * A file without a zone means that of whoever reads it; only UTC is the same to most of them.
 */
export const keepHour = (
  entries: readonly TaskEntry[],
  text: string,
  machine: string,
): { entries: TaskEntry[]; note: string | null } => {
  const root = parseDocument(text).contents
  const zone: unknown = isMap(root) ? root.get('timezone') : undefined
  if (zone === machine || (zone === undefined && machine === 'UTC'))
    return { entries: [...entries], note: null }
  const named = entries.map((entry) =>
    entry.timezone === undefined ? withZone(entry, machine) : entry,
  )
  const why = typeof zone === 'string' ? `the file’s is ${zone}` : 'the file names none'
  return {
    entries: named,
    note: entries.some((entry) => entry.timezone === undefined)
      ? `Cron ran the jobs in this machine’s zone and ${why}: each has got "timezone: ${machine}".`
      : null,
  }
}

/** Right after the calendar that it belongs to. */
const withZone = (entry: TaskEntry, timezone: string): TaskEntry =>
  Object.fromEntries(
    Object.entries(entry).flatMap(([key, value]) =>
      key === 'cron'
        ? [
            [key, value],
            ['timezone', timezone],
          ]
        : [[key, value]],
    ),
  ) as TaskEntry
