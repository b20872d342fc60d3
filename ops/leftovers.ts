import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'

/** What has been asked to end may take a moment. */
const GRACE_MS = 5_000
/** Of a folder's contents, in the report. */
const ENTRIES_MAX = 10

/**
 * What a run of the tests left behind, ended and told in words: processes that carry the run's
 * folder in their environment (tmux servers among them), and temp folders of ours.
 */
export const endLeftovers = async (runFolder: string): Promise<string[]> => {
  const end = performance.now() + GRACE_MS
  let processes = processesOf(runFolder)
  while (processes.length > 0 && performance.now() < end) {
    await delay(50)
    processes = processesOf(runFolder)
  }
  killLeftovers(runFolder)
  const folders = readdirSync(runFolder).filter((name) => name.startsWith('mc-'))
  return [
    ...processes.map(({ pid, command }) => `process ${pid}: ${command}`),
    ...folders.map((name) => `temp folder ${name}, ${contentsOf(join(runFolder, name))}`),
  ]
}

/** Enough to see who made a folder, when, and what was still written into it. */
const contentsOf = (folder: string): string => {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort()
  const shown = names.slice(0, ENTRIES_MAX).join(', ')
  const more = names.length > ENTRIES_MAX ? ` and ${names.length - ENTRIES_MAX} more` : ''
  return `of ${statSync(folder).birthtime.toISOString()}, ${names.length === 0 ? 'empty' : `with ${shown}${more}`}`
}

/** At once and without a word: for a run that was broken off. */
export const killLeftovers = (runFolder: string): void => {
  for (const { pid } of processesOf(runFolder)) kill(pid)
}

type Process = { pid: number; command: string }

const processesOf = (runFolder: string): Process[] =>
  existsSync('/proc/self/environ') ? fromProc(runFolder) : fromPs(runFolder)

const fromProc = (runFolder: string): Process[] =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .filter(
      (pid) =>
        read(join('/proc', pid, 'environ')).includes(`=${runFolder}`) ||
        // A tmux server is started with a short list of settings, but its files are named.
        read(join('/proc', pid, 'cmdline')).includes(`${runFolder}/`),
    )
    .map((pid) => ({ pid: Number(pid), command: commandOf(pid) }))
    // A process that has ended and waits for its parent holds nothing.
    .filter(({ command }) => command !== '')

const commandOf = (pid: string) =>
  read(join('/proc', pid, 'cmdline'))
    .replaceAll('\0', ' ')
    .trim()
    .slice(0, 200)

/** Empty for a process that is gone, or another user's. */
const read = (path: string): string => {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    const gone = ['ENOENT', 'ESRCH', 'EACCES', 'EPERM']
    if (gone.includes((error as NodeJS.ErrnoException).code ?? '')) return ''
    throw error
  }
}

/** Without /proc: `ps -E` shows the environments of our own processes. */
const fromPs = (runFolder: string): Process[] =>
  execFileSync('ps', ['-Eaxww', '-o', 'pid=,command='], { encoding: 'utf8', maxBuffer: 1 << 26 })
    .split('\n')
    .filter((row) => row.includes(`=${runFolder}`))
    .map((row) => ({ pid: Number.parseInt(row, 10), command: row.trim().slice(0, 200) }))
    .filter(({ pid }) => pid !== process.pid)

const kill = (pid: number): void => {
  try {
    process.kill(pid, 'SIGKILL')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}
