import { statSync } from 'node:fs'
import type { Clock } from '../clock.ts'

/** A file that stayed the same for so long is one that nobody is writing any more. */
export const STILL_MS = 500

/** Resolves once a file, or its absence, has stayed the same for STILL_MS, or when the signal aborts. */
export const untilStill = async (
  path: string,
  clock: Pick<Clock, 'sleep'>,
  signal: AbortSignal,
): Promise<void> => {
  let before = lookOf(path)
  while (!signal.aborted) {
    await clock.sleep(STILL_MS, signal)
    const now = lookOf(path)
    if (now === before) return
    before = now
  }
}

/** At once, so that nothing happens to the file between the look and what follows from it. */
const lookOf = (path: string): string => {
  try {
    const { ino, size, mtimeNs } = statSync(path, { bigint: true })
    return `${ino} ${size} ${mtimeNs}`
  } catch (error) {
    // Not there, or not to be looked at: whoever reads it tells.
    return (error as NodeJS.ErrnoException).code ?? 'unknown'
  }
}
