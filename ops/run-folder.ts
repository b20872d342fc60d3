import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { devNull, tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
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
  return {
    path,
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
    remove: () => rmSync(path, { recursive: true, force: true }),
  }
}
