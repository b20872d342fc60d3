import { createRedactor, type Redactor } from '../redaction/redact.ts'

/** What stands for output that could not be redacted: then only the exit code is kept. */
export const WITHHELD = '[output withheld: it could not be redacted]\n'

/** A redactor that gives WITHHELD where it would throw: nothing raw is ever stored. */
export const createCautiousRedactor = (secrets: Iterable<string> = []): Redactor => {
  try {
    const redact = createRedactor(secrets)
    return (text) => {
      try {
        return redact(text)
      } catch {
        // Whatever it was (a text too long, a pattern too deep), the text is not safe to keep.
        return WITHHELD
      }
    }
  } catch {
    // Secrets that cannot even be read: no text can be known to be free of them.
    return () => WITHHELD
  }
}
