import type { RunningApp } from './app.ts'
import { type Ended, runProgram } from './program.ts'

type Asked = { input?: string; env?: Record<string, string> }

/** The real `mc`, as the person who runs Mission Control. */
export const mcFor =
  ({ url, config }: Pick<RunningApp, 'url' | 'config'>) =>
  (args: string[], { input = '', env = {} }: Asked = {}): Promise<Ended> =>
    runProgram('apps/mc/main.ts', args, {
      env: { MC_URL: url, MC_DATA_DIR: config.dataDir, ...env },
      input,
    })
