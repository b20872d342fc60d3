import { text as readAll } from 'node:stream/consumers'
import { InvalidArgumentError } from 'commander'
import { Exit, USAGE } from './exit-code.ts'

/** The words of a command line as one text; `-` or nothing means stdin. */
export const textFrom = async (words: readonly string[], what: string): Promise<string> => {
  const isStdin = words.length === 0 || (words.length === 1 && words[0] === '-')
  if (!isStdin) return words.join(' ')
  if (words.length === 0 && process.stdin.isTTY)
    throw new Exit(USAGE, `Expected ${what}, as words or on stdin.`)
  return (await readAll(process.stdin)).replace(/\n$/, '')
}

/** The JSON on stdin, when the command line says nothing. */
export const jsonFromStdin = async (what: string): Promise<unknown> => {
  if (process.stdin.isTTY)
    throw new Exit(USAGE, `Expected ${what}, as arguments or as JSON on stdin (see --help).`)
  const text = await readAll(process.stdin)
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new Exit(USAGE, `Expected ${what} as JSON on stdin: ${(error as Error).message}`)
  }
}

export const wholeNumber = (text: string): number => {
  const number = Number(text)
  if (Number.isSafeInteger(number) && number > 0) return number
  throw new InvalidArgumentError(`Expected a whole number above 0, got "${text}".`)
}

export const wholeNumberOrNone = (text: string): number => {
  const number = Number(text)
  if (text.trim() !== '' && Number.isSafeInteger(number) && number >= 0) return number
  throw new InvalidArgumentError(`Expected a whole number from 0, got "${text}".`)
}

export const seconds = (text: string): number => {
  const number = Number(text)
  if (Number.isFinite(number) && number >= 0) return number
  throw new InvalidArgumentError(`Expected seconds, got "${text}".`)
}

/** For an option that may be given several times. */
export const collect = (value: string, before: string[] = []): string[] => [...before, value]
