import { realpathSync, statSync } from 'node:fs'
import { dirname, join, resolve, sep } from 'node:path'

/** Where workers may work. Paths are absolute. */
export type WorkerFolders = {
  /** When nobody names one, and what a relative name starts at. */
  folder: string
  /** In or below which Luci may name one; a person may name any. */
  folders: readonly string[]
}

export type FoundFolder = { path: string } | { problem: string; hint?: string }

/**
 * The folder that a name means, with its links resolved. `lucis`: she or a proposal of hers named
 * it. `mayCome`: it need not be there yet, something that is done before makes it.
 */
export const findFolder = (
  named: string | null,
  { folder, folders }: WorkerFolders,
  { lucis = false, mayCome = false }: { lucis?: boolean; mayCome?: boolean } = {},
): FoundFolder => {
  const path = realPath(resolve(folder, named ?? '.'))
  if (lucis && !folders.some((allowed) => isInside(path, realPath(allowed))))
    return {
      problem: `Luci may not send a worker to ${path}`,
      hint: `Folders below ${folders.join(', ')} are open to her (MC_WORKER_FOLDERS); a person may name any.`,
    }
  // The folder of all workers is made when the first of them begins.
  if (mayCome || path === realPath(folder)) return { path }
  const found = statSync(path, { throwIfNoEntry: false })
  if (found?.isDirectory()) return { path }
  return {
    problem: found ? `${path} is no folder` : `There is no folder ${path}`,
    hint: 'Name one that is there, absolute or from the folder of all workers.',
  }
}

/** Whether two workers in them would be in each other's way: the same place, or one inside the other. */
export const overlap = (one: string, other: string): boolean =>
  isInside(one, other) || isInside(other, one)

/** With its links resolved, as far as it is there. */
export const realPath = (path: string): string => {
  try {
    return realpathSync(path)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    // What is not there yet has no links, but what it will be in may; below a file nothing can be.
    if (code !== 'ENOENT' && code !== 'ENOTDIR') return path
    const above = dirname(path)
    return above === path ? path : join(realPath(above), path.slice(above.length))
  }
}

/** Whether a path that had its links resolved goes through a link by now. */
export const leadsElsewhere = (path: string): boolean => realPath(path) !== path

const isInside = (path: string, folder: string): boolean =>
  path === folder || path.startsWith(folder.endsWith(sep) ? folder : folder + sep)
