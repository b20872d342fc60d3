import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import type { LuciStatus } from '@mc/core/luci/status.ts'

const run = promisify(execFile)

/** The last words of `start`: whether Luci lives on, how to see her and how to end her. */
export const farewell = async (luci: LuciStatus | null): Promise<string> => {
  if (!luci || !(await livesOn(luci.tmuxSocket))) return 'Mission Control has stopped.'
  return [
    'Mission Control has stopped. Luci lives on in tmux.',
    `  see her:  ${luci.attachCommand}`,
    '  end her:  npx -y pnpm@12 mc luci stop',
  ].join('\n')
}

const livesOn = (socket: string): Promise<boolean> =>
  run('tmux', [socket.includes('/') ? '-S' : '-L', socket, 'list-sessions']).then(
    ({ stdout }) => stdout.trim() !== '',
    // No tmux, or no server on that socket.
    () => false,
  )
