import { registerHooks } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { projectRoot } from '@mc/core/environment.ts'
import root from 'tap'
import { become } from './bundled-tap.ts'

const STAND_IN = new URL('./bundled-tap.ts', import.meta.url).href

/**
 * Runs test files one after the other in this process, each as one test with the file's name: its
 * teardowns and hooks are its own, and one that cannot be loaded fails alone. Every file has the
 * whole time limit to itself.
 */
export const runBundle = async (files: readonly string[]): Promise<void> => {
  const limitMs = Number(process.env.TAP_TIMEOUT ?? 30) * 1000
  registerHooks({
    resolve: (specifier, context, next) =>
      specifier === 'tap' && !context.parentURL?.includes('/node_modules/')
        ? { url: STAND_IN, shortCircuit: true }
        : next(specifier, context),
  })
  for (const file of files) {
    // Counted from here, in this process and in tap, which watches over it. Tap ends all of it,
    // so a file that takes too long has to fail by itself before.
    root.setTimeout(limitMs * 1.5)
    await root.test(file, { timeout: limitMs }, async (test) => {
      become(test, root)
      await import(pathToFileURL(join(projectRoot, file)).href)
    })
  }
}
