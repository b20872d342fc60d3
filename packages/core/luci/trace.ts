import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/**
 * A file that says: there is a session on this tmux socket, with this program. It outlives us, so
 * that the next owner who finds no session knows that one was lost. Whoever ends a session on
 * purpose removes it.
 */
export const createTrace = (dataDir: string, socket: string) => {
  const path = tracePath(dataDir)
  return {
    leave: (pid: number): void => {
      mkdirSync(join(dataDir, 'luci'), { recursive: true, mode: 0o700 })
      writeFileSync(path, `${pid} ${socket}\n`)
    },
    /** The program's pid; null when no session was left, or on another socket. */
    read: (): number | null => {
      try {
        const [, pid, where] = /^(\d+) (.*)\n$/.exec(readFileSync(path, 'utf8')) ?? []
        return where === socket ? Number(pid) : null
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
        throw error
      }
    },
    forget: () => forgetSession(dataDir),
  }
}
export type Trace = ReturnType<typeof createTrace>

/** The session was ended on purpose: nobody shall miss it. */
export const forgetSession = (dataDir: string): void => rmSync(tracePath(dataDir), { force: true })

const tracePath = (dataDir: string) => join(dataDir, 'luci', 'session')
