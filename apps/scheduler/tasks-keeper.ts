import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { type Clock, isoTime } from '@mc/core/clock.ts'
import type { Config } from '@mc/core/config.ts'
import type { Log } from '@mc/core/log.ts'
import { createSettings } from '@mc/core/settings/settings.ts'
import { keepLimits } from '@mc/core/tasks/limits.ts'
import { createTasks } from '@mc/core/tasks/tasks.ts'
import type { Database } from '@mc/db/database.ts'
import { lockName } from '@mc/db/lock.ts'
import { createOutcomes } from './outcomes.ts'
import { settleLate } from './settle-late.ts'
import { readTasksFile } from './tasks-file.ts'
import { tellMistakes, tellMistakesGone } from './tell-mistakes.ts'

export type TasksKeeperDeps = {
  db: Database
  clock: Clock
  log: Log
  config: Pick<Config, 'switches' | 'triage'>
  /** Absolute path of the tasks file. */
  path: string
  /** How messages name it. */
  name: string
}

/** The setting `tasks_file`: what the last look at the file gave. */
export type TasksFileState = {
  hash: string
  /** What read it, when it was good: another version may read the same text differently. */
  reader?: string
  /** Empty when all is well. */
  problems: string[]
  /** When it became good or, through all its bad edits, when it became bad. */
  since: string
  /** Tasks of the last good file. */
  count: number
}

export type Loaded = { status: 'good'; count: number } | { status: 'bad'; problems: string[] }

/** Keeps the task table to the tasks file. A file with mistakes changes nothing, and is told once. */
export const createTasksKeeper = ({ db, clock, log, config, path, name }: TasksKeeperDeps) => {
  /** As another scheduler may have left it this very moment: what it told is not told again. */
  const standing = async (tx: Database) => {
    await lockName(tx, 'tasks_file')
    const stored = await createSettings(tx, clock).get<TasksFileState>('tasks_file')
    const before = stored?.value ?? null
    return { before, badSince: before && before.problems.length > 0 ? before.since : null }
  }
  const keep = (tx: Database, state: TasksFileState) =>
    createSettings(tx, clock).set('tasks_file', state, 'scheduler')
  return {
    /** Reads the file and syncs the tasks: all of them or none. */
    async load(): Promise<Loaded> {
      const text = await readText(path)
      const hash = createHash('sha256')
        .update(text ?? '')
        .digest('hex')
      const stored = await createSettings(db, clock).get<TasksFileState>('tasks_file')
      const before = stored?.value ?? null
      const reader = await readerHash()
      // Read by the very same reader: at 10,000 tasks that saves three seconds of a restart.
      if (before?.hash === hash && before.reader === reader && before.problems.length === 0) {
        log.info({ count: before.count }, 'tasks file as it was')
        return { status: 'good', count: before.count }
      }
      const file =
        text === null
          ? { tasks: null, problems: [`${name}: expected a tasks file, got none`] }
          : readTasksFile(text, name)
      const { problems } = file
      const now = isoTime(clock.now())
      const badSince = before && before.problems.length > 0 ? before.since : null
      if (file.tasks) {
        const { tasks, limits } = file
        const synced = await db.transaction(async (tx) => {
          const { before, badSince } = await standing(tx)
          if (badSince) await tellMistakesGone(tx, clock, config, name, badSince)
          await keep(tx, {
            hash,
            reader,
            problems: [],
            since: before?.hash === hash && !badSince ? before.since : now,
            count: tasks.length,
          })
          await keepLimits(createSettings(tx, clock), limits, 'scheduler')
          await settleLate(tx, clock, createOutcomes(tx, clock, config), tasks)
          return createTasks(tx, clock).sync(tasks)
        })
        log.info({ count: tasks.length, ...synced }, 'tasks loaded')
        return { status: 'good', count: tasks.length }
      }
      log.error({ problems }, 'the tasks file has mistakes; the last good set keeps running')
      if (before?.hash !== hash || !badSince)
        await db.transaction(async (tx) => {
          const { before, badSince } = await standing(tx)
          if (before?.hash === hash && badSince) return
          await tellMistakes(tx, clock, config, name, problems)
          await keep(tx, { hash, problems, since: badSince ?? now, count: before?.count ?? 0 })
        })
      return { status: 'bad', problems }
    },
  }
}

export type TasksKeeper = ReturnType<typeof createTasksKeeper>

/** Changes with the code that reads the file, and with the time zone it takes for granted. */
const readerHash = async (): Promise<string> => {
  const hash = createHash('sha256').update(Intl.DateTimeFormat().resolvedOptions().timeZone)
  const readers = ['tasks-file.ts', 'task-entry.ts', 'check-task.ts'].map(
    (source) => new URL(source, import.meta.url),
  )
  const meaning = new URL(import.meta.resolve('@mc/core/edited-file/meaning.ts'))
  for (const source of [...readers, meaning]) hash.update(await readFile(source))
  return hash.digest('hex')
}

/** Null when there is no such file. */
const readText = async (path: string): Promise<string | null> => {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw error
  }
}
