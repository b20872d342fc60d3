/**
 * Lock and pid files in the data folder whose process is gone: they can keep a program from
 * starting. Ends with 1 when there are some; it removes nothing.
 */
import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { parseDuration } from '@mc/core/config.ts'
import { isAlive } from '@mc/core/runs/process.ts'

const { values, positionals } = parseArgs({
  options: { 'older-than': { type: 'string', default: '1d' } },
  allowPositionals: true,
})
const ageMinMs = parseDuration(values['older-than'])
if (ageMinMs === null) {
  console.error(`Expected --older-than to be a duration such as 1d, got "${values['older-than']}"`)
  process.exit(2)
}
const folder = positionals[0] ?? process.env.MC_DATA_DIR ?? 'data'

let looked = 0
for (const entry of await readdir(folder, { withFileTypes: true, recursive: true })) {
  if (!entry.isFile() || !/\.(?:lock|pid)$/.test(entry.name)) continue
  const path = join(entry.parentPath, entry.name)
  try {
    looked++
    const ageMs = Date.now() - (await stat(path)).mtimeMs
    const pid = Number(/^\s*(?:\{"pid":\s*)?(\d{1,9})\b/.exec(await readFile(path, 'utf8'))?.[1])
    if (ageMs < ageMinMs || !(pid > 0) || isAlive(pid)) continue
    const days = (ageMs / 86_400_000).toFixed(1)
    console.error(`Error: stale lock ${path}: process ${pid} is gone, the file is ${days} days old`)
    process.exitCode = 1
  } catch (error) {
    // It was released while we looked.
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
  }
}
if (!process.exitCode) console.log(`No stale lock among ${looked} lock file(s) in ${folder}`)
