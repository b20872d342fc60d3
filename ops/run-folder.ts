import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { devNull, tmpdir } from 'node:os'
import { basename, delimiter, dirname, join, resolve } from 'node:path'
import { projectRoot } from '@mc/core/environment.ts'

/**
 * A temp folder for one run of the tests, and the environment that keeps all they make inside
 * it: temp folders, tmux sockets, whatever inherits TMPDIR. No setting of the developer's gets in.
 */
export const openRunFolder = () => {
  const path = mkdtempSync(join(tmpdir(), 'mc-run-'))
  // Postgres runs as a user of its own, who must be able to enter.
  chmodSync(path, 0o755)
  const env = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(MC_|DATABASE_URL$|TMUX)/.test(name)),
  )
  // Below the project: tap keeps what a file said under the file's own path, from there on.
  const bundles = join('.tap', 'bundles', basename(path))
  return {
    path,
    bundles: join(projectRoot, bundles),
    results: join(path, 'results.tap'),
    env: {
      ...env,
      PATH: [dirname(process.execPath), join(projectRoot, 'node_modules', '.bin'), env.PATH].join(
        delimiter,
      ),
      TMPDIR: path,
      TMUX_TMPDIR: path,
      MC_ENV_FILE: devNull,
      // Two hundred files load the same modules, and so do the programs they start: compiled once.
      NODE_COMPILE_CACHE: join(projectRoot, 'node_modules', '.cache', 'compiled'),
    },
    remove: () => {
      for (const folder of [path, bundles, join('.tap', 'test-results', bundles)])
        rmSync(resolve(projectRoot, folder), { recursive: true, force: true })
    },
  }
}
