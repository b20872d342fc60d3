import { spawn } from 'node:child_process'
import { type ControlEvent, createControlParser } from './control-parser.ts'

/** tmux refused a command, or the client is gone. After the latter every request fails. */
export class ControlError extends Error {
  readonly gone: boolean
  constructor(message: string, { gone }: { gone: boolean }) {
    super(message)
    this.name = 'ControlError'
    this.gone = gone
  }
}

export type ControlClient = {
  /** One command, one reply. Throws ControlError when tmux refuses it or does not answer in time. */
  request(command: string): Promise<string[]>
  /** Resolves with the reason once the client is gone, whoever ended it. */
  gone: Promise<string>
  close(): Promise<void>
}

type Waiting = { resolve: (lines: string[]) => void; reject: (error: Error) => void }

const REPLY_WITHIN_MS = 10_000

/**
 * The one long-lived `tmux -C` process. Replies come in the order of the commands, so that one
 * that does not come means: end the client and connect anew, lest it answer the next command.
 */
export const openControlClient = async (
  argv: readonly string[],
  env: Record<string, string>,
  listener: (event: ControlEvent) => void,
  replyWithinMs = REPLY_WITHIN_MS,
): Promise<ControlClient> => {
  const [program = 'tmux', ...rest] = argv
  const child = spawn(program, rest, { env, stdio: ['pipe', 'pipe', 'pipe'] })
  const waiting: Waiting[] = []
  let complaint = ''
  let isGone = false
  const attached = Promise.withResolvers<void>()
  const gone = Promise.withResolvers<string>()

  const end = (reason: string) => {
    if (isGone) return
    isGone = true
    child.kill('SIGKILL')
    const error = new ControlError(`The tmux control client ended: ${reason}`, { gone: true })
    for (const { reject } of waiting.splice(0)) reject(error)
    attached.reject(error)
    gone.resolve(reason)
  }

  const parse = createControlParser()
  const take = (event: ControlEvent) => {
    if (event.type === 'exit') return end(event.reason || 'detached')
    if (event.type !== 'reply') return listener(event)
    // The attach itself answers first, unasked.
    if (!event.own) return event.ok ? attached.resolve() : end(event.lines.join(' '))
    const first = waiting.shift()
    if (event.ok) first?.resolve(event.lines)
    else first?.reject(new ControlError(event.lines.join(' ') || 'refused', { gone: false }))
  }
  child.stdout.on('data', (chunk: Buffer) => {
    for (const event of parse(chunk)) if (!isGone) take(event)
  })
  child.stderr.on('data', (chunk: Buffer) => {
    complaint = (complaint + chunk.toString()).slice(-1_000)
  })
  child.on('error', (error) => end(error.message))
  child.on('close', (code) => end(complaint.trim() || `exit code ${code}`))
  // Writing to a client that just ended; `close` tells.
  child.stdin.on('error', () => {})

  const inTime = async <T>(answer: Promise<T>): Promise<T> => {
    const timer = setTimeout(() => end(`no answer in ${replyWithinMs} ms`), replyWithinMs)
    try {
      return await answer
    } finally {
      clearTimeout(timer)
    }
  }
  await inTime(attached.promise)
  return {
    request: (command) => {
      // An empty line would detach the client, a newline would make two commands of one.
      if (command.trim() === '' || /[\r\n]/.test(command))
        throw new Error('A control command is one line that is not empty')
      if (isGone)
        return Promise.reject(new ControlError('The tmux control client is gone', { gone: true }))
      const answer = new Promise<string[]>((resolve, reject) => waiting.push({ resolve, reject }))
      child.stdin.write(`${command}\n`)
      return inTime(answer)
    },
    gone: gone.promise,
    close: async () => {
      end('closed')
      await gone.promise
    },
  }
}
