import { unwatchFile, watch, watchFile } from 'node:fs'
import { basename, dirname } from 'node:path'
import type { Log } from '@mc/core/log.ts'

/** Editors write in several steps; one look after the last of them is enough. */
const SETTLE_MS = 200
/** Where the system tells of no changes. */
const LOOK_MS = 5_000

/** Calls `changed` soon after a file was written, replaced or removed, until the signal aborts. */
export const watchForChanges = (
  path: string,
  changed: () => void,
  log: Log,
  signal: AbortSignal,
): void => {
  let settling: NodeJS.Timeout | undefined
  const touch = () => {
    clearTimeout(settling)
    settling = setTimeout(changed, SETTLE_MS)
  }
  const poll = (err: unknown) => {
    log.warn({ err, path }, 'no file events here; looking every few seconds instead')
    watchFile(path, { interval: LOOK_MS, persistent: false }, touch)
  }
  signal.addEventListener('abort', () => {
    clearTimeout(settling)
    unwatchFile(path, touch)
  })
  try {
    // The folder, because editors replace the file.
    const watcher = watch(dirname(path), { persistent: false, signal }, (_, name) => {
      if (name === null || name === basename(path)) touch()
    })
    watcher.on('error', (error) => {
      if (error.name !== 'AbortError') poll(error)
    })
  } catch (error) {
    poll(error)
  }
}
