import { noUsage } from '../costs/usage.ts'
import type { WorkerReader } from './reader.ts'

/** Of a program that we know nothing of, so many of its last lines are its result. */
export const RESULT_LINES_MAX = 40

/** A program of the person's own: every line stands for itself, and its exit code is its word. */
export const createOwnReader = (): WorkerReader => {
  const last: string[] = []
  return {
    read(line) {
      if (last.push(line) > RESULT_LINES_MAX) last.shift()
      return `${line}\n`
    },
    end() {
      const result = last.join('\n').trim()
      return { result: result === '' ? null : result, trouble: null, usage: noUsage }
    },
  }
}
