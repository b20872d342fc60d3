import { unwatchFile, watch, watchFile } from 'node:fs'
import { basename, dirname } from 'node:path'
import type { Clock } from '../clock.ts'
import type { Log } from '../log.ts'
import { untilStill } from './until-still.ts'

/** Where the system tells of no changes. */
const LOOK_MS = 5_000

/**
 * Calls `changed` once a file that was written, replaced or removed has come to rest, until the
 * signal aborts. Editors and copies write in several steps; half a file is never told.
 */
export const watchForChanges = (
  path: string,
  changed: () => void,
  { clock, log }: { clock: Clock; log: Log },
  signal: AbortSignal,
): void => {
  let settling = false
  const touch = () => {
    // Who waits already sees this change too.
    if (settling || signal.aborted) return
    settling = true
    void untilStill(path, clock, signal).then(() => {
      settling = false
      if (!signal.aborted) changed()
    })
  }
  const poll = (err: unknown) => {
    log.warn({ err, path }, 'no file events here; looking every few seconds instead')
    watchFile(path, { interval: LOOK_MS, persistent: false }, touch)
  }
  signal.addEventListener('abort', () => unwatchFile(path, touch))
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
