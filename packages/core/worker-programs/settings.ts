import { resolve } from 'node:path'
import { isPreset, presetCommand, type WorkerName } from './presets.ts'

/** How tickets are done by headless programs. */
export type WorkerSettings = {
  /** So many at once in each pickup; 0: none is begun. */
  countMax: number
  /** Which program `command` is; null: none is configured. */
  program: WorkerName | null
  /** As argv, never a shell. */
  command: string[] | null
  /** After so long it is ended. */
  timeoutMs: number
  /** Where it works when nobody names a folder. Absolute. */
  folder: string
  /** Where Luci may have it work: in one of these or below. Absolute. */
  folders: string[]
  /** Variables of our environment that it is given beside the usual ones. */
  env: string[]
}

/** What reading the environment offers, as far as it is used here. */
type Read = {
  text(name: string): string | null
  integer(name: string, fallback: number, min: number, max: number): number
  duration(name: string, fallback: number): number
  argv(name: string): string[] | null
  refuse(name: string, expected: string): void
}

const TIMEOUT_MS = 30 * 60_000

/** Settings of the workers, from the environment. `folder`: where Luci works. */
export const readWorkers = (read: Read, root: string, folder: string): WorkerSettings => {
  const given = read.argv('MC_WORKER_COMMAND')
  const args = read.argv('MC_WORKER_ARGS')
  const [name = ''] = given ?? []
  const preset = given?.length === 1 && isPreset(name) ? name : null
  if (args && !preset)
    read.refuse(
      'MC_WORKER_ARGS',
      'nothing unless MC_WORKER_COMMAND is claude, codex, opencode or gemini alone (write the arguments of another command into it)',
    )
  const folders = list(read.text('MC_WORKER_FOLDERS')).map((one) => resolve(root, one))
  return {
    countMax: read.integer('MC_WORKERS', 2, 0, 64),
    program: preset ?? (given ? 'own' : null),
    command: preset ? presetCommand(preset, args) : given,
    timeoutMs: read.duration('MC_WORKER_TIMEOUT', TIMEOUT_MS),
    folder,
    folders: folders.length > 0 ? folders : [folder],
    env: readNames(read),
  }
}

/** Our own settings and credentials are none of a worker's business. */
const isOurs = (name: string): boolean => name.startsWith('MC_') || name === 'DATABASE_URL'

const readNames = (read: Read): string[] => {
  const names = list(read.text('MC_WORKER_ENV'))
  if (names.every((name) => /^[A-Za-z_]\w*$/.test(name) && !isOurs(name))) return names
  read.refuse(
    'MC_WORKER_ENV',
    'names of variables with commas between, none of them a setting of Mission Control',
  )
  return []
}

const list = (text: string | null): string[] =>
  (text ?? '')
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')
