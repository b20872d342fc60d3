import { resolve } from 'node:path'
import { loadEnvironment, nameOfFile, projectRoot } from '@mc/core/environment.ts'

/** As a person names it: from where they stand, while the setting's starts at the project. */
export const rulesFile = (given?: string): { path: string; name: string } => {
  if (given !== undefined) return { path: resolve(given), name: given }
  const path = resolve(projectRoot, loadEnvironment().MC_TRIAGE_FILE?.trim() || 'ops/triage.yaml')
  return { path, name: nameOfFile(path) }
}
