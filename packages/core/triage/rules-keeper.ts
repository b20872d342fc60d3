import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import type { Database } from '@mc/db/database.ts'
import { lockName } from '@mc/db/lock.ts'
import { type Clock, isoTime } from '../clock.ts'
import { mistakesGoneItem, mistakesItem } from '../edited-file/notice.ts'
import { createInbox } from '../inbox/inbox.ts'
import type { Log } from '../log.ts'
import { createSettings } from '../settings/settings.ts'
import { readRulesFile } from './rules-file.ts'
import { type RulesFileState, rulesFileState } from './rules-setting.ts'

export type RulesKeeperDeps = {
  db: Database
  clock: Clock
  log: Log
  /** Absolute path of the rules file. */
  path: string
  /** How messages name it. */
  name: string
}

export type Loaded = { status: 'good'; count: number } | { status: 'bad'; problems: string[] }

/**
 * Keeps the rules that decide to the rules file. They live in the settings, where every process
 * finds them; a file with mistakes changes nothing, and is told once.
 */
export const createRulesKeeper = ({ db, clock, log, path, name }: RulesKeeperDeps) => {
  const told = { id: 'triage-file', name, what: 'The rules file', now: 'Its rules decide.' }
  /** As another pickup may have left it this very moment: what it told is not told again. */
  const standing = async (tx: Database) => {
    await lockName(tx, 'triage_file')
    const before = await rulesFileState(createSettings(tx, clock))
    return { before, badSince: before && before.problems.length > 0 ? before.since : null }
  }
  const keep = (tx: Database, state: RulesFileState) =>
    createSettings(tx, clock).set('triage_file', state, 'pickup')
  return {
    async load(): Promise<Loaded> {
      const text = await readText(path)
      const before = await rulesFileState(createSettings(db, clock))
      const badSince = before && before.problems.length > 0 ? before.since : null
      // Nobody wrote rules here yet.
      if (text === null && (before === null || before.rules.length === 0) && !badSince)
        return { status: 'good', count: 0 }
      const hash = createHash('sha256')
        .update(text ?? '')
        .digest('hex')
      const now = isoTime(clock.now())
      const { rules, problems } =
        text === null
          ? { rules: null, problems: [`${name}: expected a rules file, got none`] }
          : readRulesFile(text, name)
      if (rules) {
        await db.transaction(async (tx) => {
          const { before, badSince } = await standing(tx)
          if (badSince)
            await createInbox(tx, clock).post(
              mistakesGoneItem('pickup', told, badSince, clock.now()),
            )
          const since = before?.hash === hash && !badSince ? before.since : now
          await keep(tx, { hash, name, problems: [], since, rules })
        })
        log.info({ count: rules.length }, 'rules loaded')
        return { status: 'good', count: rules.length }
      }
      log.error({ problems }, 'the rules file has mistakes; the last good set goes on')
      if (before?.hash !== hash || !badSince)
        await db.transaction(async (tx) => {
          const { before, badSince } = await standing(tx)
          if (before?.hash === hash && badSince) return
          await createInbox(tx, clock).post(mistakesItem('pickup', told, problems))
          const last = before?.rules ?? []
          await keep(tx, { hash, name, problems, since: badSince ?? now, rules: last })
        })
      return { status: 'bad', problems }
    },
  }
}

export type RulesKeeper = ReturnType<typeof createRulesKeeper>

/** Null when there is no such file. */
const readText = async (path: string): Promise<string | null> => {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw error
  }
}
