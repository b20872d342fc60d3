import { basename } from 'node:path'

/** What stands before the program that a line is about. */
const around =
  /^(?:sudo|nice|ionice|nohup|exec|time|env|flock|timeout|chronic|cronic|setsid|command|test|\[|cd|if|then|while|do|set|export|source|\.)$/
/** Options of those that take a user or a file. */
const takesName = /^-[ugCw]$/
const interpreter = /^(?:(?:ba|da|z|k)?sh|python\d?(?:\.\d+)?|perl|ruby|node|php\d*|Rscript|java)$/

/** A short name for a shell's line: that of its program, or of the script given to one. */
export const nameTask = (command: string): string => {
  for (const part of command.split(/&&|\|\||[;|]|\n/)) {
    const words = part
      .trim()
      .split(/\s+/)
      .map((word) => word.replace(/^["'({]+|["')}]+$/g, ''))
      .filter((word) => word !== '' && !/^[A-Za-z_][A-Za-z0-9_]*=/.test(word))
    const [first = ''] = words
    if (/^(?:cd|test|\[|export|set|source|\.|if|sleep)$/.test(first)) continue
    const name = words
      .filter((_, index) => !takesName.test(words[index - 1] ?? ''))
      .map((word) => programName(word))
      .find((word) => word !== null)
    if (name) return name
  }
  return 'job'
}

/** Null for an option, a number, or a program that only starts another. */
const programName = (word: string): string | null => {
  if (/^[-\d<>&$]|\.lock$/.test(word)) return null
  const name = basename(word)
  if (around.test(name) || interpreter.test(name)) return null
  const slug = name
    .replace(/\.(?:sh|bash|py|pl|rb|js|mjs|ts|php|R|jar)$/, '')
    .replace(/[^A-Za-z0-9._-]+/g, '-')
    .replace(/^[^A-Za-z0-9]+|[^A-Za-z0-9]+$/g, '')
    .toLowerCase()
    .slice(0, 60)
  return slug === '' ? null : slug
}

/** The name itself, or with the first number that nobody has. */
export const uniqueName = (name: string, taken: ReadonlySet<string>): string => {
  if (!taken.has(name)) return name
  for (let n = 2; ; n++) if (!taken.has(`${name}-${n}`)) return `${name}-${n}`
}
