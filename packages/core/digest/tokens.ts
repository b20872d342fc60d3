import { type ChildProcess, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

/** The tokens of each text. */
export type CountTokens = (texts: readonly string[]) => Promise<number[]>

/** A tokenizer of bytes never makes more tokens than there are bytes. */
export const bytesOf = (text: string): number => Buffer.byteLength(text)

const IDLE_MS = 30_000
const PATIENCE_MS = 20_000
const PROGRAM = fileURLToPath(new URL('./token-program.ts', import.meta.url))

/**
 * Counts with `o200k_base`, the published encoding of the models that Codex runs. Its tables take
 * 80 MB, so they live in a process of their own that ends when nothing was counted for `idleMs`;
 * a worker at rest holds nothing of it. When that process fails, each byte counts as a token:
 * a digest is then shorter than it could be, never longer than it may be.
 */
export const createTokenCounter = ({ idleMs = IDLE_MS, program = PROGRAM } = {}): CountTokens => {
  let child: Counter | null = null
  return async (texts) => {
    if (child?.ended !== false) child = startCounter(program, idleMs)
    return (await child.count(texts)) ?? texts.map(bytesOf)
  }
}

type Counter = ReturnType<typeof startCounter>

/** One line of JSON in, one out. */
const startCounter = (program: string, idleMs: number) => {
  // It needs no environment, and so it gets none.
  const child = spawn(process.execPath, [program], { stdio: ['pipe', 'pipe', 'ignore'], env: {} })
  let waiting: ((counts: number[] | null) => void)[] = []
  let idle: NodeJS.Timeout | undefined
  const counter = {
    ended: false,
    count: (texts: readonly string[]): Promise<number[] | null> => {
      clearTimeout(idle)
      hold(child, true)
      return new Promise((resolve) => {
        const tooLong = setTimeout(() => child.kill('SIGKILL'), PATIENCE_MS)
        waiting.push((counts) => {
          clearTimeout(tooLong)
          resolve(counts?.length === texts.length ? counts : null)
        })
        child.stdin.write(`${JSON.stringify(texts)}\n`)
      })
    },
  }
  const end = () => {
    counter.ended = true
    for (const answer of waiting) answer(null)
    waiting = []
  }
  child.on('error', end).on('exit', end)
  // A pipe that breaks is told by the exit.
  child.stdin.on('error', () => {})
  createInterface({ input: child.stdout }).on('line', (line) => {
    waiting.shift()?.(JSON.parse(line) as number[])
    if (waiting.length > 0) return
    hold(child, false)
    idle = setTimeout(() => {
      counter.ended = true
      child.stdin.end()
    }, idleMs).unref()
  })
  return counter
}

/** Whether it keeps our process from ending. It ends with us: its input is closed then. */
const hold = (child: ChildProcess, held: boolean): void => {
  const what = held ? 'ref' : 'unref'
  child[what]()
  for (const stream of [child.stdin, child.stdout])
    (stream as unknown as { ref(): void; unref(): void } | null)?.[what]()
}
