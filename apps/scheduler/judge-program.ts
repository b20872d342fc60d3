import { constants } from 'node:os'
import type { ProgramEnd } from '@mc/core/runs/background-program.ts'
import type { CommandResult } from '@mc/core/runs/run-command.ts'
import type { Task } from '@mc/core/tasks/task.ts'
import { type Attempt, attempt } from './attempt.ts'
import { judgeCommand } from './judge-command.ts'

/** The shell's own words for a program that it did not find, or may not execute. */
const NOT_FOUND = 127
const NOT_EXECUTABLE = 126
/** A shell adds this to the number of the signal that ended a program. */
const BY_SIGNAL = 128

export type ProgramOutput = { output: string; stdout: string; stderr: string; droppedBytes: number }

/**
 * What the end of a background program tells. `ended` says why we ended it: it was silent, or
 * somebody asked; null when it ended by itself.
 */
export const judgeProgram = (
  task: Pick<Task, 'command' | 'successCodes' | 'authCodes' | 'timeoutMs' | 'noOutputMs'>,
  { exitCode }: ProgramEnd,
  said: ProgramOutput,
  ended: { status: 'stuck' | 'interrupted' | 'cancelled'; cause: string } | null,
): Attempt => {
  if (ended)
    return attempt({
      status: ended.status,
      cause: ended.cause,
      output: said.output,
      droppedBytes: said.droppedBytes,
      line: ended.status === 'stuck' ? 'no sign of life' : null,
    })
  const signal = exitCode === null ? null : signalOf(exitCode)
  const [program = ''] = task.command
  const result: CommandResult = {
    ...said,
    exitCode: signal === null ? exitCode : null,
    signal,
    timedOut: false,
    wentSilent: false,
    aborted: false,
    spawnError:
      exitCode === NOT_FOUND
        ? `Could not start "${program}": no such program on PATH`
        : exitCode === NOT_EXECUTABLE
          ? `Could not start "${program}": it may not be executed`
          : null,
    durationMs: 0,
  }
  if (exitCode !== null) return judgeCommand(task, result)
  return attempt({
    status: 'failed',
    cause: 'It was killed, or ended while nobody watched: its exit code is not known',
    line: 'exit code not known',
    output: said.output,
    droppedBytes: said.droppedBytes,
  })
}

const signalOf = (exitCode: number): NodeJS.Signals | null => {
  const found = Object.entries(constants.signals).find(
    ([, number]) => number === exitCode - BY_SIGNAL,
  )
  return found ? (found[0] as NodeJS.Signals) : null
}
