import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

const run = promisify(execFile)

const LOOK_MS = 1_000

/** Its own title (`npm exec …`, `pnpm start`), or Node with its script; not a shell that names it. */
const packageManager = /^(?:\S*node\S* )?\S*\b(?:npx|npm|pnpm)\b/

/**
 * Asks this process to stop once the package manager that runs it has gone: `npx` ends on TERM
 * without a word to what it started, and who stopped it meant all of it.
 */
export const stopWithLauncher = async (env: NodeJS.ProcessEnv): Promise<void> => {
  // Set by npm and pnpm for the scripts they run.
  if (!env.npm_lifecycle_event) return
  const launchers = launchersOf(process.pid, await listProcesses())
  if (launchers.length === 0) return
  setInterval(() => {
    if (!launchers.every(isAlive)) process.kill(process.pid, 'SIGTERM')
  }, LOOK_MS).unref()
}

const listProcesses = async (): Promise<string> => {
  try {
    return (await run('ps', ['-e', '-o', 'pid=,ppid=,args='], { maxBuffer: 1 << 26 })).stdout
  } catch (error) {
    // A slim image has no ps: then only a signal to `start` itself stops it.
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return ''
    throw error
  }
}

/** The pids above `pid`, up to the last one that is a package manager; none when there is none. */
export const launchersOf = (pid: number, ps: string): number[] => {
  const rows = new Map(
    [...ps.matchAll(/^ *(\d+) +(\d+) +(.*)$/gm)].map((row) => [
      Number(row[1]),
      { parent: Number(row[2]), isLauncher: packageManager.test(row[3] ?? '') },
    ]),
  )
  const above: { pid: number; isLauncher: boolean }[] = []
  for (let at = rows.get(pid)?.parent; at !== undefined && at > 1; at = rows.get(at)?.parent)
    above.push({ pid: at, isLauncher: rows.get(at)?.isLauncher ?? false })
  const top = above.findLastIndex((one) => one.isLauncher)
  return above.slice(0, top + 1).map((one) => one.pid)
}

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
