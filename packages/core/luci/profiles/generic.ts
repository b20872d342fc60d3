import { basename } from 'node:path'
import { AppError } from '../../errors.ts'
import { type Limits, limits } from '../limits.ts'
import { plainInput } from '../tmux-words.ts'
import { createGenericReader } from './generic-reader.ts'
import type { Profile } from './profile.ts'
import { PRESS_ENTER } from './stream-reader.ts'

/** A terminal in canonical mode loses what a line has beyond this (Linux). */
export const LINE_BYTES_MAX = 4_095
const TEXT_BYTES_MAX = 65_536

const shells = ['bash', 'sh', 'dash', 'zsh', 'fish', 'ksh']

/**
 * Any program that reads a line and answers with text. Its record is the pane's own byte stream,
 * which tmux itself appends to a file (`pipe-pane`): unlike `%output`, nothing of it is missed
 * while the api is down, and no history can be outgrown, so that a reply is never cut short.
 */
export const genericProfile = (
  command: readonly string[],
  prompt: string | null,
  within: Limits = limits,
): Profile => {
  const program = basename(command[0] ?? '')
  const env = plainly(program)
  return {
    name: 'generic',
    argv: command,
    env,
    keeps: [],
    start: () => ({ argv: command, env }),
    screen: null,
    record: 'pane',
    interrupt: '03',
    // Node on a dumb terminal knows no Ctrl-U; its Ctrl-C empties an input that holds something.
    clear: program === 'node' ? '03' : '15',
    answers: { [PRESS_ENTER]: '0d' },
    shell: shells.includes(program) ? program : null,
    compose: ({ origin, text }, bracketed) => composeLines(origin, text, bracketed, program),
    reader: () => createGenericReader(promptPattern(program, prompt), within),
  }
}

/**
 * What makes a program write its answer and nothing else. On any better terminal Node shows a
 * guess at the result under the input, which no reader could tell from the result, and completes
 * at a tab. Python from 3.13 on draws an editor of its own. readline (bash, sqlite3, bc) is not
 * for a dumb terminal: it would scroll the input sideways.
 */
const plainly = (program: string): Record<string, string> => {
  if (program === 'node') return { TERM: 'dumb' }
  if (/^python/.test(program)) return { PYTHON_BASIC_REPL: '1' }
  return {}
}

/** The prompt at the end of the stream, as a whole. `MC_LUCI_PROMPT` wins over what we know. */
export const promptPattern = (program: string, prompt: string | null): RegExp =>
  new RegExp(`(?:${prompt ?? knownPrompt(program)})$`)

const knownPrompt = (program: string): string => {
  // A lone `> ` is a shell's sign that the statement goes on.
  if (shells.includes(program)) return '[^\\n]*[$#%] |[^\\n]+> '
  if (/^i?python/.test(program)) return '>>> |In \\[\\d+\\]: '
  if (program === 'node') return '> '
  if (program === 'sqlite3') return 'sqlite> '
  // It waits without a word.
  if (program === 'bc') return '(?<=^|\\n)'
  return '[^\\n]*[$#%>:›»❯] '
}

const composeLines = (
  origin: string,
  text: string,
  bracketed: boolean | null,
  program: string,
): string => {
  if (origin === 'digest')
    throw new AppError('invalid', `${program} cannot run mc, so it gets no digests`, {
      hint: 'The rules decide alone while a plain program is attached.',
    })
  const lines = plainInput(text).replace(/\n+$/, '').split('\n')
  const longest = Math.max(...lines.map((line) => Buffer.byteLength(line)))
  if (longest > LINE_BYTES_MAX)
    throw new AppError(
      'invalid',
      `A line of ${longest} bytes is too long for a terminal, which takes ${LINE_BYTES_MAX}`,
      { hint: 'Break it into lines, or save it as a file and name the file.' },
    )
  if (lines.length > 1 && bracketed === false)
    throw new AppError(
      'invalid',
      `${program} takes one line at a time, and this message has ${lines.length}`,
      { hint: 'Send the lines one by one, or as one line.' },
    )
  const typed = lines.join('\n')
  if (Buffer.byteLength(typed) > TEXT_BYTES_MAX)
    throw new AppError('invalid', `Expected at most ${TEXT_BYTES_MAX} bytes for ${program}`, {
      hint: 'Save it as a file and name the file.',
    })
  if (visibleLength(typed) === 0)
    throw new AppError('invalid', 'Expected a message, got only control characters')
  return typed
}

const visibleLength = (text: string) => text.trim().length
