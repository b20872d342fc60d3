import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { loadEnvironment } from '@mc/core/environment.ts'
import { removeDeadSocket, socketPathOf, tmuxSocketOf } from '@mc/core/luci/socket.ts'
import { forgetSession } from '@mc/core/luci/trace.ts'
import { readAddress } from './connection.ts'
import { Exit, FORBIDDEN } from './exit-code.ts'

const run = promisify(execFile)

/** Ends Luci's tmux server without the api. False when there is none. */
export const endSession = async (): Promise<boolean> => {
  const env = loadEnvironment()
  const { dataDir, isAgent } = readAddress(env)
  if (isAgent) throw new Exit(FORBIDDEN, 'Only a person may do this')
  const socket = tmuxSocketOf(env.MC_TMUX_SOCKET?.trim() || null, dataDir)
  const ended = await run('tmux', [socket.includes('/') ? '-S' : '-L', socket, 'kill-server']).then(
    () => true,
    // No tmux, or no server on that socket.
    () => false,
  )
  await removeDeadSocket(socketPathOf(socket, process.env))
  forgetSession(dataDir)
  return ended
}
