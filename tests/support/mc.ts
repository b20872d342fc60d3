import type { RunningApp } from './app.ts'
import { runMcHere } from './mc-here.ts'
import { type Ended, runProgram } from './program.ts'

type Asked = { input?: string; env?: Record<string, string> }
type Running = Pick<RunningApp, 'url' | 'config'>

/** The whole command line of `mc` as the person who runs Mission Control, without its process. */
export const mcFor =
  (running: Running) =>
  (args: string[], asked: Asked = {}): Promise<Ended> =>
    runMcHere(args, asAsked(running, asked))

/** The real `mc`: for what the process itself makes of it, as its exit codes. */
export const mcProcessFor =
  (running: Running) =>
  (args: string[], asked: Asked = {}): Promise<Ended> =>
    runProgram('apps/mc/main.ts', args, asAsked(running, asked))

const asAsked = ({ url, config }: Running, { input = '', env = {} }: Asked) => ({
  env: { MC_URL: url, MC_DATA_DIR: config.dataDir, ...env },
  input,
})
