import { createWriteStream } from 'node:fs'
import { rename, rm } from 'node:fs/promises'
import { resolve } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { Command } from 'commander'
import { atDesk } from './desk.ts'

/** Everything as JSON, to a file that is whole or not there, or to stdout. */
export const exportCommand = (): Command =>
  new Command('export')
    .description('everything as one JSON document (tokens and passwords are left out)')
    .argument('[file]', 'where to; default: stdout')
    .action(
      atDesk(async (desk, file?: string) => {
        const pieces = desk.client.download('/api/v1/export')
        if (file === undefined) return pipeline(pieces, process.stdout, { end: false })
        const path = resolve(file)
        const partial = `${path}.partial`
        try {
          await pipeline(pieces, createWriteStream(partial, { mode: 0o600 }))
          await rename(partial, path)
        } catch (error) {
          await rm(partial, { force: true })
          throw error
        }
        desk.show({ file: path }, () => `Written to ${path}`)
      }),
    )
