import { execFile } from 'node:child_process'
import { rename, stat, writeFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { text as readAll } from 'node:stream/consumers'
import { promisify } from 'node:util'
import type { Imported } from '@mc/scheduler/crontab/import-crontab.ts'
import { Command, InvalidArgumentError } from 'commander'
import { atDesk, write } from './desk.ts'
import { Exit, REFUSED, USAGE } from './exit-code.ts'
import { readText, tasksFile } from './tasks-path.ts'

type ImportOptions = { write?: boolean; tasksFile?: string }

/** `mc task import`: no server is needed. */
export const importTasks = (): Command =>
  new Command('import')
    .description('take jobs of another scheduler over: mc task import crontab [file]')
    .argument('<kind>', 'crontab', (kind) => {
      if (kind === 'crontab') return kind
      throw new InvalidArgumentError('Expected "crontab".')
    })
    .argument('[file]', 'default: what crontab -l prints; - means stdin')
    .option('--write', 'append them to the tasks file, which keeps all that stands in it')
    .option('--tasks-file <file>', 'default: MC_TASKS_FILE, or ops/tasks.yaml')
    .addHelpText(
      'after',
      '\nWithout --write the tasks are printed. What is not the same here, or could not be taken over,\nis told on stderr; exit code 1 when something could not.',
    )
    .action(
      atDesk(async (desk, _kind: string, file: string | undefined, options: ImportOptions) => {
        const { importCrontab } = await import('@mc/scheduler/crontab/import-crontab.ts')
        const { appendTasks, tasksText, withList } = await import(
          '@mc/scheduler/crontab/append-tasks.ts'
        )
        const { keepHour } = await import('@mc/scheduler/crontab/keep-hour.ts')
        const { readTasksFile } = await import('@mc/scheduler/tasks-file.ts')
        const crontab = await readCrontabText(file)
        const target = tasksFile(options.tasksFile)
        const before = options.write ? await readText(target.path, target.name) : ''
        const there = readTasksFile(withList(before), target.name)
        if (!there.tasks)
          throw new Exit(
            USAGE,
            `${target.name} has mistakes; mend them first:\n${there.problems.join('\n')}`,
          )
        const imported = importCrontab(
          crontab,
          there.tasks.map((task) => task.id),
        )
        const machine = Intl.DateTimeFormat().resolvedOptions().timeZone
        // What is printed is a whole file, which names the zone once.
        const zoneOf = options.write ? before : `timezone: ${machine}`
        const { entries, note } = keepHour(
          imported.entries.map(({ entry }) => entry),
          zoneOf,
          machine,
        )
        if (note) imported.notes.push({ line: null, text: note })
        if (desk.json) desk.show(imported, () => '')
        else if (!options.write) write(tasksText(entries, machine))
        if (options.write && entries.length > 0) {
          const after = appendTasks(before, entries)
          if (after === null)
            throw new Exit(
              REFUSED,
              `The tasks of ${target.name} are written in one line: write them as a list first, or append what is printed without --write.`,
            )
          const { problems } = readTasksFile(after, target.name)
          if (problems.length > 0)
            throw new Exit(
              REFUSED,
              `Nothing was written: with them ${target.name} would have mistakes.\n${problems.join('\n')}`,
            )
          await replaceFile(target.path, after)
          if (!desk.json)
            write(`Appended to ${target.name}: ${entries.map((entry) => entry.id).join(', ')}`)
        }
        if (!desk.json) process.stderr.write(report(imported))
        if (imported.left.length > 0) throw new Exit(REFUSED)
      }),
    )

const report = ({ entries, notes, left }: Imported): string => {
  const where = (line: number | null) => (line === null ? '' : `line ${line}: `)
  const together = Object.entries(Object.groupBy(notes, ({ text }) => text)).map(([text, same]) => {
    const lines = (same ?? []).flatMap(({ line }) => (line === null ? [] : [line]))
    return lines.length > 1
      ? `lines ${lines.join(', ')}: ${text}`
      : `${where(lines[0] ?? null)}${text}`
  })
  const lines = [
    `${entries.length} ${entries.length === 1 ? 'job' : 'jobs'} taken over${left.length > 0 ? `, ${left.length} not:` : '.'}`,
    ...left.map(({ line, text }) => `  ${where(line)}${text}`),
    ...(notes.length > 0 ? ['What is not the same here:'] : []),
    ...together.map((text) => `  ${text}`),
  ]
  return `${lines.join('\n')}\n`
}

const readCrontabText = async (file: string | undefined): Promise<string> => {
  if (file === '-') return readAll(process.stdin)
  if (file !== undefined) return readText(resolve(file), file)
  try {
    return (await promisify(execFile)('crontab', ['-l'])).stdout
  } catch (error) {
    const { code, stderr } = error as { code?: unknown; stderr?: string }
    throw new Exit(
      REFUSED,
      code === 'ENOENT'
        ? 'There is no crontab command here: name a file, or give the crontab on stdin with "-".'
        : `crontab -l said: ${(stderr ?? '').trim() || (error as Error).message}`,
    )
  }
}

/** In one step, so that the scheduler never sees half a file. */
const replaceFile = async (path: string, text: string): Promise<void> => {
  const { mode } = await stat(path)
  const fresh = `${path}.${process.pid}.new`
  await writeFile(fresh, text, { mode })
  await rename(fresh, path)
}
