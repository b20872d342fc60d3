import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Credentials } from './credentials.ts'

export type FileCredential = 'cli' | 'agent' | 'metrics'

export const credentialFile = (dataDir: string, kind: FileCredential): string =>
  join(dataDir, 'credentials', kind)

/**
 * The token in `<dataDir>/credentials/<kind>`, mode 0600; made at first start. A file that the
 * database does not know (it was replaced) is taken in again: who may write there is trusted.
 */
export const ensureCredentialFile = async (
  credentials: Credentials,
  dataDir: string,
  kind: FileCredential,
): Promise<string> => {
  const path = credentialFile(dataDir, kind)
  await mkdir(join(dataDir, 'credentials'), { recursive: true, mode: 0o700 })
  const found = await readToken(path)
  if (found) {
    await chmod(path, 0o600)
    if (await credentials.verify(found, [kind])) return found
  }
  await credentials.revokeAll(kind)
  if (found && (await credentials.adopt(kind, found))) return found
  const { token } = await credentials.issue(kind)
  await writeFile(path, `${token}\n`, { mode: 0o600 })
  await chmod(path, 0o600)
  return token
}

const readToken = async (path: string): Promise<string | null> => {
  try {
    const text = (await readFile(path, 'utf8')).trim()
    return text.length >= 32 ? text : null
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw error
  }
}
