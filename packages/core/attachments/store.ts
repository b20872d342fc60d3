import { createReadStream } from 'node:fs'
import { mkdir, open, readdir, rm, rmdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { imageType, TELLING_BYTES } from './image-type.ts'

export type Stored = { bytes: number; imageType: string | null }

/** The files below `<data>/attachments`; readable by their owner alone. */
export const createAttachmentStore = (dataDir: string) => {
  const root = join(dataDir, 'attachments')
  const path = (file: string): string => {
    // What a row names was made by us; a row that was not must not lead out of the folder.
    if (!/^\d{4}-\d\d\/[0-9a-f]{16}-[\w.-]+$/.test(file) || file.includes('..'))
      throw new Error(`Not a file of attachments: ${file}`)
    return join(root, file)
  }
  return {
    root,
    path,

    /** Writes what comes. On any error nothing is left of it. */
    async write(file: string, chunks: AsyncIterable<Uint8Array>): Promise<Stored> {
      const target = path(file)
      await mkdir(join(target, '..'), { recursive: true, mode: 0o700 })
      const handle = await open(target, 'wx', 0o600)
      let bytes = 0
      let start = new Uint8Array()
      try {
        for await (const chunk of chunks) {
          if (start.length < TELLING_BYTES)
            start = Buffer.concat([start, chunk.subarray(0, TELLING_BYTES)])
          await handle.writeFile(chunk)
          bytes += chunk.length
        }
        await handle.close()
        return { bytes, imageType: imageType(start) }
      } catch (error) {
        await handle.close()
        await rm(target, { force: true })
        throw error
      }
    },

    /** Throws ENOENT when it is gone. */
    async read(file: string) {
      await stat(path(file))
      return createReadStream(path(file))
    },

    remove: (file: string): Promise<void> => rm(path(file), { force: true }),

    /** Every file there is, with when it was last written. */
    async *list(): AsyncGenerator<{ file: string; modifiedAt: Date; bytes: number }> {
      for (const month of await names(root)) {
        if (!/^\d{4}-\d\d$/.test(month)) continue
        for (const name of await names(join(root, month))) {
          const found = await stat(join(root, month, name)).catch(() => null)
          if (found?.isFile())
            yield { file: `${month}/${name}`, modifiedAt: found.mtime, bytes: found.size }
        }
      }
    },

    /** Months that have nothing left. */
    async removeEmptyMonths(): Promise<void> {
      for (const month of await names(root))
        if (/^\d{4}-\d\d$/.test(month))
          await rmdir(join(root, month)).catch(() => {
            // Something is in it.
          })
    },
  }
}

export type AttachmentStore = ReturnType<typeof createAttachmentStore>

const names = async (folder: string): Promise<string[]> => {
  try {
    return (await readdir(folder)).sort()
  } catch (error) {
    // Nothing was ever attached, or it went meanwhile.
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
}
