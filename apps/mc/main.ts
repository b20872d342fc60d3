#!/usr/bin/env node
import { enableCompileCache } from 'node:module'
import { join } from 'node:path'

// Before the rest is loaded: the agent calls this often. Not in the shared temp folder, where
// another user could put code for us.
enableCompileCache(join(import.meta.dirname, '..', '..', 'node_modules', '.cache', 'compiled'))
const { explain } = await import('./exit-code.ts')
const { createProgram } = await import('./program.ts')

// `mc inbox list | head` closes the pipe: nobody listens any more, and that is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) =>
  process.exit(error.code === 'EPIPE' ? 0 : 1),
)
try {
  await createProgram().parseAsync()
} catch (error) {
  const { text, exitCode } = explain(error)
  if (text !== '') process.stderr.write(`${text}\n`)
  process.exitCode = exitCode
}
