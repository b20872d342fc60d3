import { type FSWatcher, statSync, truncateSync, watch } from 'node:fs'
import { appendFile, type FileHandle, open } from 'node:fs/promises'
import { basename, dirname } from 'node:path'

/** A file that grows, read from where we stopped: each byte is read once, whatever its length. */
export type Tail = {
  /** The offset after the last byte read. */
  position(): number
  /** What came since, up to the offset `until`; empty when nothing did, or there is no file yet. */
  read(until?: number): Promise<Buffer>
  /** Begins the file anew with `seed`, unless something in it was not read yet: false. */
  restart(seed: string): Promise<boolean>
  close(): Promise<void>
}

const CHUNK = 1 << 16

/** Calls `changed` whenever the file may have grown (`fs.watch`: 0.3 ms); it says nothing more. */
export const tailFile = (path: string, from: number, changed: () => void): Tail => {
  let position = from
  let file: FileHandle | null = null
  let watcher: FSWatcher | null = null
  /** The folder, because the file may not be there yet; and the folder may come with it. */
  const attend = () => {
    if (watcher) return
    try {
      watcher = watch(dirname(path), { persistent: false }, (_event, name) => {
        if (name === null || name === basename(path)) changed()
      })
      // Without events, whoever hears the pane's output looks as well.
      watcher.on('error', () => watcher?.close())
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    }
  }
  attend()
  const opened = async () => {
    attend()
    try {
      file ??= await open(path, 'r')
      return file
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
      throw error
    }
  }
  return {
    position: () => position,
    read: async (until = Number.POSITIVE_INFINITY) => {
      const handle = await opened()
      const parts: Buffer[] = []
      while (handle && position < until) {
        const length = Math.min(CHUNK, until - position)
        const buffer = Buffer.allocUnsafe(length)
        const { bytesRead } = await handle.read(buffer, 0, length, position)
        if (bytesRead === 0) break
        position += bytesRead
        parts.push(buffer.subarray(0, bytesRead))
      }
      return parts.length === 1 ? (parts[0] as Buffer) : Buffer.concat(parts)
    },
    restart: async (seed) => {
      // What was written since our last look must be read first; the next look tries again. Both
      // calls at once, so that the writer has no time between them.
      if (statSync(path).size > position) return false
      truncateSync(path)
      // Whoever writes it appends, as we do here.
      await appendFile(path, seed)
      position = Buffer.byteLength(seed)
      return true
    },
    close: async () => {
      watcher?.close()
      await file?.close()
      file = null
    },
  }
}
