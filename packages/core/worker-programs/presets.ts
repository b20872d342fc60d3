/** The agent programs that are known by a bare name in MC_WORKER_COMMAND. */
export const presetNames = ['claude', 'codex', 'opencode', 'gemini'] as const
export type PresetName = (typeof presetNames)[number]
/** `own`: any other command. */
export type WorkerName = PresetName | 'own'

type Preset = {
  /** Headless, the ticket on stdin, records of what it does on stdout. */
  argv: readonly string[]
  /** How much it may do without asking; MC_WORKER_ARGS stands in its place. */
  may: readonly string[]
  /** What must come last. */
  last: readonly string[]
}

/**
 * Nobody is there to be asked: what a program would ask for is refused. So each may change files in
 * its folder, and otherwise what its own configuration allows. Tried with the versions of
 * tests/agents/versions.json.
 */
const presets: Record<PresetName, Preset> = {
  claude: {
    argv: ['claude', '-p', '--output-format', 'stream-json', '--verbose'],
    may: ['--permission-mode', 'acceptEdits'],
    last: [],
  },
  codex: {
    argv: ['codex', 'exec', '--json', '--skip-git-repo-check'],
    may: ['--sandbox', 'workspace-write'],
    last: ['-'],
  },
  // By its own default it asks for nothing inside its folder.
  opencode: { argv: ['opencode', 'run', '--format', 'json'], may: [], last: [] },
  gemini: {
    argv: ['gemini', '-o', 'stream-json'],
    may: ['--approval-mode', 'auto_edit'],
    last: [],
  },
}

export const isPreset = (name: string): name is PresetName =>
  (presetNames as readonly string[]).includes(name)

/** The whole command of a preset. `args`: the person's own in the place of what it may by default. */
export const presetCommand = (name: PresetName, args: readonly string[] | null): string[] => {
  const { argv, may, last } = presets[name]
  return [...argv, ...(args ?? may), ...last]
}
