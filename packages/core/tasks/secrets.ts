import { createRedactor, REDACTED } from '../redaction/redact.ts'
import type { Task } from './task.ts'

const sounding =
  /token|secret|passw|passphrase|credential|auth|cookie|api.?key|private.?key|_key$|^key$/i

const isReference = (text: string): boolean => /^\$\{env:[^}]*\}$/.test(text)

/** Values that a person wrote into the tasks file although they should stand in `.env`. */
export const writtenSecrets = (task: Pick<Task, 'env' | 'http'>): string[] =>
  [...Object.entries(task.env), ...Object.entries(task.http?.headers ?? {})]
    .filter(([name, text]) => sounding.test(name) && !isReference(text))
    .map(([, text]) => text)

/** The task as it may be shown: such values are hidden, also in its command; references stay. */
export const withoutSecrets = <T extends Pick<Task, 'command' | 'env' | 'http'>>(task: T): T => ({
  ...task,
  command: task.command.map(redact),
  env: hide(task.env),
  http: task.http && {
    ...task.http,
    url: redact(task.http.url),
    headers: hide(task.http.headers),
    body: task.http.body === null ? null : redact(task.http.body),
  },
})

const redact = createRedactor()

const hide = (texts: Record<string, string>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(texts).map(([name, text]) => [
      name,
      sounding.test(name) && !isReference(text) ? REDACTED : text,
    ]),
  )
