import { execFile } from 'node:child_process'
import { readdir, readFile } from 'node:fs/promises'
import { promisify } from 'node:util'

/**
 * When the kernel started a process, in the kernel's own words: with it a pid that was given to
 * another program is told apart. Null when there is no such process.
 */
export const processStarted = async (pid: number): Promise<string | null> => {
  if (process.platform === 'linux') {
    try {
      const stat = await readFile(`/proc/${pid}/stat`, 'utf8')
      // The name, in parentheses, may hold anything; the 22nd field is counted from behind it.
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
      return fields[0] === 'Z' ? null : (fields[19] ?? null)
    } catch (error) {
      if (['ENOENT', 'ESRCH'].includes((error as NodeJS.ErrnoException).code ?? '')) return null
      throw error
    }
  }
  try {
    const { stdout } = await promisify(execFile)('ps', ['-o', 'lstart=', '-p', String(pid)])
    return stdout.trim() || null
  } catch (error) {
    // ps ends with 1 when there is no such process.
    if ((error as { code?: unknown }).code === 1) return null
    throw error
  }
}

export const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

/** Signals a whole process group; false when nobody is left in it. */
export const signalGroup = (pgid: number, signal: NodeJS.Signals | 0): boolean => {
  try {
    process.kill(-pgid, signal)
    return true
  } catch (error) {
    if (['ESRCH', 'EPERM'].includes((error as NodeJS.ErrnoException).code ?? '')) return false
    throw error
  }
}

/**
 * The group of processes that were started with `name=value` in their environment: its leader's pid
 * and start. Null when there is none, or when the system cannot be asked (it can on Linux).
 */
export const groupWith = async (
  name: string,
  value: string,
): Promise<{ pid: number; started: string } | null> => {
  if (process.platform !== 'linux') return null
  const wanted = Buffer.from(`${name}=${value}\0`)
  for (const pid of await readdir('/proc')) {
    if (!/^\d+$/.test(pid)) continue
    try {
      if (!(await readFile(`/proc/${pid}/environ`)).includes(wanted)) continue
      const stat = await readFile(`/proc/${pid}/stat`, 'utf8')
      const group = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[2])
      const started = await processStarted(group)
      if (started !== null) return { pid: group, started }
    } catch (error) {
      // It ended meanwhile, or belongs to somebody else.
      if (
        !['ENOENT', 'ESRCH', 'EACCES', 'EPERM'].includes(
          (error as NodeJS.ErrnoException).code ?? '',
        )
      )
        throw error
    }
  }
  return null
}
