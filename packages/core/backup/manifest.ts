import { createHash } from 'node:crypto'
import { createReadStream, type Dirent } from 'node:fs'
import { readdir, readFile, stat } from 'node:fs/promises'
import { join, relative, sep } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { type Static, Type } from 'typebox'
import { Value } from 'typebox/value'
import { AppError } from '../errors.ts'

/** Beside the copies: what was copied, so that years later it can be told whether it is whole. */
export const Manifest = Type.Object({
  format: Type.Literal('mission-control-backup-1'),
  version: Type.String(),
  madeAt: Type.String(),
  database: Type.Object({
    migrations: Type.Array(Type.String()),
    rows: Type.Record(Type.String(), Type.Integer()),
  }),
  files: Type.Array(
    Type.Object({
      /** Below the backup's folder, with slashes. */
      path: Type.String(),
      bytes: Type.Integer(),
      sha256: Type.String(),
    }),
  ),
})
export type Manifest = Static<typeof Manifest>

export const MANIFEST = 'manifest.json'
export const DATABASE = 'mission-control.db'

/** Every file below `folder` but the manifest itself. */
export const describeFiles = async (folder: string): Promise<Manifest['files']> => {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const paths = entries
    .filter((entry) => entry.isFile())
    .map((entry) => pathIn(folder, entry))
    .filter((path) => path !== MANIFEST)
    .sort()
  const files = []
  for (const path of paths) files.push(await describe(folder, path))
  return files
}

const pathIn = (folder: string, entry: Dirent): string =>
  relative(folder, join(entry.parentPath, entry.name)).split(sep).join('/')

const describe = async (folder: string, path: string) => {
  const file = join(folder, path)
  const hash = createHash('sha256')
  await pipeline(createReadStream(file), hash)
  return { path, bytes: (await stat(file)).size, sha256: hash.digest('hex') }
}

/** Throws `not_found` or `invalid` when `folder` is no backup of ours. */
export const readManifest = async (folder: string): Promise<Manifest> => {
  let text: string
  try {
    text = await readFile(join(folder, MANIFEST), 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    throw new AppError('not_found', `There is no backup at ${folder}`, {
      hint: `Expected a folder with ${MANIFEST} in it, as "mc backup" makes it.`,
      cause: error,
    })
  }
  const manifest = parsed(text)
  if (!Value.Check(Manifest, manifest))
    throw new AppError('invalid', `${join(folder, MANIFEST)} is not a manifest of ours`)
  return manifest
}

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    // Cut or overwritten: told like any other text that is no manifest.
    return null
  }
}

/** Files that are missing, changed or cut, in words. */
export const changedFiles = async (folder: string, manifest: Manifest): Promise<string[]> => {
  const found = new Map((await describeFiles(folder)).map((file) => [file.path, file]))
  return manifest.files.flatMap(({ path, sha256 }) => {
    const file = found.get(path)
    if (!file) return [`${path} is missing`]
    return file.sha256 === sha256 ? [] : [`${path} is not what was copied`]
  })
}
