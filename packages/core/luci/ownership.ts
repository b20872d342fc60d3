import { mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { AppError } from '../errors.ts'

/**
 * Who may type: one process per data folder. The lock is SQLite's own on a file kept open, which
 * the kernel releases with the process, however it ends; no stale file can keep the next one out.
 * Throws `conflict` when another process has it. Returns what gives it back.
 */
export const takeOwnership = (path: string): (() => void) => {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
  const file = new DatabaseSync(path)
  try {
    file.exec('pragma busy_timeout = 0; pragma locking_mode = exclusive; begin exclusive')
  } catch (error) {
    file.close()
    if (!/locked/.test((error as Error).message)) throw error
    throw new AppError('conflict', 'Another Mission Control already drives this Luci', {
      hint: 'Stop the other one, or give this one its own data folder with MC_DATA_DIR.',
    })
  }
  return () => file.close()
}

/** What the owner writes on the tmux server, for an owner of another data folder to see. */
export type OwnerMark = { pid: number; dataDir: string }

export const writeMark = (mark: OwnerMark): string => `${mark.pid} ${mark.dataDir}`

/** Throws `conflict` when a living process of another data folder marked the server. */
export const refuseForeignMark = (text: string | null, dataDir: string): void => {
  const match = /^(\d+) (.*)$/.exec(text ?? '')
  if (!match || match[2] === dataDir || !isAlive(Number(match[1]))) return
  throw new AppError(
    'conflict',
    `This tmux server belongs to process ${match[1]} with the data folder ${match[2]}`,
    { hint: 'Give each Mission Control its own MC_TMUX_SOCKET, or leave it unset.' },
  )
}

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    // Somebody else's process is alive too.
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
