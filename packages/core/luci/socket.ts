import { createHash } from 'node:crypto'

/** The tmux socket: the one that is set, or one per data folder, told apart on a machine with several. */
export const tmuxSocketOf = (set: string | null, dataDir: string): string =>
  set ?? `mission-control-${createHash('sha256').update(dataDir).digest('hex').slice(0, 8)}`
