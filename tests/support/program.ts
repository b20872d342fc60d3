import { devNull } from 'node:os'
import { join } from 'node:path'
import { projectRoot } from '@mc/core/environment.ts'
import { execa } from 'execa'

export type Ended = { exitCode: number | undefined; stdout: string; stderr: string }

/** What a child of a test is given, beside its own: nothing of the developer's settings. */
export const bareEnvironment = (own: Record<string, string> = {}): Record<string, string> => {
  const env: Record<string, string> = {}
  for (const [name, value] of Object.entries(process.env))
    if (value !== undefined && !/^(MC_(?!TEST_)|DATABASE_URL$|TMUX$|TAP)/.test(name))
      env[name] = value
  return { ...env, MC_ENV_FILE: devNull, ...own }
}

/** Runs one of the project's programs to its end. */
export const runProgram = async (
  main: string,
  args: readonly string[],
  { env = {}, input = '' }: { env?: Record<string, string>; input?: string } = {},
): Promise<Ended> => {
  const { exitCode, stdout, stderr } = await execa(
    process.execPath,
    [join(projectRoot, main), ...args],
    { env: bareEnvironment(env), extendEnv: false, input, reject: false, timeout: 60_000 },
  )
  return { exitCode, stdout, stderr }
}
