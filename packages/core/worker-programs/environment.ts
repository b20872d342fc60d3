import { delimiter, sep } from 'node:path'
import type { Environment } from '../config.ts'
import { childEnvironment } from '../runs/child-environment.ts'

/**
 * The environment of a worker: what any child gets, what its program needs of the person's (its
 * keys), and what MC_WORKER_ENV names. Neither a setting of ours nor `mc` is in it: a worker
 * speaks only through its outcome.
 */
export const workerEnvironment = (
  from: Environment,
  root: string,
  { keeps, names }: { keeps: readonly RegExp[]; names: readonly string[] },
): Record<string, string> => {
  const own = Object.entries(from).filter(
    (entry): entry is [string, string] =>
      entry[1] !== undefined &&
      !entry[0].startsWith('MC_') &&
      entry[0] !== 'DATABASE_URL' &&
      (names.includes(entry[0]) || keeps.some((pattern) => pattern.test(entry[0]))),
  )
  const usual = childEnvironment(from, root)
  const path = (usual.PATH ?? '').split(delimiter).filter((folder) => !hasOurCommands(folder, root))
  return { ...usual, ...Object.fromEntries(own), PATH: path.join(delimiter) }
}

const hasOurCommands = (folder: string, root: string): boolean =>
  folder.startsWith(root + sep) && folder.endsWith(`node_modules${sep}.bin`)

/**
 * Values that must stand in no output: of what is called a key, a token or the like, and of all
 * that a person gave by name (MC_WORKER_ENV), since a name like GH_PAT says nothing.
 */
export const secretsIn = (env: Record<string, string>, named: readonly string[] = []): string[] =>
  Object.entries(env)
    .filter(([name]) => /KEY|TOKEN|SECRET|PASSWORD|CREDENTIAL/i.test(name) || named.includes(name))
    .map(([, value]) => value)
