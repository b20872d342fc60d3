import { REDACTED } from '../redaction/redact.ts'
import { createCautiousRedactor } from '../runs/withheld.ts'

/** The name of an option whose value nobody may read; with `=` the value stands in the same word. */
const secretOption = /^(--?[\w-]*(?:key|token|secret|password|passwd|credentials?))(=.*)?$/is

/** A command as it may be stored and shown: the values of its secret options are hidden. Pure. */
export const shownCommand = (argv: readonly string[], secrets: readonly string[]): string[] => {
  const redact = createCautiousRedactor(secrets)
  return argv.map((word, at) => {
    const [, name, value] = secretOption.exec(word) ?? []
    if (name && value) return `${name}=${REDACTED}`
    const [, before, joined] = secretOption.exec(argv[at - 1] ?? '') ?? []
    // The next option is none's value.
    if (before && !joined && !word.startsWith('-')) return REDACTED
    return redact(word)
  })
}
