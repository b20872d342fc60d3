import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { projectRoot } from './environment.ts'

/** Of this checkout, as package.json says. */
export const readVersion = (): string => {
  const file = join(projectRoot, 'package.json')
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version
}
