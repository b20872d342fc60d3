#!/usr/bin/env node
import { enableCompileCache } from 'node:module'
import { explain } from './exit-code.ts'

// Before the rest is loaded: the agent calls this often, and parsing is a third of its start.
enableCompileCache()
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
