import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { AppError } from '../errors.ts'
import { takeOwnership } from '../luci/ownership.ts'

/** Who runs on a data folder, as the next one is told. `url`: null while it is not known. */
export type Occupant = { pid: number; url: string | null }

export type Occupied = {
  /** Tells where we are found. */
  at(url: string): void
  release(): void
}

/**
 * One `start` and one api per data folder. The lock is the kernel's and ends with the process; the
 * note beside it is only for the words. Throws `conflict` that says who has the folder.
 */
export const occupy = (dataDir: string, role: 'start' | 'api'): Occupied => {
  const note = join(dataDir, `${role}.json`)
  const release = take(dataDir, role)
  const tell = (url: string | null) =>
    writeFileSync(note, JSON.stringify({ pid: process.pid, url } satisfies Occupant), {
      mode: 0o600,
    })
  tell(null)
  return { at: tell, release }
}

/** Throws `conflict` while another process has the folder in this role; takes nothing. */
export const refuseOccupied = (dataDir: string, role: 'start' | 'api'): void =>
  take(dataDir, role)()

const take = (dataDir: string, role: 'start' | 'api'): (() => void) => {
  try {
    return takeOwnership(join(dataDir, `${role}.lock`))
  } catch (cause) {
    if (!(cause instanceof AppError)) throw cause
    const occupant = readOccupant(join(dataDir, `${role}.json`))
    const who = occupant
      ? ` (process ${occupant.pid}${occupant.url ? `, at ${occupant.url}` : ''})`
      : ''
    const stop = occupant ? `stop it with Ctrl-C or "kill ${occupant.pid}"` : 'stop it'
    throw new AppError('conflict', `Mission Control already runs on ${dataDir}${who}`, {
      hint: `Use that one, or ${stop} first. A second one needs a data folder and a port of its own: MC_DATA_DIR and MC_PORT.`,
      cause,
    })
  }
}

/** Null when it cannot be told: the note is being written, or was lost. */
const readOccupant = (path: string): Occupant | null => {
  try {
    const { pid, url } = JSON.parse(readFileSync(path, 'utf8')) as Partial<Occupant>
    return typeof pid === 'number' ? { pid, url: typeof url === 'string' ? url : null } : null
  } catch {
    return null
  }
}
