import { createHash } from 'node:crypto'
import { lstatSync, rmSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { Environment } from '../config.ts'

/** The tmux socket: the one that is set, or one per data folder, told apart on a machine with several. */
export const tmuxSocketOf = (set: string | null, dataDir: string): string =>
  set ?? `mission-control-${createHash('sha256').update(dataDir).digest('hex').slice(0, 8)}`

/** Where the socket lies: a name is for tmux's own folder (`-L`), a path is itself (`-S`). */
export const socketPathOf = (socket: string, env: Environment): string =>
  socket.includes('/')
    ? socket
    : join(env.TMUX_TMPDIR || '/tmp', `tmux-${process.getuid?.()}`, socket)

/** A server that was told to end takes a moment. */
const ENDS_WITHIN_MS = 1_000
const LOOK_EVERY_MS = 20

/** tmux leaves its socket behind when it ends. Removes it, unless a server answers there. */
export const removeDeadSocket = async (path: string): Promise<void> => {
  // A file that is no socket refuses a connection too.
  if (!lstatSync(path, { throwIfNoEntry: false })?.isSocket()) return
  const end = performance.now() + ENDS_WITHIN_MS
  for (;;) {
    const answer = await knock(path)
    if (answer === 'nobody') rmSync(path, { force: true })
    if (answer !== 'somebody' || performance.now() > end) return
    await delay(LOOK_EVERY_MS)
  }
}

/** `nothing`: it is gone meanwhile, or not ours to speak to. */
const knock = (path: string): Promise<'somebody' | 'nobody' | 'nothing'> =>
  new Promise((resolve) => {
    const client = connect(path)
    client.on('connect', () => {
      client.destroy()
      resolve('somebody')
    })
    client.on('error', ({ code }: NodeJS.ErrnoException) => {
      if (code === 'ECONNREFUSED') resolve('nobody')
      // A server that ends closes on whom it has not let in yet, about once in sixty times.
      else resolve(code === 'ECONNRESET' ? 'somebody' : 'nothing')
    })
  })
